//! Removes a recorded prompt. Flows that name it say their text instead.

use chassis::{Caller, CallerError, ErrorKind, Failure, TxError};
use contract::{
    directory::v1::Role,
    ivr::v1::{DeletePromptRequest, DeletePromptResponse},
};

use super::{App, BeginError};
use crate::store;

/// Why a prompt was not removed.
#[derive(Debug, thiserror::Error)]
pub enum DeletePromptError {
    /// There is none.
    #[error("there is no prompt {0:?} in that language")]
    NotFound(String),
    /// Not the role for it.
    #[error(transparent)]
    Denied(#[from] CallerError),
    /// The database, or no tenant.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

impl From<TxError> for DeletePromptError {
    fn from(error: TxError) -> Self {
        Self::Begin(error.into())
    }
}

impl Failure for DeletePromptError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::Denied(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }
}

/// Removes a prompt.
pub async fn delete_prompt(
    app: &App,
    caller: &Caller,
    request: DeletePromptRequest,
) -> Result<DeletePromptResponse, DeletePromptError> {
    caller.require(&[Role::Administrator])?;
    let mut tx = app.begin(&caller.tenant).await?;
    if !store::prompt::delete(&mut tx, &request.key, &request.language).await? {
        return Err(DeletePromptError::NotFound(request.key));
    }
    tx.commit().await?;
    app.prompts.forget(&caller.tenant);
    tracing::info!(tenant.id = caller.tenant, user.id = caller.user, prompt = request.key, "prompt removed");
    Ok(DeletePromptResponse {})
}
