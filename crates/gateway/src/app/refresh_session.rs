//! A session goes on. The directory takes every refresh token once; the edge answers a repeat of a moment ago from memory, so
//! that a page loaded twice, or two tabs at once, do not look like theft.

use chassis::{ErrorKind, Failure};
use contract::directory::v1::{RefreshSessionRequest, Session};
use tonic::Status;

use super::sessions::Sessions;

/// Why the directory was not even asked.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RefreshError {
    /// Neither in the request nor in a cookie.
    #[error("nobody is signed in here")]
    NoToken,
}

impl Failure for RefreshError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Unauthenticated
    }
}

/// Renews the session of `refresh_token`.
pub async fn refresh_session(sessions: &Sessions, refresh_token: &str) -> Result<Session, Status> {
    if refresh_token.is_empty() {
        return Err(RefreshError::NoToken.status());
    }
    let renewal = sessions.renewal(refresh_token);
    renewal
        .get_or_try_init(async || {
            let request = RefreshSessionRequest { refresh_token: refresh_token.to_owned() };
            let response = sessions.directory().refresh_session(request).await?;
            response.into_inner().session.ok_or_else(|| Status::internal("internal error"))
        })
        .await
        .cloned()
}
