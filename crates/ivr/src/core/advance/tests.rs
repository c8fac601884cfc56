use contract::{
    interaction::v1::Channel,
    ivr::v1::{FormAnswers, step::Verb, verb::Kind},
};

use super::{AdvanceError, Advanced, Facts, Input, Need, Progress, advance};
use crate::core::{
    plan::Plan,
    sample::flow,
    session::{Place, Session},
};

struct Call {
    plan: Plan,
    channel: Channel,
    facts: Facts,
    session: Option<Session>,
}

impl Call {
    fn on(channel: Channel, open: bool) -> Self {
        let facts = Facts { hours: [("office".to_owned(), open)].into(), ..Facts::default() };
        Self { plan: Plan::of(flow()), channel, facts, session: None }
    }

    fn try_give(&mut self, input: Input) -> Result<Progress, AdvanceError> {
        advance(&self.plan, "demo", self.session.as_ref(), &input, self.channel, &self.facts)
    }

    fn give(&mut self, input: Input) -> Advanced {
        match self.try_give(input).unwrap() {
            Progress::Advanced(advanced) => {
                self.session = Some(advanced.session.clone());
                advanced
            }
            Progress::Needs(need) => panic!("needs {need:?}"),
        }
    }
}

/// `say Welcome.`, `ask`, `queue sales`, `form`, `end`.
fn said(advanced: &Advanced) -> Vec<String> {
    let word = |kind: &Kind| match kind {
        Kind::Say(say) => format!("say {}", say.text),
        Kind::Ask(ask) => {
            format!("ask {}s", ask.timeout.as_ref().map_or(0, |timeout| timeout.seconds))
        }
        Kind::Queue(queue) => format!("queue {}", queue.queue),
        Kind::Form(_) => "form".to_owned(),
        Kind::Gather(gather) => format!("gather {}-{}", gather.min, gather.max),
        Kind::End(_) => "end".to_owned(),
        Kind::Callback(_) | Kind::Voicemail(_) | Kind::Transfer(_) => "something outside".to_owned(),
    };
    advanced.verbs.iter().map(|verb| word(verb.kind.as_ref().unwrap())).collect()
}

fn steps(advanced: &Advanced) -> Vec<String> {
    advanced.steps.iter().map(|s| format!("{}/{}/{}", s.step, s.input, s.outcome)).collect()
}

fn text(text: &str) -> Input {
    Input::Text(text.into())
}

#[test]
fn what_is_said_before_a_question_comes_with_it() {
    let mut call = Call::on(Channel::Voice, true);

    let begun = call.give(Input::Begin);

    assert_eq!(said(&begun), ["say Welcome.", "ask 8s"]);
    assert_eq!(steps(&begun), ["hello//entered", "open//open", "menu//entered"]);
}

#[test]
fn a_key_leads_to_its_queue() {
    let mut call = Call::on(Channel::Voice, true);
    call.give(Input::Begin);

    let queued = call.give(Input::Choice("2".into()));

    assert_eq!(said(&queued), ["say One moment.", "queue billing"]);
    assert_eq!(steps(&queued), ["menu/2/choice", "billing//entered"]);
    assert_eq!(queued.session.place, Place::Done);
}

#[test]
fn words_in_a_chat_mean_the_button_they_name() {
    for words in ["sales", " SALES ", "1"] {
        let mut chat = Call::on(Channel::Chat, true);
        let begun = chat.give(Input::Begin);
        assert_eq!(said(&begun), ["say Welcome.", "ask 600s"]);

        assert_eq!(said(&chat.give(text(words))), ["say One moment.", "queue sales"]);
    }
}

#[test]
fn a_question_is_worded_for_buttons_where_there_are_buttons() {
    let asked = |channel| {
        let mut flow = flow();
        for step in &mut flow.steps {
            if let Some(Verb::Ask(ask)) = &mut step.verb {
                ask.written = "What is it about?".into();
            }
        }
        let mut call = Call { plan: Plan::of(flow), ..Call::on(channel, true) };
        let begun = call.give(Input::Begin);
        begun.verbs.into_iter().find_map(|verb| match verb.kind {
            Some(Kind::Ask(ask)) => Some(ask.text),
            _ => None,
        })
    };

    assert_eq!(asked(Channel::Chat).as_deref(), Some("What is it about?"));
    assert_eq!(asked(Channel::Voice).as_deref(), Some("1 sales, 2 billing"));
}

#[test]
fn a_miss_asks_again_and_too_many_lead_elsewhere() {
    let mut call = Call::on(Channel::Voice, true);
    call.give(Input::Begin);

    let again = call.give(Input::Choice("7".into()));
    let elsewhere = call.give(Input::TimedOut);

    assert_eq!(said(&again), ["say Pardon?", "ask 8s"]);
    assert_eq!(steps(&again), ["menu/7/invalid"]);
    assert_eq!(said(&elsewhere), ["say Goodbye.", "end"]);
    assert_eq!(steps(&elsewhere), ["menu//timeout", "bye//entered"]);
}

#[test]
fn coming_back_to_a_menu_forgets_the_misses() {
    let mut call = Call::on(Channel::Voice, true);
    call.give(Input::Begin);
    call.give(Input::TimedOut);

    call.give(Input::Choice("9".into()));

    assert_eq!(said(&call.give(Input::TimedOut)), ["say Pardon?", "ask 8s"]);
}

#[test]
fn outside_hours_a_chat_leaves_a_message_and_a_call_is_told() {
    let mut chat = Call::on(Channel::Chat, false);
    let mut call = Call::on(Channel::Voice, false);

    assert_eq!(said(&chat.give(Input::Begin)), ["say Welcome.", "form"]);
    assert_eq!(said(&chat.give(text("hello?"))), ["form"]);
    let answers = FormAnswers { name: "Eve".into(), email: "eve@example.org".into(), text: "Hi".into() };
    assert_eq!(said(&chat.give(Input::Form(answers))), ["say Thank you.", "end"]);
    assert_eq!(said(&call.give(Input::Begin)), ["say Welcome.", "say Leave a message.", "end"]);
}

#[test]
fn hours_that_are_not_known_yet_are_asked_for() {
    let mut call = Call::on(Channel::Voice, true);
    call.facts.hours.clear();

    assert_eq!(call.try_give(Input::Begin), Ok(Progress::Needs(Need::Hours("office".into()))));
}

#[test]
fn a_flow_that_is_over_takes_nothing_more() {
    let mut call = Call::on(Channel::Voice, true);
    call.give(Input::Begin);
    call.give(Input::Choice("1".into()));

    assert_eq!(call.try_give(Input::Choice("1".into())), Err(AdvanceError::Done));
}

#[test]
fn an_input_of_the_wrong_kind_is_refused() {
    let mut call = Call::on(Channel::Voice, true);
    call.give(Input::Begin);

    let refused = call.try_give(Input::Form(FormAnswers::default()));

    let expected = AdvanceError::Unexpected { step: "menu".into(), input: "answers of a form" };
    assert_eq!(refused, Err(expected));
}

#[test]
fn a_step_that_is_gone_is_an_error_not_a_crash() {
    let mut call = Call::on(Channel::Voice, true);
    call.give(Input::Begin);
    call.session.as_mut().unwrap().place = Place::Waiting { step: "gone".into(), misses: 0 };

    let expected = AdvanceError::NoStep { flow: "main".into(), step: "gone".into() };
    assert_eq!(call.try_give(Input::TimedOut), Err(expected));
}

#[test]
fn a_loop_that_slipped_through_ends_in_an_error() {
    let mut flow = flow();
    flow.steps[0] = crate::core::sample::step("hello", crate::core::sample::say("x", "hello"));
    let mut call = Call::on(Channel::Voice, true);
    call.plan = Plan::of(flow);

    assert_eq!(call.try_give(Input::Begin), Err(AdvanceError::Endless("main".into())));
}
