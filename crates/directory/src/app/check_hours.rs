//! Whether hours are open at a time, and until when that stays so.

use chassis::{Caller, ErrorKind, Failure, TxError};
use contract::{
    Timestamp,
    directory::v1::{CheckHoursRequest, CheckHoursResponse},
};

use super::{App, BeginError};
use crate::{
    core::{
        entity::{Entity, Kind},
        hours::{HoursError, Schedule},
    },
    store,
};

/// Why hours could not be told.
#[derive(Debug, thiserror::Error)]
pub enum CheckHoursError {
    /// The tenant has none of that key.
    #[error("there are no hours {0:?}")]
    NotFound(String),
    /// What was applied can't be computed with any more.
    #[error("hours that were applied can't be computed")]
    Broken(#[from] HoursError),
    /// The database, or no tenant.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

impl From<TxError> for CheckHoursError {
    fn from(error: TxError) -> Self {
        Self::Begin(error.into())
    }
}

impl Failure for CheckHoursError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::Broken(_) => ErrorKind::Internal,
            Self::Begin(error) => error.kind(),
        }
    }
}

/// Tells whether hours are open; without a time: now.
pub async fn check_hours(
    app: &App,
    caller: &Caller,
    request: CheckHoursRequest,
) -> Result<CheckHoursResponse, CheckHoursError> {
    let at = request.at.map_or_else(|| app.clock.now(), Timestamp::from);
    let mut tx = app.begin(&caller.tenant).await?;
    let hours = store::entity::find(&mut tx, Kind::Hours, &request.hours).await?;
    let Some(Entity::Hours(hours)) = hours else { return Err(CheckHoursError::NotFound(request.hours)) };
    let tenant = store::tenant::find(&mut tx).await?.unwrap_or_default();
    let state = Schedule::of(&hours, &tenant.time_zone)?.state(at);
    Ok(CheckHoursResponse { open: state.open, changes_at: state.changes_at.map(Timestamp::to_proto) })
}
