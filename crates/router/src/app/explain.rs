//! `Explain`: every decision made about an interaction, and how it looks now.

use chassis::{Caller, ErrorKind, Failure, TxError};
use contract::router::v1::{ExplainResponse, Work, WorkState};

use super::{App, RequestError, check_interaction_id, convert};
use crate::store::offers;

/// Why there is no explanation.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExplainError {
    /// The request itself is wrong.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The router has never heard of it, or forgot it.
    #[error("the router knows no interaction {0:?}")]
    Unknown(String),
    /// Past decisions can't be read.
    #[error(transparent)]
    Store(#[from] TxError),
}

impl Failure for ExplainError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Request(error) => error.kind(),
            Self::Unknown(_) => ErrorKind::NotFound,
            Self::Store(error) => error.kind(),
        }
    }
}

impl App {
    /// Past offers, oldest first, and how the router sees the interaction now.
    pub(crate) async fn explain(
        &self,
        caller: &Caller,
        interaction_id: &str,
    ) -> Result<ExplainResponse, ExplainError> {
        let interaction = check_interaction_id(interaction_id)?;
        let interaction_id = convert::interaction_text(interaction);
        let mut tx = self.db.begin(&caller.tenant).await?;
        let offers = offers::of_interaction(&mut tx, &interaction_id).await?;
        let tenant = caller.tenant.as_str().into();
        let partition = self.replica.of_tenant(&caller.tenant);
        let work = partition.router.work(&tenant, interaction);
        let now = partition.router.explain(&tenant, interaction);
        drop(partition);
        if work.is_none() && offers.is_empty() {
            return Err(ExplainError::Unknown(interaction_id));
        }
        let closed = || Work {
            interaction_id: interaction_id.clone(),
            state: WorkState::Closed as i32,
            ..Work::default()
        };
        Ok(ExplainResponse {
            work: Some(work.as_ref().map_or_else(closed, convert::views::work)),
            offers,
            now: now.as_ref().map(convert::outputs::decision_of),
            interaction_id,
        })
    }
}
