//! A call that rings at several agents: the first who takes it has it, and each of the others may refuse without a word to
//! the rest.

use super::{Call, Effect, Offer, OfferEnd, OfferStage};

impl Call {
    /// Whether somebody else has picked up or taken the call already.
    #[must_use]
    pub fn is_taken_by_another(&self, offer_id: &str) -> bool {
        self.offer
            .as_ref()
            .is_some_and(|offer| offer.offer_id != offer_id && offer.stage != OfferStage::Ringing)
    }

    /// News of an offer that rings beside the first; false when it is about none of them.
    pub(super) fn ended_beside(&mut self, offer_id: &str, end: OfferEnd, effects: &mut Vec<Effect>) -> bool {
        let Some(at) = self.beside.iter().position(|offer| offer.offer_id == offer_id) else { return false };
        match end {
            OfferEnd::Over => {
                self.beside.remove(at);
                effects.push(Effect::StopRingingOf { offer_id: offer_id.to_owned() });
            }
            OfferEnd::Accepted => {
                self.prefer(at, effects);
                if let Some(offer) = &mut self.offer {
                    offer.stage = OfferStage::Taken;
                }
            }
        }
        true
    }

    /// Whoever picked up first stands for the call, unless somebody has it already.
    pub(super) fn answered_beside(&mut self, offer_id: &str, effects: &mut Vec<Effect>) {
        if let Some(at) = self.beside.iter().position(|offer| offer.offer_id == offer_id)
            && !self.is_taken_by_another(offer_id)
        {
            self.prefer(at, effects);
        }
    }

    fn prefer(&mut self, at: usize, effects: &mut Vec<Effect>) {
        let winner = self.beside.remove(at);
        match self.offer.replace(winner) {
            Some(before) if before.stage == OfferStage::Ringing => self.beside.push(before),
            // They picked up a moment too late.
            Some(Offer { stage: OfferStage::Accepting, .. }) => effects.push(Effect::DropAgent),
            Some(_) | None => {}
        }
    }

    /// After the first offer came to nothing: another that rings stands for the call; if none does, an outgoing call comes to
    /// nothing.
    pub(super) fn goes_on_ringing_or(&mut self, detail: &str, effects: &mut Vec<Effect>) {
        if self.offer.is_none() && !self.beside.is_empty() {
            self.offer = Some(self.beside.remove(0));
        } else {
            self.not_dialled(detail.to_owned(), effects);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Input, Queue, RingFailure, Settings, Verb};
    use super::*;

    fn offer(agent: &str) -> Input {
        Input::OfferMade {
            offer_id: format!("of-{agent}"),
            agent_id: agent.to_owned(),
            expires_in_ms: 20_000,
            whisper: String::new(),
        }
    }

    fn ended(agent: &str, end: OfferEnd) -> Input {
        Input::OfferEnded { offer_id: format!("of-{agent}"), end }
    }

    fn picked_up(agent: &str) -> Input {
        Input::AgentAnswered { offer_id: format!("of-{agent}") }
    }

    fn stops(agent: &str) -> Effect {
        Effect::StopRingingOf { offer_id: format!("of-{agent}") }
    }

    /// Rings at Ann, Bob and Cy.
    fn ringing() -> Call {
        let mut call = Call::begin(Settings::default()).0;
        let queue = Verb::Queue(Queue { queue: "billing".to_owned(), ..Queue::default() });
        call.handle(Input::Flow { verbs: vec![queue], steps: Vec::new() });
        for agent in ["ann", "bob", "cy"] {
            let effects = call.handle(offer(agent));
            assert!(matches!(&effects[0], Effect::Ring { agent_id, .. } if agent_id == agent), "{effects:?}");
        }
        call
    }

    #[test]
    fn the_first_of_several_who_picks_up_has_the_call() {
        let mut call = ringing();

        let accepted = call.handle(picked_up("bob"));
        let rescinded = call.handle(ended("ann", OfferEnd::Over));
        call.handle(Input::AcceptanceKnown { offer_id: "of-bob".to_owned(), accepted: true });

        assert!(matches!(&accepted[..], [Effect::Accept { agent_id, .. }] if agent_id == "bob"));
        assert_eq!(rescinded, [stops("ann")]);
        assert_eq!(call.agent(), Some("bob"));
    }

    #[test]
    fn whoever_still_rings_when_the_call_is_put_through_is_stopped() {
        let mut call = ringing();
        call.handle(picked_up("cy"));

        let effects = call.handle(ended("cy", OfferEnd::Accepted));

        assert!(effects.contains(&Effect::StopRinging));
        assert_eq!(call.agent(), Some("cy"));
    }

    #[test]
    fn a_phone_that_is_picked_up_too_late_changes_nothing() {
        let mut call = ringing();
        call.handle(picked_up("ann"));

        assert!(call.is_taken_by_another("of-bob") && !call.is_taken_by_another("of-ann"));
    }

    #[test]
    fn who_takes_it_on_the_desktop_has_it_when_their_phone_is_picked_up() {
        let mut call = ringing();
        call.handle(ended("bob", OfferEnd::Accepted));
        call.handle(ended("ann", OfferEnd::Over));

        call.handle(picked_up("bob"));

        assert_eq!(call.agent(), Some("bob"));
    }

    #[test]
    fn one_who_refuses_leaves_it_ringing_at_the_others() {
        let mut call = ringing();
        let failed = |agent: &str, failure| Input::RingFailed {
            offer_id: format!("of-{agent}"),
            failure,
            detail: "486".to_owned(),
        };

        let first = call.handle(failed("ann", RingFailure::Refused));
        let second = call.handle(failed("cy", RingFailure::Unreachable));
        let answered = call.handle(picked_up("bob"));

        assert!(matches!(&first[..], [Effect::Decline { agent_id, .. }] if agent_id == "ann"));
        assert!(matches!(&second[..], [Effect::ReportUnreachable { agent_id, .. }] if agent_id == "cy"));
        assert!(matches!(&answered[..], [Effect::Accept { agent_id, .. }] if agent_id == "bob"));
    }

    #[test]
    fn the_last_who_is_not_asked_any_more_ends_the_ringing() {
        let mut call = ringing();

        let ends = ["ann", "bob", "cy"].map(|agent| call.handle(ended(agent, OfferEnd::Over)));

        assert_eq!(ends, [vec![stops("ann")], vec![stops("bob")], vec![Effect::StopRinging]]);
        assert!(call.waits_alone());
    }
}
