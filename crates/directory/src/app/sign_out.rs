//! A person ends their session. What is over already, or never was, is over: no error.

use chassis::Fact;
use contract::directory::v1::{SessionRevoked, SignOutRequest, SignOutResponse};

use super::{App, BeginError, session};
use crate::{metrics::SESSIONS_REVOKED, store};

/// Ends the session that the refresh token belongs to, now or before it was replaced.
pub async fn sign_out(app: &App, request: SignOutRequest) -> Result<SignOutResponse, BeginError> {
    let Some(token) = session::RefreshToken::parse(&request.refresh_token) else {
        return Ok(SignOutResponse {});
    };
    let mut tx = app.begin(&token.tenant).await?;
    let Some(found) = store::session::lock(&mut tx, &token.session_id).await? else {
        return Ok(SignOutResponse {});
    };
    let is_owner = found.refresh_hash == token.hash || found.spent_hashes.contains(&token.hash);
    if is_owner && store::session::revoke(&mut tx, &found.session_id).await? {
        tx.publish(Fact::of(SessionRevoked { session_id: found.session_id.clone() }));
        tx.commit().await?;
        SESSIONS_REVOKED.with_label_values(&["signed-out"]).inc();
        tracing::info!(
            tenant.id = token.tenant,
            user.id = found.login,
            session.id = found.session_id,
            "signed out"
        );
    }
    Ok(SignOutResponse {})
}
