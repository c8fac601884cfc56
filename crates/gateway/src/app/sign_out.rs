//! A session ends.

use contract::directory::v1::SignOutRequest;
use tonic::Status;

use super::sessions::Sessions;

/// Ends the session of `refresh_token`; without one there is nothing to end.
pub async fn sign_out(sessions: &Sessions, refresh_token: &str) -> Result<(), Status> {
    if refresh_token.is_empty() {
        return Ok(());
    }
    sessions.forget(refresh_token);
    sessions.directory().sign_out(SignOutRequest { refresh_token: refresh_token.to_owned() }).await?;
    Ok(())
}
