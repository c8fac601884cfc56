//! `OfferMade`, `OfferEnded` and `InteractionTransferred` of calls held here, and changes of the directory that outdate what is remembered.

use chassis::Received;
use contract::{
    Event, Timestamp,
    router::v1::{OfferEnded, OfferMade, OfferOutcome},
};

use super::Voice;
use crate::core::call::{Input, OfferEnd};

impl Voice {
    /// Passes news of the router to the call they are about; most are about calls of others.
    pub fn on_router_event(&self, received: Received) {
        let interaction_id = received.envelope.interaction_id;
        match received.envelope.event {
            Event::OfferMade(offer) => self.on_offer_made(&interaction_id, offer),
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
        let input = Input::OfferMade { offer_id: offer.offer_id, agent_id: offer.agent_id, expires_in_ms };
        self.calls.tell(interaction_id, input);
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
