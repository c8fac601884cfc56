//! Who owns a number, a mailbox or a widget, and which entry point it leads to.

use chassis::{Caller, CallerError, ErrorKind, Failure, TxError};
use contract::directory::v1::{ResolveAddressRequest, ResolveAddressResponse};

use super::{App, BeginError};
use crate::{
    core::entity::{Entity, Kind},
    store,
};

/// Why an address leads nowhere.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// Nobody owns it.
    #[error("nobody owns this address")]
    NotFound,
    /// Several tenants have a widget of that key.
    #[error("several tenants have this entry point, name the tenant")]
    Ambiguous,
    /// Only services may ask.
    #[error(transparent)]
    Denied(#[from] CallerError),
    /// The database, or no tenant.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

impl From<TxError> for ResolveError {
    fn from(error: TxError) -> Self {
        Self::Begin(error.into())
    }
}

impl Failure for ResolveError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Ambiguous => ErrorKind::Precondition { reason: "TENANT_NEEDED" },
            Self::Denied(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }
}

/// Finds the entry point. A number may come without its "+".
pub async fn resolve_address(
    app: &App,
    caller: &Caller,
    request: ResolveAddressRequest,
) -> Result<ResolveAddressResponse, ResolveError> {
    caller.require(&[])?;
    let mut tx = app.begin_within(&request.tenant_id).await?;
    let mut owners = store::address::owners(&mut tx, request.channel, &request.address).await?;
    let is_bare_number =
        !request.address.is_empty() && request.address.bytes().all(|byte| byte.is_ascii_digit());
    if owners.is_empty() && is_bare_number {
        let number = format!("+{}", request.address);
        owners = store::address::owners(&mut tx, request.channel, &number).await?;
    }
    if owners.len() > 1 {
        return Err(ResolveError::Ambiguous);
    }
    let (tenant_id, key) = owners.pop().ok_or(ResolveError::NotFound)?;
    tx.enter(&tenant_id).await?;
    match store::entity::find(&mut tx, Kind::EntryPoint, &key).await? {
        Some(Entity::EntryPoint(entry_point)) => {
            Ok(ResolveAddressResponse { tenant_id, entry_point: Some(entry_point) })
        }
        _ => Err(ResolveError::NotFound),
    }
}
