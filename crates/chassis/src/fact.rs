//! A fact on its way out, before it is sealed in an envelope.

use contract::{Envelope, Event};

use crate::{
    clock::{Clock, Ids},
    telemetry,
};

/// Something that happened, to be published by [`crate::Tx::publish`] or [`crate::Bus::publish`].
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    event: Event,
    message_id: String,
    tenant_id: String,
    interaction_id: String,
    causation_id: String,
}

impl Fact {
    /// A fact about nothing in particular yet.
    pub fn of(event: impl Into<Event>) -> Self {
        Self {
            event: event.into(),
            message_id: String::new(),
            tenant_id: String::new(),
            interaction_id: String::new(),
            causation_id: String::new(),
        }
    }

    /// Fixes the message id, so that a retry is the same message.
    #[must_use]
    pub fn id(mut self, message_id: impl Into<String>) -> Self {
        self.message_id = message_id.into();
        self
    }

    /// Names the tenant; needed outside transactions.
    #[must_use]
    pub fn tenant(mut self, tenant_id: impl Into<String>) -> Self {
        self.tenant_id = tenant_id.into();
        self
    }

    /// Names the interaction it is about.
    #[must_use]
    pub fn interaction(mut self, interaction_id: impl Into<String>) -> Self {
        self.interaction_id = interaction_id.into();
        self
    }

    /// Names the message that caused it.
    #[must_use]
    pub fn caused_by(mut self, message_id: impl Into<String>) -> Self {
        self.causation_id = message_id.into();
        self
    }

    /// What happened.
    pub fn event(&self) -> &Event {
        &self.event
    }

    pub(crate) fn seal(self, tenant: &str, producer: &str, clock: &Clock, ids: Ids) -> Envelope {
        let now = clock.now();
        Envelope {
            message_id: if self.message_id.is_empty() { ids.new_id(now) } else { self.message_id },
            tenant_id: if self.tenant_id.is_empty() { tenant.to_owned() } else { self.tenant_id },
            interaction_id: self.interaction_id,
            causation_id: self.causation_id,
            occurred_at: now,
            producer: producer.to_owned(),
            traceparent: telemetry::current_traceparent(),
            event: self.event,
        }
    }
}
