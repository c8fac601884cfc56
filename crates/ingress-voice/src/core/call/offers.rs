//! The router's offers: an agent rings, picks up, is accepted and put through, or is given up.

use contract::interaction::v1::{EndReason, Party};
use ingress::Prompt;

use super::{
    Call, Layout, Offer, OfferStage, Phase,
    events::{Effect, Fact, Missed, OfferEnd, RingFailure, Side, Timer},
};

impl Call {
    pub(super) fn offer_made(
        &mut self,
        offer_id: String,
        agent_id: String,
        expires_in_ms: u64,
        whisper: String,
        effects: &mut Vec<Effect>,
    ) {
        if self.handover && self.agent() == Some(agent_id.as_str()) {
            self.offer = Some(Offer {
                offer_id: offer_id.clone(),
                agent_id: agent_id.clone(),
                stage: OfferStage::Accepting,
                whisper: String::new(),
            });
            effects.push(Effect::Accept { offer_id, agent_id });
            return;
        }
        if !matches!(self.phase, Phase::Waiting { .. }) || self.customer_gone {
            return;
        }
        if self.offer.iter().chain(&self.beside).any(|known| known.offer_id == offer_id) {
            return;
        }
        let offer = Offer {
            offer_id: offer_id.clone(),
            agent_id: agent_id.clone(),
            stage: OfferStage::Ringing,
            whisper,
        };
        if self.offer.is_some() {
            self.beside.push(offer);
        } else {
            self.offer = Some(offer);
        }
        self.last_token += 1;
        effects.push(Effect::Ring { offer_id, agent_id });
        let limit = expires_in_ms.min(600_000) + self.settings.ring_grace_ms;
        effects.push(Effect::Start(Timer::Ringing(self.last_token), limit));
    }

    pub(super) fn offer_ended(&mut self, offer_id: &str, end: OfferEnd, effects: &mut Vec<Effect>) {
        if self.ended_beside(offer_id, end, effects) {
            return;
        }
        let Some(offer) = self.offer.as_mut().filter(|offer| offer.offer_id == offer_id) else { return };
        match (end, offer.stage) {
            (OfferEnd::Accepted, OfferStage::Ringing) => offer.stage = OfferStage::Taken,
            (OfferEnd::Accepted, OfferStage::Accepting) => self.connect(effects),
            (OfferEnd::Over, OfferStage::Ringing) => {
                self.offer = None;
                effects.push(if self.beside.is_empty() {
                    Effect::StopRinging
                } else {
                    Effect::StopRingingOf { offer_id: offer_id.to_owned() }
                });
                self.goes_on_ringing_or("the agent did not pick up", effects);
            }
            (OfferEnd::Over, OfferStage::Accepting) => self.not_accepted(effects),
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
        let taken = |offer: &Offer| offer.offer_id == offer_id && offer.stage == OfferStage::Taken;
        if self.calling_back.is_some() && self.offer.as_ref().is_some_and(taken) {
            return self.not_reached(Missed::Failed, detail, effects);
        }
        let beside = self.beside.iter().position(|offer| offer.offer_id == offer_id);
        let beside = beside.map(|at| self.beside.remove(at));
        let rings_on = beside.is_some();
        let of_id = |offer: &mut Offer| offer.offer_id == offer_id;
        let Some(offer) = beside.or_else(|| self.offer.take_if(of_id)) else { return };
        if offer.stage == OfferStage::Taken {
            return self.end(EndReason::Failed, Party::System, detail, effects);
        }
        let Offer { offer_id, agent_id, .. } = offer;
        effects.push(match failure {
            RingFailure::Refused => Effect::Decline { offer_id, agent_id },
            RingFailure::Unreachable => {
                Effect::ReportUnreachable { offer_id, agent_id, detail: detail.clone() }
            }
        });
        if !rings_on {
            self.goes_on_ringing_or(&detail, effects);
        }
    }

    pub(super) fn give_up_ringing(&mut self, detail: &str, effects: &mut Vec<Effect>) {
        let Some(offer) = self.offer.clone().filter(|offer| offer.stage != OfferStage::Accepting) else {
            return;
        };
        effects.push(Effect::StopRinging);
        for Offer { offer_id, agent_id, .. } in std::mem::take(&mut self.beside) {
            effects.push(Effect::ReportUnreachable { offer_id, agent_id, detail: detail.to_owned() });
        }
        self.ring_failed(&offer.offer_id, RingFailure::Unreachable, detail.to_owned(), effects);
    }

    pub(super) fn agent_answered(&mut self, offer_id: &str, effects: &mut Vec<Effect>) {
        self.answered_beside(offer_id, effects);
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

    /// A new phone holds nothing; whoever waits hears music on it.
    pub(super) fn replaced(&mut self, side: Side, effects: &mut Vec<Effect>) {
        match side {
            Side::Customer => self.phone_held.0 = false,
            Side::Agent => self.phone_held.1 = false,
            Side::Guest(_) => {}
        }
        if matches!(self.phase, Phase::Waiting { .. }) {
            return effects.push(Effect::Music(Side::Customer));
        }
        if self.between_colleagues.is_some() {
            return self.colleagues_hear(effects);
        }
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
        self.not_accepted(effects);
    }

    fn not_accepted(&mut self, effects: &mut Vec<Effect>) {
        self.offer = None;
        if !self.handover {
            effects.push(Effect::DropAgent);
        }
        if self.calling_back.is_some() || !self.beside.is_empty() {
            self.goes_on_ringing_or("the offer was gone", effects);
        }
    }

    pub(super) fn connect(&mut self, effects: &mut Vec<Effect>) {
        let Some(Offer { offer_id, agent_id, whisper, .. }) = self.offer.take() else { return };
        if !self.beside.is_empty() {
            self.beside.clear();
            effects.push(Effect::StopRinging);
        }
        self.parked = false;
        if std::mem::take(&mut self.handover) {
            return effects.push(Effect::Publish(Fact::Connected { agent_id, offer_id }));
        }
        if self.customer_gone {
            return self.end(EndReason::Abandoned, Party::Customer, String::new(), effects);
        }
        if whisper.trim().is_empty() {
            return self.put_through(agent_id, offer_id, effects);
        }
        // The agent alone is told.
        if matches!(self.phase, Phase::Waiting { announcing: Some(_) }) {
            effects.push(Effect::Music(Side::Customer));
        }
        self.last_token += 1;
        self.phase = Phase::Whispering { agent_id, offer_id, token: self.last_token };
        effects.push(Effect::Whisper { prompt: Prompt::text(whisper), token: self.last_token });
    }

    /// The agent has heard what there was to say.
    pub(super) fn whispered(&mut self, effects: &mut Vec<Effect>) {
        if let Phase::Whispering { agent_id, offer_id, .. } = &self.phase {
            let (agent_id, offer_id) = (agent_id.clone(), offer_id.clone());
            self.put_through(agent_id, offer_id, effects);
        }
    }

    /// The agent hung up before the customer was there: the call goes on to somebody else.
    pub(super) fn left_whispering(&mut self, effects: &mut Vec<Effect>) {
        let Phase::Whispering { agent_id, offer_id, .. } = &self.phase else { return };
        let (agent_id, offer_id) = (agent_id.clone(), offer_id.clone());
        if self.calling_back.is_some() {
            return self.not_reached(Missed::Failed, "the agent hung up".to_owned(), effects);
        }
        self.phase = Phase::Waiting { announcing: None };
        let detail = "the agent hung up".to_owned();
        effects.push(Effect::DropAgent);
        effects.push(Effect::ReportUnreachable { offer_id, agent_id, detail: detail.clone() });
        effects.push(Effect::Music(Side::Customer));
        self.not_dialled(detail, effects);
    }

    fn put_through(&mut self, agent_id: String, offer_id: String, effects: &mut Vec<Effect>) {
        if self.outgoing.is_some() {
            return self.dial_customer(agent_id, offer_id, effects);
        }
        self.talk(agent_id, offer_id, effects);
    }

    pub(super) fn talk(&mut self, agent_id: String, offer_id: String, effects: &mut Vec<Effect>) {
        self.bring_together(agent_id.clone(), effects);
        effects.push(Effect::Publish(Fact::Connected { agent_id, offer_id }));
    }

    /// They hear each other, and nobody is told yet.
    pub(super) fn bring_together(&mut self, agent_id: String, effects: &mut Vec<Effect>) {
        self.outgoing = None;
        self.phase = Phase::Talking { agent_id };
        self.begin_recording(effects);
        self.arrange(effects);
    }
}
