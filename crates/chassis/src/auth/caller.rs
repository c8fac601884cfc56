//! The verified caller of a request.

use contract::directory::v1::Role;
use tonic::{Request, Status};

use super::{Auth, Claims};
use crate::error::{ErrorKind, Failure};

/// Who is calling, as the token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub tenant: String,
    /// Key of the user, or name of the service.
    pub user: String,
    pub name: String,
    pub roles: Vec<Role>,
    /// Id of the session, empty for services.
    pub session: String,
}

/// Why a caller may not do something.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CallerError {
    /// No token came along.
    #[error("sign in first: the request carries no access token")]
    Anonymous,
    /// The roles do not suffice.
    #[error("this needs the role {0}")]
    Missing(String),
}

impl Failure for CallerError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Anonymous => ErrorKind::Unauthenticated,
            Self::Missing(_) => ErrorKind::Denied,
        }
    }
}

impl From<CallerError> for Status {
    fn from(error: CallerError) -> Self {
        error.status()
    }
}

impl Caller {
    /// The caller of a request.
    pub fn of<T>(request: &Request<T>) -> Result<&Self, CallerError> {
        request.extensions().get::<Self>().ok_or(CallerError::Anonymous)
    }

    /// Checks that the caller has one of `roles`; services pass always.
    pub fn require(&self, roles: &[Role]) -> Result<(), CallerError> {
        if self.is_service() || self.has(roles) {
            return Ok(());
        }
        let names: Vec<&str> =
            roles.iter().map(|role| role.as_str_name().trim_start_matches("ROLE_")).collect();
        Err(CallerError::Missing(names.join(" or ").to_lowercase()))
    }

    /// True when the caller has one of `roles`.
    pub fn has(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }

    /// True for another service of the centre.
    pub fn is_service(&self) -> bool {
        self.roles.contains(&Role::Service)
    }
}

impl From<Claims> for Caller {
    fn from(claims: Claims) -> Self {
        Self {
            tenant: claims.tenant,
            user: claims.user,
            name: claims.name,
            roles: claims.roles.into_iter().filter_map(|role| Role::try_from(role).ok()).collect(),
            session: claims.session,
        }
    }
}

/// Puts the caller into the request; a request without a token passes as nobody, one with a bad token does not pass.
pub(crate) fn authenticate(auth: &Auth, mut request: Request<()>) -> Result<Request<()>, Status> {
    let header = request.metadata().get("authorization").and_then(|value| value.to_str().ok());
    if let Some(token) = header.and_then(|header| header.strip_prefix("Bearer ")) {
        let caller = auth.verify(token).map_err(|error| error.status())?;
        request.extensions_mut().insert(caller);
    }
    Ok(request)
}
