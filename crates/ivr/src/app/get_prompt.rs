//! The bytes of a recording, for the telephone.

use chassis::{Caller, CallerError, ErrorKind, Failure, TxError};
use contract::{
    directory::v1::Role,
    ivr::v1::{GetPromptRequest, GetPromptResponse},
};

use super::{App, BeginError};
use crate::store;

/// Why there are no bytes.
#[derive(Debug, thiserror::Error)]
pub enum GetPromptError {
    /// Nothing, or nothing any more, is named so.
    #[error("there is no such recording")]
    NotFound,
    /// Only services and administrators may ask.
    #[error(transparent)]
    Denied(#[from] CallerError),
    /// The database, or no tenant.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

impl From<TxError> for GetPromptError {
    fn from(error: TxError) -> Self {
        Self::Begin(error.into())
    }
}

impl Failure for GetPromptError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Denied(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }
}

/// Reads a recording.
pub async fn get_prompt(
    app: &App,
    caller: &Caller,
    request: GetPromptRequest,
) -> Result<GetPromptResponse, GetPromptError> {
    caller.require(&[Role::Administrator])?;
    let mut tx = app.begin(&caller.tenant).await?;
    let wav = store::prompt::wav(&mut tx, &request.audio).await?.ok_or(GetPromptError::NotFound)?;
    Ok(GetPromptResponse { wav })
}
