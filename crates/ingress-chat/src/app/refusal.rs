//! Why a call of an agent, supervisor or service is not carried out.

use chassis::{CallerError, ErrorKind, Failure, TxError};

use super::{AttachmentError, CommandError};
use crate::core::Refusal;

/// Error of every RPC of `ChatService`.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// Nobody, or without the role.
    #[error(transparent)]
    Caller(#[from] CallerError),
    /// A field that can't be right.
    #[error("{field} {reason}")]
    Invalid { field: &'static str, reason: String },
    /// The conversation did not take it.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The file did not fit.
    #[error(transparent)]
    Attachment(#[from] AttachmentError),
    /// The database is away.
    #[error(transparent)]
    Away(#[from] TxError),
}

impl AgentError {
    pub(crate) fn invalid(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Invalid { field, reason: reason.into() }
    }
}

impl From<Refusal> for AgentError {
    fn from(refusal: Refusal) -> Self {
        Self::Command(refusal.into())
    }
}

impl Failure for AgentError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Caller(error) => error.kind(),
            Self::Invalid { field, .. } => ErrorKind::Invalid { field },
            Self::Away(error) => error.kind(),
            Self::Attachment(error) => error.kind(),
            Self::Command(error) => match error {
                CommandError::NotFound => ErrorKind::NotFound,
                CommandError::Unavailable => ErrorKind::Unavailable,
                CommandError::UnknownAttachment(_) => ErrorKind::Invalid { field: "attachment_ids" },
                CommandError::Refused(refusal) => match refusal {
                    Refusal::Ended => ErrorKind::Precondition { reason: "CONVERSATION_ENDED" },
                    Refusal::NotConnected => ErrorKind::Precondition { reason: "NOT_CONNECTED" },
                    Refusal::NotYours => ErrorKind::Denied,
                    Refusal::Empty => ErrorKind::Invalid { field: "text" },
                    Refusal::NothingAsked | Refusal::UnknownChoice | Refusal::NoForm => {
                        ErrorKind::Invalid { field: "value" }
                    }
                },
            },
        }
    }
}
