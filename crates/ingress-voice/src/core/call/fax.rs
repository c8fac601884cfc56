//! A caller that is a fax machine: the flow says where it goes, and no agent is asked for it.

use contract::interaction::v1::{EndReason, FlowStepTaken, Party};
use ingress::Verb;
use media::answer::{FarEnd, Reason};

use super::{
    Call, Phase,
    events::{Effect, Fact},
};

/// What the call knows of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum FaxCall {
    /// Nothing.
    #[default]
    No,
    /// It is one; the flow is asked as soon as it is asked nothing else.
    Heard,
    /// The flow is asked.
    Asked,
    /// It goes where the flow says; `stale`: an answer of the flow to something else may still come.
    Sent { stale: bool },
}

impl Call {
    /// The caller has given the tone of a fax machine.
    pub(super) fn fax_heard(&mut self, after_ms: u32, effects: &mut Vec<Effect>) {
        if self.fax != FaxCall::No
            || self.outgoing.is_some()
            || self.ended
            || self.between_colleagues.is_some()
        {
            return;
        }
        self.fax = FaxCall::Heard;
        effects.push(Effect::Publish(Fact::FarEnd {
            far_end: FarEnd::Fax,
            reason: Reason::FaxTone.to_string(),
            after_ms,
            agent_id: self.agent().unwrap_or_default().to_owned(),
        }));
        self.ask_about_fax(effects);
    }

    /// An agent who has the call already decides by themselves.
    pub(super) fn ask_about_fax(&mut self, effects: &mut Vec<Effect>) {
        let may = matches!(
            self.phase,
            Phase::Saying { .. } | Phase::Asking { .. } | Phase::Waiting { .. } | Phase::Greeting { .. }
        );
        if self.fax == FaxCall::Heard && may && !self.parked {
            self.fax = FaxCall::Asked;
            effects.push(Effect::AskAboutFax);
        }
    }

    /// An answer of the flow that was asked for before the fax machine was heard.
    #[must_use]
    pub fn is_stale_turn(&self) -> bool {
        self.fax == FaxCall::Sent { stale: true }
    }

    pub(super) fn forget_stale_turn(&mut self) -> bool {
        let stale = self.is_stale_turn();
        if stale {
            self.fax = FaxCall::Sent { stale: false };
        }
        stale
    }

    /// The flow says where fax machines go.
    pub(super) fn fax_sent(
        &mut self,
        verbs: Vec<Verb>,
        steps: Vec<FlowStepTaken>,
        effects: &mut Vec<Effect>,
    ) {
        let waiting = matches!(self.phase, Phase::Waiting { .. });
        let in_flow = matches!(
            self.phase,
            Phase::Deciding | Phase::Saying { .. } | Phase::Asking { .. } | Phase::Greeting { .. }
        );
        // An agent was quicker, or it has left.
        if self.fax != FaxCall::Asked || !(waiting || in_flow) || verbs.is_empty() {
            return;
        }
        self.fax = FaxCall::Sent { stale: self.phase == Phase::Deciding };
        self.message = None;
        self.typed.clear();
        if waiting {
            self.beside.clear();
            if self.offer.take().is_some() {
                effects.extend([Effect::StopRinging, Effect::DropAgent]);
            }
            // It waits for nobody any more.
            self.ended = true;
            effects.push(Effect::Publish(Fact::Ended {
                reason: EndReason::FlowEnded,
                by: Party::Flow,
                detail: "a fax machine".to_owned(),
            }));
        }
        self.flow_over = false;
        self.after = false;
        effects.extend(steps.into_iter().map(|step| Effect::Publish(Fact::Step(step))));
        self.script = verbs.into();
        self.phase = Phase::Deciding;
        self.next_verb(effects);
    }

    /// A fax machine may be given away though the interaction is over.
    pub(super) const fn is_fax(&self) -> bool {
        matches!(self.fax, FaxCall::Sent { .. })
    }
}

#[cfg(test)]
mod tests {
    use ingress::{Ask, Queue};

    use super::*;
    use crate::core::call::{Input, RingFailure, Settings, Side};

    fn ended(effects: &[Effect]) -> usize {
        effects.iter().filter(|effect| matches!(effect, Effect::Publish(Fact::Ended { .. }))).count()
    }

    fn in_flow(verb: Verb) -> Call {
        let mut call = Call::begin(Settings::default()).0;
        call.handle(Input::Flow { verbs: vec![verb], steps: Vec::new() });
        call
    }

    fn in_queue() -> Call {
        let mut call = in_flow(Verb::Queue(Queue { queue: "billing".to_owned(), ..Queue::default() }));
        call.handle(Input::OfferMade {
            offer_id: "o1".to_owned(),
            agent_id: "ann".to_owned(),
            expires_in_ms: 20_000,
            whisper: String::new(),
        });
        call
    }

    fn heard(call: &mut Call) -> Vec<Effect> {
        call.handle(Input::FaxHeard { after_ms: 1_500 })
    }

    fn sent(verb: Verb) -> Input {
        Input::FaxSent { verbs: vec![verb], steps: Vec::new() }
    }

    #[test]
    fn a_fax_machine_that_waits_stops_ringing_at_the_agent_and_ends_once() {
        let mut call = in_queue();

        assert!(heard(&mut call).contains(&Effect::AskAboutFax));
        assert!(heard(&mut call).is_empty(), "it is heard once");
        let over = call.handle(sent(Verb::End));

        assert!(over.contains(&Effect::StopRinging) && over.contains(&Effect::DropCustomer), "{over:?}");
        assert_eq!(ended(&over), 1);
        assert!(call.is_over());
    }

    #[test]
    fn a_fax_machine_is_given_to_its_number_and_the_interaction_ends_once() {
        for mut call in [in_queue(), in_flow(Verb::Ask(Ask::default()))] {
            heard(&mut call);
            let mut effects = call.handle(sent(Verb::Transfer("+442079460019".to_owned())));
            assert!(effects.iter().any(|effect| matches!(effect, Effect::TransferTo { .. })), "{effects:?}");
            effects.extend(call.handle(Input::GuestAnswered(1)));

            assert_eq!(ended(&effects), 1);
            assert!(!call.is_over());
            call.handle(Input::Left(Side::Customer));
            assert!(call.is_over());
        }
    }

    #[test]
    fn what_the_flow_says_to_something_else_comes_too_late() {
        let mut call = in_flow(Verb::Ask(Ask::default()));
        heard(&mut call);
        call.handle(Input::Digit('1'));
        call.handle(sent(Verb::Transfer("+442079460019".to_owned())));
        assert!(call.is_stale_turn());

        let queue = Verb::Queue(Queue { queue: "billing".to_owned(), ..Queue::default() });
        assert_eq!(call.handle(Input::Flow { verbs: vec![queue], steps: Vec::new() }), []);
        let failed = call.handle(Input::GuestFailed { guest: 1, failure: RingFailure::Unreachable });

        assert!(failed.iter().any(|effect| matches!(effect, Effect::Advance(_))), "{failed:?}");
    }

    #[test]
    fn while_the_flow_is_asked_it_is_not_asked_again() {
        let mut call = Call::begin(Settings::default()).0;

        assert!(!heard(&mut call).contains(&Effect::AskAboutFax));
        let effects = call.handle(Input::Flow { verbs: vec![Verb::Ask(Ask::default())], steps: Vec::new() });

        assert!(effects.contains(&Effect::AskAboutFax));
    }

    #[test]
    fn an_agent_who_is_quicker_is_told_and_keeps_the_call() {
        let mut call = in_queue();
        call.handle(Input::AgentAnswered { offer_id: "o1".to_owned() });
        call.handle(Input::AcceptanceKnown { offer_id: "o1".to_owned(), accepted: true });

        let effects = heard(&mut call);

        assert!(matches!(effects[..], [Effect::Publish(Fact::FarEnd { .. })]), "{effects:?}");
        assert_eq!(call.agent(), Some("ann"));
    }
}
