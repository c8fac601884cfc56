//! A session goes on: a new access token, and a new refresh token in the place of the old one.
//!
//! A refresh token is good once. Whoever shows one that was used before has stolen it, or was stolen from: the session
//! ends for both.

use chassis::{ErrorKind, Fact, Failure, TxError};
use contract::directory::v1::{RefreshSessionRequest, RefreshSessionResponse, SessionRevoked};

use super::{App, BeginError, session};
use crate::{metrics::SESSIONS_REVOKED, store};

/// Why a session does not go on.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// Unknown, expired, revoked or of a user who may not sign in any more.
    #[error("the session is over, sign in again")]
    Over,
    /// The database, or no tenant.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

impl From<TxError> for RefreshError {
    fn from(error: TxError) -> Self {
        Self::Begin(error.into())
    }
}

impl Failure for RefreshError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Over => ErrorKind::Unauthenticated,
            Self::Begin(error) => error.kind(),
        }
    }
}

/// Refreshes the session.
pub async fn refresh_session(
    app: &App,
    request: RefreshSessionRequest,
) -> Result<RefreshSessionResponse, RefreshError> {
    let token = session::RefreshToken::parse(&request.refresh_token).ok_or(RefreshError::Over)?;
    let mut tx = app.begin(&token.tenant).await?;
    let found = store::session::lock(&mut tx, &token.session_id).await?.ok_or(RefreshError::Over)?;
    if found.revoked || found.expires_at <= app.clock.now() {
        return Err(RefreshError::Over);
    }
    if found.spent_hashes.contains(&token.hash) {
        store::session::revoke(&mut tx, &found.session_id).await?;
        tx.publish(Fact::of(SessionRevoked { session_id: found.session_id.clone() }));
        tx.commit().await?;
        SESSIONS_REVOKED.with_label_values(&["reused"]).inc();
        tracing::warn!(
            tenant.id = token.tenant,
            user.id = found.login,
            session.id = found.session_id,
            "a refresh token was used twice, its session is revoked"
        );
        return Err(RefreshError::Over);
    }
    if found.refresh_hash != token.hash {
        return Err(RefreshError::Over);
    }
    let account = store::account::with_login(&mut tx, &found.login).await?.pop();
    let account = account.filter(|account| !account.user.disabled).ok_or(RefreshError::Over)?;
    let is_agent = session::is_agent(&mut tx, &found.login).await?;
    let (refresh_token, refresh_hash) = session::RefreshToken::make(&token.tenant, &found.session_id);
    store::session::rotate(&mut tx, &found.session_id, &refresh_hash).await?;
    tx.commit().await?;
    let session =
        session::issue(app, &token.tenant, &account.user, is_agent, &found.session_id, refresh_token);
    Ok(RefreshSessionResponse { session: Some(session) })
}
