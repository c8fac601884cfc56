//! Ending a call from the desktop: the request goes to the instance that holds the line.

use std::time::Duration;

use chassis::{ErrorKind, Failure, TxError};
use contract::{
    subject,
    voice::v1::{CommandReply, HangUpCommand},
};
use prost::Message as _;
use thiserror::Error;
use tokio::sync::oneshot;

use super::{Voice, call::Note};
use crate::store::live_calls;

/// A stale command is worse than none.
const DEADLINE: Duration = Duration::from_secs(2);
/// Word for a call that is over, in replies and errors.
const CALL_GONE: &str = "CALL_GONE";
/// Word for a call of somebody else.
const NOT_YOURS: &str = "NOT_YOURS";

/// Why a call was not ended.
#[derive(Debug, Error)]
pub enum HangUpError {
    /// It is over, or was never there.
    #[error("the call is over")]
    Gone,
    /// An agent may end only their own call.
    #[error("the call is another agent's")]
    NotYours,
    /// Its instance does not answer.
    #[error("the instance that holds the call does not answer")]
    NoAnswer,
    /// The table can't be read.
    #[error("calls can't be looked up")]
    Store(#[from] TxError),
}

impl Failure for HangUpError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Gone => ErrorKind::Precondition { reason: CALL_GONE },
            Self::NotYours => ErrorKind::Precondition { reason: NOT_YOURS },
            Self::NoAnswer | Self::Store(_) => ErrorKind::Unavailable,
        }
    }
}

impl Voice {
    /// Ends a call of the tenant, wherever it is held. `actor` is the agent who asks; empty for a supervisor, who may
    /// end any call.
    pub async fn hang_up(&self, tenant: &str, interaction_id: &str, actor: &str) -> Result<(), HangUpError> {
        if self.calls.get(interaction_id).is_some_and(|call| call.tenant == tenant) {
            return self.hang_up_here(tenant, interaction_id, actor).await;
        }
        let instance =
            live_calls::holder(&self.db, tenant, interaction_id).await?.ok_or(HangUpError::Gone)?;
        if instance == self.instance {
            return Err(HangUpError::Gone);
        }
        let command = HangUpCommand {
            tenant_id: tenant.to_owned(),
            interaction_id: interaction_id.to_owned(),
            actor: actor.to_owned(),
        };
        let request = self
            .bus
            .nats()
            .request(subject::command("voice", "hang_up", &instance), command.encode_to_vec().into());
        let answer = tokio::time::timeout(DEADLINE, request).await.map_err(|_| HangUpError::NoAnswer)?;
        let answer = answer.map_err(|_| HangUpError::NoAnswer)?;
        let reply = CommandReply::decode(answer.payload).map_err(|_| HangUpError::NoAnswer)?;
        match (reply.ok, reply.reason.as_str()) {
            (true, _) => Ok(()),
            (false, NOT_YOURS) => Err(HangUpError::NotYours),
            (false, _) => Err(HangUpError::Gone),
        }
    }

    /// Ends a call held here.
    pub async fn hang_up_here(
        &self,
        tenant: &str,
        interaction_id: &str,
        actor: &str,
    ) -> Result<(), HangUpError> {
        let call =
            self.calls.get(interaction_id).filter(|call| call.tenant == tenant).ok_or(HangUpError::Gone)?;
        let (answer, answered) = oneshot::channel();
        let note = Note::HangUp { actor: actor.to_owned(), answer };
        call.mailbox.send_timeout(note, DEADLINE).await.map_err(|_| HangUpError::Gone)?;
        match tokio::time::timeout(DEADLINE, answered).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(HangUpError::NotYours),
            Ok(Err(_)) => Err(HangUpError::Gone),
            Err(_) => Err(HangUpError::NoAnswer),
        }
    }

    /// Answers a command of another instance.
    pub async fn on_hang_up_command(&self, payload: &[u8]) -> Vec<u8> {
        let outcome = match HangUpCommand::decode(payload) {
            Ok(command) => {
                self.hang_up_here(&command.tenant_id, &command.interaction_id, &command.actor).await
            }
            Err(_) => Err(HangUpError::Gone),
        };
        let reply = match outcome {
            Ok(()) => CommandReply { ok: true, ..CommandReply::default() },
            Err(error) => {
                let reason = if matches!(error, HangUpError::NotYours) { NOT_YOURS } else { CALL_GONE };
                CommandReply { ok: false, reason: reason.to_owned(), detail: error.to_string(), call: None }
            }
        };
        reply.encode_to_vec()
    }
}
