//! What the router says of calls held here: `OfferMade`, `OfferEnded`, `InteractionTransferred`, `InteractionDiverted`,
//! `CallbackDue`; and changes of the directory that outdate what is remembered.

use std::sync::Arc;

use chassis::Received;
use contract::{
    Event, Timestamp,
    directory::v1::AlternativeKind,
    interaction::v1::Channel,
    router::v1::{InteractionDiverted, OfferEnded, OfferMade, OfferOutcome},
};

use super::Voice;
use crate::core::call::{Diversion, Input, OfferEnd};

impl Voice {
    /// Passes news of the router to the call they are about; most are about calls of others.
    pub fn on_router_event(self: &Arc<Self>, received: Received) {
        let interaction_id = received.envelope.interaction_id;
        let tenant = received.envelope.tenant_id;
        match received.envelope.event {
            Event::OfferMade(offer)
                if offer.callback
                    && offer.channel() == Channel::Voice
                    && self.calls.get(&interaction_id).is_none() =>
            {
                self.on_callback_offered(&tenant, &interaction_id, offer);
            }
            Event::OfferMade(offer) => self.on_offer_made(&interaction_id, offer),
            Event::CallbackDue(due) => self.on_callback_due(&tenant, &interaction_id, due),
            Event::InteractionDiverted(diverted) if self.calls.get(&interaction_id).is_some() => {
                self.on_diverted(&interaction_id, diverted);
            }
            Event::OfferEnded(ended) => self.on_offer_ended(&interaction_id, ended),
            Event::InteractionTransferred(moved)
                if !moved.from_agent_id.is_empty() && self.calls.get(&interaction_id).is_some() =>
            {
                self.calls.tell(&interaction_id, Input::Moved { queue: moved.queue });
            }
            Event::DirectoryChanged(_) => self.entry_points.forget(),
            _ => {}
        }
    }

    fn on_offer_made(&self, interaction_id: &str, offer: OfferMade) {
        if self.calls.get(interaction_id).is_none() {
            return;
        }
        let left = offer.expires_at.map_or(0, |at| Timestamp::from(at) - self.clock.now());
        let expires_in_ms = u64::try_from(left).unwrap_or(0);
        let OfferMade { offer_id, agent_id, whisper, .. } = offer;
        let input = Input::OfferMade { offer_id, agent_id, expires_in_ms, whisper };
        self.calls.tell(interaction_id, input);
    }

    fn on_diverted(&self, interaction_id: &str, diverted: InteractionDiverted) {
        let word = diverted.word.clone();
        let to = match diverted.to() {
            AlternativeKind::Queue => Diversion::Queue(diverted.to_queue),
            AlternativeKind::Voicemail => Diversion::Voicemail,
            AlternativeKind::Callback => Diversion::Callback,
            AlternativeKind::Disconnect => Diversion::Farewell,
            AlternativeKind::AnyAgent | AlternativeKind::Unspecified => return,
        };
        self.calls.tell(interaction_id, Input::Diverted { to, word });
    }

    fn on_offer_ended(&self, interaction_id: &str, ended: OfferEnded) {
        if self.calls.get(interaction_id).is_none() {
            return;
        }
        let end = match ended.outcome() {
            OfferOutcome::Accepted => OfferEnd::Accepted,
            _ => OfferEnd::Over,
        };
        self.calls.tell(interaction_id, Input::OfferEnded { offer_id: ended.offer_id, end });
    }
}
