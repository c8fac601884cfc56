//! After the agent: a caller who stays on the line goes on in the flow, to a survey for instance.
//!
//! For everybody else the interaction is over: it has ended, and the agent wraps up.

use contract::interaction::v1::{EndReason, Party};

use super::{
    Call, Phase,
    events::{Effect, Fact, FlowInput, Side},
    layout::Hearing,
};

impl Call {
    /// The agent hangs up: the end, unless the flow wants to go on with the customer.
    pub(super) fn agent_hangs_up(&mut self, effects: &mut Vec<Effect>) {
        let agent_id = match &self.phase {
            Phase::Talking { agent_id } if self.after => agent_id.clone(),
            _ => return self.end(EndReason::AgentEnded, Party::Agent, String::new(), effects),
        };
        self.after = false;
        self.let_go(agent_id, effects);
        self.ended = true;
        let ended = Fact::Ended { reason: EndReason::AgentEnded, by: Party::Agent, detail: String::new() };
        effects.push(Effect::Publish(ended));
        effects.push(Effect::Hear(Side::Customer, Hearing::Silence));
        self.typed.clear();
        self.flow_over = false;
        self.phase = Phase::Deciding;
        effects.push(Effect::Advance(FlowInput::Done(true)));
    }
}

#[cfg(test)]
mod tests {
    use ingress::{Ask, Queue, Verb};

    use super::*;
    use crate::core::call::{Input, Settings};

    /// A caller of a queue with a survey, who talks with an agent.
    fn talking() -> Call {
        let mut call = Call::begin(Settings::default()).0;
        let queue = Queue { queue: "billing".to_owned(), after: true, ..Queue::default() };
        call.handle(Input::Flow { verbs: vec![Verb::Queue(queue)], steps: Vec::new() });
        call.handle(Input::OfferMade {
            offer_id: "o1".to_owned(),
            agent_id: "ann".to_owned(),
            expires_in_ms: 20_000,
            whisper: String::new(),
        });
        call.handle(Input::AgentAnswered { offer_id: "o1".to_owned() });
        call.handle(Input::AcceptanceKnown { offer_id: "o1".to_owned(), accepted: true });
        call
    }

    fn ends(effects: &[Effect]) -> usize {
        effects.iter().filter(|effect| matches!(effect, Effect::Publish(Fact::Ended { .. }))).count()
    }

    #[test]
    fn who_stays_on_the_line_is_asked_and_the_interaction_ends_once() {
        for hangs_up in [Input::Left(Side::Agent), Input::HangUp] {
            let mut call = talking();

            let gone = call.handle(hangs_up);
            let asked =
                call.handle(Input::Flow { verbs: vec![Verb::Ask(Ask::default())], steps: Vec::new() });
            let answered = call.handle(Input::Digit('4'));
            let over = call.handle(Input::Flow { verbs: vec![Verb::End], steps: Vec::new() });

            assert_eq!(ends(&gone), 1);
            assert!(gone.contains(&Effect::DropAgent) && !gone.contains(&Effect::DropCustomer), "{gone:?}");
            assert_eq!(gone.last(), Some(&Effect::Advance(FlowInput::Done(true))));
            assert_eq!(call.agent(), None);
            assert!(matches!(asked.last(), Some(Effect::Say { .. })), "{asked:?}");
            assert!(answered.contains(&Effect::Advance(FlowInput::Choice("4".to_owned()))));
            assert_eq!((ends(&over), over.contains(&Effect::DropCustomer)), (0, true));
            assert!(call.is_over());
        }
    }

    #[test]
    fn who_hangs_up_first_or_during_the_survey_is_gone() {
        let mut call = talking();
        assert_eq!(ends(&call.handle(Input::Left(Side::Customer))), 1);

        let mut call = talking();
        call.handle(Input::Left(Side::Agent));
        assert_eq!(ends(&call.handle(Input::Left(Side::Customer))), 0);
        assert!(call.is_over());
    }

    #[test]
    fn nothing_begins_anew_once_the_interaction_is_over() {
        let mut call = talking();
        call.handle(Input::Left(Side::Agent));

        let queue = Queue { queue: "billing".to_owned(), ..Queue::default() };
        let effects = call.handle(Input::Flow { verbs: vec![Verb::Queue(queue)], steps: Vec::new() });

        assert!(call.is_over());
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Publish(_))), "{effects:?}");
    }
}
