//! Whose extension was dialled.

use chassis::{Caller, CallerError, ErrorKind, Failure, TxError};
use contract::directory::v1::{FindExtensionRequest, FindExtensionResponse};

use super::{App, BeginError};
use crate::store;

/// Why an extension leads nowhere.
#[derive(Debug, thiserror::Error)]
pub enum FindExtensionError {
    /// Nobody has it.
    #[error("nobody has this extension")]
    NotFound,
    /// Extensions are a tenant's own.
    #[error("tenant_id is missing")]
    NoTenant,
    /// Only services may ask.
    #[error(transparent)]
    Denied(#[from] CallerError),
    /// The database, or no tenant.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

impl From<TxError> for FindExtensionError {
    fn from(error: TxError) -> Self {
        Self::Begin(error.into())
    }
}

impl Failure for FindExtensionError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::NoTenant => ErrorKind::Invalid { field: "tenant_id" },
            Self::Denied(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }
}

/// Finds the agent.
pub async fn find_extension(
    app: &App,
    caller: &Caller,
    request: FindExtensionRequest,
) -> Result<FindExtensionResponse, FindExtensionError> {
    caller.require(&[])?;
    if request.tenant_id.is_empty() {
        return Err(FindExtensionError::NoTenant);
    }
    let mut tx = app.begin_within(&request.tenant_id).await?;
    let agent_id =
        store::extension::owner(&mut tx, &request.extension).await?.ok_or(FindExtensionError::NotFound)?;
    Ok(FindExtensionResponse { agent_id })
}
