//! Follows what other instances and services do, for the visitors connected here.

use std::sync::Arc;

use chassis::{Received, Start};
use contract::{Event, interaction::v1::Party, subject};
use futures::StreamExt as _;
use uuid::Uuid;

use super::{App, Update};

impl App {
    /// Follows the facts until the process stops.
    pub async fn follow_facts(self: Arc<Self>) -> anyhow::Result<()> {
        let filters = [
            ("interaction", "message_added"),
            ("interaction", "interaction_queued"),
            ("interaction", "interaction_connected"),
            ("interaction", "interaction_ended"),
            ("router", "offer_ended"),
            ("router", "interaction_assigned"),
            ("router", "interaction_diverted"),
            ("router", "interaction_transferred"),
            ("directory", "directory_changed"),
        ];
        let filters = filters.iter().map(|(context, name)| subject::events_named(context, name)).collect();
        let mut tail = self.bus.tail(filters, Start::Now);
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return Ok(()),
                received = tail.next() => self.heard(Arc::unwrap_or_clone(received)),
            }
        }
    }

    fn heard(&self, received: Received) {
        let envelope = received.envelope;
        match &envelope.event {
            Event::DirectoryChanged(_) => return self.entry_points.forget(&envelope.tenant_id),
            Event::InteractionQueued(_)
            | Event::InteractionEnded(_)
            | Event::OfferEnded(_)
            | Event::InteractionDiverted(_)
            | Event::InteractionTransferred(_)
            | Event::InteractionAssigned(_) => self.stirred.note(&envelope.tenant_id),
            _ => {}
        }
        // What this instance did itself was told when it was durable; connections drop what they have.
        let Ok(id) = Uuid::parse_str(&envelope.interaction_id) else { return };
        match envelope.event {
            Event::MessageAdded(added) => {
                if let Some(message) = added.message
                    && self.hub.has(id)
                {
                    self.hub.tell(id, &Update::Message(Arc::new(message)));
                }
            }
            Event::InteractionQueued(_) | Event::InteractionConnected(_) | Event::InteractionEnded(_) => {
                self.hub.tell(id, &Update::Poke);
            }
            _ => {}
        }
    }

    /// Follows the agents' signs of life until the process stops.
    pub async fn follow_signals(self: Arc<Self>) -> anyhow::Result<()> {
        let mut signals = self.bus.signals(subject::live_of_all("chat", "signal")).await?;
        loop {
            let received = tokio::select! {
                () = self.stop.cancelled() => return Ok(()),
                received = signals.next() => received,
            };
            let Some(received) = received else { anyhow::bail!("the subscription to signals ended") };
            if let Event::ConversationSignal(signal) = received.envelope.event
                && signal.party() == Party::Agent
                && let Ok(id) = Uuid::parse_str(&received.envelope.interaction_id)
            {
                self.hub.tell(id, &Update::Signal(signal));
            }
        }
    }
}
