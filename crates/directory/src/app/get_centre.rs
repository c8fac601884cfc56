//! The whole configuration of the caller's tenant, without secrets.

use chassis::{Caller, ErrorKind, Failure, TxError};
use contract::directory::v1::{Centre, GetCentreResponse, Role};

use super::{App, BeginError};
use crate::{core::edit::versions, store};

/// Why there is no centre to show.
#[derive(Debug, thiserror::Error)]
pub enum GetCentreError {
    /// Nothing was applied yet.
    #[error("nothing is configured for this tenant yet")]
    NotFound,
    /// The database, or no tenant.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

impl From<TxError> for GetCentreError {
    fn from(error: TxError) -> Self {
        Self::Begin(error.into())
    }
}

impl Failure for GetCentreError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Begin(error) => error.kind(),
        }
    }
}

/// The centre, with the version of each thing in it; callers who are agents and nothing more see no other people's accounts.
pub async fn get_centre(app: &App, caller: &Caller) -> Result<GetCentreResponse, GetCentreError> {
    let mut tx = app.begin(&caller.tenant).await?;
    let mut centre: Centre = store::load(&mut tx).await?.centre;
    if centre.tenant.is_none() {
        return Err(GetCentreError::NotFound);
    }
    if caller.roles.iter().all(|role| *role == Role::Agent) {
        centre.users.retain(|user| user.key == caller.user);
    }
    let versions = versions(&centre);
    Ok(GetCentreResponse { centre: Some(centre), versions })
}
