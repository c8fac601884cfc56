//! The router's offers: an agent rings, picks up, is accepted and put through, or is given up.

use contract::interaction::v1::{EndReason, Party};

use super::{
    Call, Layout, Offer, OfferStage, Phase,
    events::{Effect, Fact, OfferEnd, RingFailure, Timer},
};

impl Call {
    pub(super) fn offer_made(
        &mut self,
        offer_id: String,
        agent_id: String,
        expires_in_ms: u64,
        effects: &mut Vec<Effect>,
    ) {
        if self.handover && self.agent() == Some(agent_id.as_str()) {
            self.offer = Some(Offer {
                offer_id: offer_id.clone(),
                agent_id: agent_id.clone(),
                stage: OfferStage::Accepting,
            });
            effects.push(Effect::Accept { offer_id, agent_id });
            return;
        }
        if !matches!(self.phase, Phase::Waiting { .. }) {
            return;
        }
        match &self.offer {
            Some(present) if present.offer_id == offer_id => return,
            Some(_) => effects.push(Effect::StopRinging),
            None => {}
        }
        self.offer = Some(Offer {
            offer_id: offer_id.clone(),
            agent_id: agent_id.clone(),
            stage: OfferStage::Ringing,
        });
        self.last_token += 1;
        effects.push(Effect::Ring { offer_id, agent_id });
        let limit = expires_in_ms.min(600_000) + self.settings.ring_grace_ms;
        effects.push(Effect::Start(Timer::Ringing(self.last_token), limit));
    }

    pub(super) fn offer_ended(&mut self, offer_id: &str, end: OfferEnd, effects: &mut Vec<Effect>) {
        let Some(offer) = self.offer.as_mut().filter(|offer| offer.offer_id == offer_id) else { return };
        match (end, offer.stage) {
            (OfferEnd::Accepted, OfferStage::Ringing) => offer.stage = OfferStage::Taken,
            (OfferEnd::Accepted, OfferStage::Accepting) => self.connect(effects),
            (OfferEnd::Over, OfferStage::Ringing) => {
                self.offer = None;
                effects.push(Effect::StopRinging);
                self.customer_failed("the agent did not pick up".to_owned(), effects);
            }
            (OfferEnd::Over, OfferStage::Accepting) => {
                self.offer = None;
                if !self.handover {
                    effects.push(Effect::DropAgent);
                }
            }
            (_, OfferStage::Taken) => {}
        }
    }

    pub(super) fn ring_failed(
        &mut self,
        offer_id: &str,
        failure: RingFailure,
        detail: String,
        effects: &mut Vec<Effect>,
    ) {
        let Some(offer) = self.offer.take_if(|offer| offer.offer_id == offer_id) else { return };
        if offer.stage == OfferStage::Taken {
            return self.end(EndReason::Failed, Party::System, detail, effects);
        }
        let Offer { offer_id, agent_id, .. } = offer;
        let outgoing = self.outgoing.is_some().then(|| detail.clone());
        effects.push(match failure {
            RingFailure::Refused => Effect::Decline { offer_id, agent_id },
            RingFailure::Unreachable => Effect::ReportUnreachable { offer_id, agent_id, detail },
        });
        if let Some(detail) = outgoing {
            self.customer_failed(detail, effects);
        }
    }

    pub(super) fn give_up_ringing(&mut self, detail: &str, effects: &mut Vec<Effect>) {
        let Some(offer) = self.offer.clone().filter(|offer| offer.stage != OfferStage::Accepting) else {
            return;
        };
        effects.push(Effect::StopRinging);
        self.ring_failed(&offer.offer_id, RingFailure::Unreachable, detail.to_owned(), effects);
    }

    pub(super) fn agent_answered(&mut self, offer_id: &str, effects: &mut Vec<Effect>) {
        let Some(offer) = self.offer.as_mut().filter(|offer| offer.offer_id == offer_id) else {
            effects.push(Effect::DropAgent);
            return;
        };
        match offer.stage {
            OfferStage::Ringing => {
                offer.stage = OfferStage::Accepting;
                let Offer { offer_id, agent_id, .. } = offer.clone();
                effects.push(Effect::Accept { offer_id, agent_id });
            }
            OfferStage::Taken => self.connect(effects),
            OfferStage::Accepting => {}
        }
    }

    /// The new device holds nothing; what the customer's phone does stands.
    pub(super) fn agent_moved(&mut self, effects: &mut Vec<Effect>) {
        self.phone_held.1 = false;
        self.arranged = Layout::default();
        self.arrange(effects);
    }

    pub(super) fn acceptance_known(&mut self, offer_id: &str, accepted: bool, effects: &mut Vec<Effect>) {
        let accepting = |offer: &Offer| offer.offer_id == offer_id && offer.stage == OfferStage::Accepting;
        if !self.offer.as_ref().is_some_and(accepting) {
            return;
        }
        if accepted {
            return self.connect(effects);
        }
        self.offer = None;
        if !self.handover {
            effects.push(Effect::DropAgent);
        }
    }

    pub(super) fn connect(&mut self, effects: &mut Vec<Effect>) {
        let Some(Offer { offer_id, agent_id, .. }) = self.offer.take() else { return };
        self.parked = false;
        if std::mem::take(&mut self.handover) {
            return effects.push(Effect::Publish(Fact::Connected { agent_id, offer_id }));
        }
        if self.outgoing.is_some() {
            self.phase = Phase::Dialling { agent_id, offer_id };
            self.arrange(effects);
            return effects.push(Effect::Dial);
        }
        self.talk(agent_id, offer_id, effects);
    }

    pub(super) fn talk(&mut self, agent_id: String, offer_id: String, effects: &mut Vec<Effect>) {
        self.phase = Phase::Talking { agent_id: agent_id.clone() };
        self.begin_recording(effects);
        self.arrange(effects);
        effects.push(Effect::Publish(Fact::Connected { agent_id, offer_id }));
    }
}
