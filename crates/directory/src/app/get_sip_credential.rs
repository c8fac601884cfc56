//! What the registrar needs to verify an agent's telephone.

use chassis::{Caller, CallerError, ErrorKind, Failure, TxError};
use contract::directory::v1::{GetSipCredentialRequest, GetSipCredentialResponse};

use super::{App, BeginError, sip_digest::REALM};
use crate::store;

/// Why there is no digest.
#[derive(Debug, thiserror::Error)]
pub enum GetSipCredentialError {
    /// No agent of that name who has a password and may sign in.
    #[error("nobody may register this telephone")]
    NotFound,
    /// Several tenants have an agent of that name.
    #[error("several tenants have this user, name the tenant")]
    Ambiguous,
    /// Only services may ask.
    #[error(transparent)]
    Denied(#[from] CallerError),
    /// The database, or no tenant.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

impl From<TxError> for GetSipCredentialError {
    fn from(error: TxError) -> Self {
        Self::Begin(error.into())
    }
}

impl Failure for GetSipCredentialError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Ambiguous => ErrorKind::Precondition { reason: "TENANT_NEEDED" },
            Self::Denied(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }
}

/// The digests of an agent.
pub async fn get_sip_credential(
    app: &App,
    caller: &Caller,
    request: GetSipCredentialRequest,
) -> Result<GetSipCredentialResponse, GetSipCredentialError> {
    caller.require(&[])?;
    let mut tx = app.begin_within(&request.tenant_id).await?;
    let mut accounts = store::account::with_login(&mut tx, &request.username).await?;
    if accounts.len() > 1 {
        return Err(GetSipCredentialError::Ambiguous);
    }
    let account = accounts.pop().ok_or(GetSipCredentialError::NotFound)?;
    if account.user.disabled || account.credential.sip_ha1_sha256.is_empty() {
        return Err(GetSipCredentialError::NotFound);
    }
    Ok(GetSipCredentialResponse {
        tenant_id: account.tenant,
        agent_id: account.user.key,
        realm: REALM.to_owned(),
        ha1_md5: account.credential.sip_ha1_md5,
        ha1_sha256: account.credential.sip_ha1_sha256,
    })
}
