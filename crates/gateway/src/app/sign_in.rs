//! Sign-in at the edge: limits by address and login first, then the directory decides.

use chassis::{ErrorKind, Failure};
use contract::directory::v1::{Session, SignInRequest};
use tonic::{Code, Status};

use super::sessions::Sessions;
use crate::metrics::SIGN_INS;

const LONGEST_LOGIN: usize = 200;
const LONGEST_PASSWORD: usize = 1_000;

/// Why the directory was not even asked.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SignInError {
    /// Too many failures from this address or for this login.
    #[error("too many failed sign-ins, wait a minute and try again")]
    Limited,
    /// No account has such a login.
    #[error("must have 1 to 200 characters")]
    Login,
    /// No account has such a password.
    #[error("must have at most 1000 characters")]
    Password,
}

impl Failure for SignInError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Limited => ErrorKind::Exhausted,
            Self::Login => ErrorKind::Invalid { field: "login" },
            Self::Password => ErrorKind::Invalid { field: "password" },
        }
    }
}

/// Signs in from `address`. A success costs nothing; a failure counts against both.
pub async fn sign_in(sessions: &Sessions, address: &str, request: SignInRequest) -> Result<Session, Status> {
    if request.login.trim().is_empty() || request.login.chars().count() > LONGEST_LOGIN {
        return Err(SignInError::Login.status());
    }
    if request.password.chars().count() > LONGEST_PASSWORD {
        return Err(SignInError::Password.status());
    }
    let login = format!("{}/{}", request.tenant_id.trim(), request.login.trim().to_lowercase());
    if !take(sessions, address, &login) {
        SIGN_INS.with_label_values(&["limited"]).inc();
        return Err(SignInError::Limited.status());
    }
    match sessions.directory().sign_in(request).await {
        Ok(response) => {
            give_back(sessions, address, &login);
            SIGN_INS.with_label_values(&["accepted"]).inc();
            response.into_inner().session.ok_or_else(|| Status::internal("internal error"))
        }
        Err(status) => {
            let refused = status.code() == Code::Unauthenticated;
            if !refused {
                give_back(sessions, address, &login);
            }
            SIGN_INS.with_label_values(&[if refused { "refused" } else { "failed" }]).inc();
            Err(status)
        }
    }
}

fn take(sessions: &Sessions, address: &str, login: &str) -> bool {
    let now = sessions.clock.now();
    let mut limits = sessions.limits();
    if !limits.per_address.take(now, address) {
        return false;
    }
    let allowed = limits.per_login.take(now, login);
    if !allowed {
        limits.per_address.give_back(address);
    }
    allowed
}

fn give_back(sessions: &Sessions, address: &str, login: &str) {
    let mut limits = sessions.limits();
    limits.per_address.give_back(address);
    limits.per_login.give_back(login);
}
