//! An outgoing call: the interaction is announced and queued for the agent who wants it; their phone rings, then the
//! number is called.

use std::sync::Arc;

use chassis::{ErrorKind, Failure};
use contract::{
    interaction::v1::{Channel, CustomerAddress, Direction, InteractionStarted},
    voice::v1::DialRequest,
};
use thiserror::Error;
use tokio::sync::mpsc;

use super::trunks::DialRefusal;
use super::{
    Voice,
    call::{Beginning, CallTask, Identity},
    start_call::MEDIA_MAILBOX,
};
use crate::core::{call::Call, number::written};

/// Longest key or label, in characters.
const TEXT: usize = 64;

/// Why nobody is called.
#[derive(Debug, Error)]
pub enum DialError {
    /// A field is wrong.
    #[error("{field} {reason}")]
    Field {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Not this number, or not now.
    #[error("{0}")]
    Refused(#[from] DialRefusal),
    /// As many calls as the configuration allows, or the process is stopping.
    #[error("no call can be made now")]
    Full,
}

impl Failure for DialError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Field { field, .. } => ErrorKind::Invalid { field },
            Self::Refused(DialRefusal::NotAllowed) => ErrorKind::Precondition { reason: "NOT_ALLOWED" },
            Self::Refused(DialRefusal::TooMany) => ErrorKind::Precondition { reason: "TOO_MANY" },
            Self::Full => ErrorKind::Unavailable,
        }
    }
}

impl Voice {
    /// Begins an outgoing call of `agent`; the interaction's id.
    pub async fn dial(
        self: &Arc<Self>,
        tenant: &str,
        agent: &str,
        request: DialRequest,
    ) -> Result<String, DialError> {
        let wrong = |field, reason| DialError::Field { field, reason };
        let number = written(&request.number, self.config.country)
            .ok_or(wrong("number", "must be a telephone number with its country code"))?;
        if request.queue.is_empty() || request.queue.len() > TEXT {
            return Err(wrong("queue", "must name a queue"));
        }
        if self.stopping.is_cancelled() || self.calls.len() >= self.config.max_calls {
            return Err(DialError::Full);
        }
        self.may_dial(tenant, agent, &number)?;
        let label: String =
            request.label.chars().filter(|character| !character.is_control()).take(TEXT).collect();
        let customer = CustomerAddress {
            phone: number.clone(),
            display_name: label.clone(),
            ..CustomerAddress::default()
        };
        let now = self.clock.now();
        let interaction_id = self.ids.new_id(now);
        let started = InteractionStarted {
            channel: Channel::Voice.into(),
            direction: Direction::Outbound.into(),
            entry_point: String::new(),
            customer: Some(customer.clone()),
            to_address: number.clone(),
            instance: self.holder(),
            started_at: Some(now.to_proto()),
        };
        self.facts.publish(tenant, &interaction_id, "started", started);
        tracing::info!(interaction.id = interaction_id, agent.id = agent, "outgoing call begun");
        let (call, effects) = Call::dial(self.config.call(), agent, &request.queue);
        let (events, heard) = mpsc::channel(MEDIA_MAILBOX);
        let beginning = Beginning {
            identity: Identity {
                interaction_id: interaction_id.clone(),
                tenant: tenant.to_owned(),
                entry_point: String::new(),
                flow: String::new(),
                label: if label.is_empty() { number } else { label },
                customer,
                caller_id: request.caller_id,
                colleague: None,
            },
            media: self.engine.for_call(),
            call: (
                call.recorded_by(self.config.recording.policy(tenant, ""))
                    .answered_by(self.config.answering.policy(tenant, &request.queue)),
                effects,
            ),
            customer: None,
            heard,
            events,
        };
        tokio::spawn(CallTask::new(Arc::clone(self), beginning).run());
        Ok(interaction_id)
    }
}
