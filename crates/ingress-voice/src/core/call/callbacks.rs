//! Call-backs. The customer gives up the line: the router keeps the place, and the call ends as a wish. And the call that
//! comes of it: the agent's phone rings as for any offer, then the customer is dialled.
//!
//! - V16: a call-back ends as an interaction only after the customer was on the line; before that the router is told that
//!   the attempt came to nothing, or knows it already.

use contract::interaction::v1::{EndReason, Party};
use ingress::{Prompt, Queue};

use super::{
    Call, OfferStage, Phase, Settings,
    events::{Effect, FlowInput, Missed, Timer},
};
use crate::core::speech;

/// Who wants a call-back to be arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// The customer, by a key while waiting.
    Key,
    /// The flow.
    Flow,
    /// The queue, which does not serve the call.
    Diverted,
}

/// How long the number is waited for once the agent has the call-back, in milliseconds.
const DUE_MS: u64 = 10_000;

impl Call {
    /// A call-back that the router offers to somebody. The offer itself comes next, as an input.
    #[must_use]
    pub fn call_back(settings: Settings, agent: &str, queue: &str) -> Self {
        let mut call = Self::new(settings);
        call.outgoing = Some(agent.to_owned());
        call.calling_back = Some(String::new());
        call.flow_over = true;
        call.queue = Some(Queue { queue: queue.to_owned(), ..Queue::default() });
        call.phase = Phase::Waiting { announcing: None };
        call
    }

    /// It is a call-back whose customer is not on the line yet.
    #[must_use]
    pub fn is_calling_back(&self) -> bool {
        self.calling_back.is_some()
    }

    /// The flow wants a call-back.
    pub(super) fn ask_for_callback(&mut self, place: ingress::Callback, effects: &mut Vec<Effect>) {
        self.phase = Phase::Deciding;
        self.arranging = Some(Wish::Flow);
        effects.push(Effect::ArrangeCallback { number: place.number.clone(), place: Some(place) });
    }

    /// Whether the call-back that was asked for is arranged.
    pub(super) fn callback_known(&mut self, arranged: bool, effects: &mut Vec<Effect>) {
        let Some(wish) = self.arranging.take() else { return };
        if self.customer_gone {
            let reason = match (arranged, wish) {
                (true, _) => EndReason::CallbackRequested,
                (false, Wish::Key) => EndReason::Abandoned,
                (false, Wish::Flow) => self.concluded.unwrap_or(EndReason::LeftInFlow),
                (false, Wish::Diverted) => EndReason::Diverted,
            };
            return self.end(reason, Party::Customer, String::new(), effects);
        }
        if wish == Wish::Flow {
            if arranged {
                self.concluded = Some(EndReason::CallbackRequested);
            }
            return effects.push(Effect::Advance(FlowInput::Done(arranged)));
        }
        if !matches!(self.phase, Phase::Waiting { .. }) {
            return;
        }
        match (arranged, wish) {
            (true, _) => {
                let own = self.queue.as_ref().and_then(|queue| queue.callback.as_ref());
                let own = own.map(|offer| offer.text.clone()).filter(|prompt| !prompt.text.is_empty());
                let word = own.unwrap_or_else(|| Prompt::text(speech::CALLED_BACK));
                self.conclude(EndReason::CallbackRequested, word, effects);
            }
            (false, Wish::Diverted) => self.say_farewell(effects),
            (false, _) if self.offer.is_none() => {
                let token = self.say(speech::NOT_CALLED_BACK.to_owned(), effects);
                self.phase = Phase::Waiting { announcing: Some(token) };
            }
            (false, _) => {}
        }
    }

    /// The router says whom to dial.
    pub(super) fn callback_due(&mut self, phone: String, effects: &mut Vec<Effect>) {
        if let Some(known) = &mut self.calling_back {
            *known = phone;
            if let Phase::Reserved { agent_id, offer_id } = &self.phase {
                let (agent_id, offer_id) = (agent_id.clone(), offer_id.clone());
                self.dial_customer(agent_id, offer_id, effects);
            }
        }
    }

    /// The agent is on the line: the customer is dialled, as soon as it is known whom.
    pub(super) fn dial_customer(&mut self, agent_id: String, offer_id: String, effects: &mut Vec<Effect>) {
        let due = self.calling_back.as_ref().is_none_or(|phone| !phone.is_empty());
        self.phase =
            if due { Phase::Dialling { agent_id, offer_id } } else { Phase::Reserved { agent_id, offer_id } };
        self.arrange(effects);
        if due {
            return effects.push(Effect::Dial);
        }
        self.last_token += 1;
        effects.push(Effect::Start(Timer::Due(self.last_token), DUE_MS));
    }

    pub(super) fn customer_failed(&mut self, missed: Missed, detail: String, effects: &mut Vec<Effect>) {
        if self.calling_back.is_some() {
            return self.not_reached(missed, detail, effects);
        }
        self.not_dialled(detail, effects);
    }

    /// An outgoing call that comes to nothing; any other goes on.
    pub(super) fn not_dialled(&mut self, detail: String, effects: &mut Vec<Effect>) {
        if self.outgoing.is_some() || self.phase == Phase::Summoning {
            self.end(EndReason::NotReached, Party::System, detail, effects);
        }
    }

    /// V16. The customer was not reached.
    pub(super) fn not_reached(&mut self, missed: Missed, detail: String, effects: &mut Vec<Effect>) {
        let mut reserved = matches!(
            self.phase,
            Phase::Reserved { .. }
                | Phase::Dialling { .. }
                | Phase::Whispering { .. }
                | Phase::Screening { .. }
                | Phase::LeavingMessage { .. }
                // Connected already, with what is no customer.
                | Phase::Talking { .. }
        );
        self.beside.clear();
        if let Some(offer) = self.offer.take() {
            effects.push(Effect::StopRinging);
            let (offer_id, agent_id) = (offer.offer_id, offer.agent_id);
            match offer.stage {
                OfferStage::Ringing => {}
                // Taken on the desktop, and the telephone was never picked up: nobody was dialled.
                OfferStage::Taken => {
                    effects.push(Effect::ReportUnreachable { offer_id, agent_id, detail: detail.clone() });
                }
                // It may yet be theirs.
                OfferStage::Accepting => reserved = true,
            }
        }
        if reserved {
            effects.push(Effect::ReportAttempt { missed, detail });
        }
        for guest in std::mem::take(&mut self.guests) {
            effects.push(Effect::DropGuest(guest.id));
        }
        effects.extend([Effect::DropAgent, Effect::DropCustomer, Effect::Finish]);
        self.phase = Phase::Over;
    }
}

#[cfg(test)]
#[path = "callback_tests.rs"]
mod tests;
