//! Surveys: on the way, and after the agent has hung up.

use contract::ivr::v1::{QueueStep, SurveyStep, step::Verb, verb::Kind};

use super::{
    Input,
    verb_tests::{Walk, flow, said},
};
use crate::core::{
    check::check,
    sample::{end, known, queue, step},
};

fn survey(next: &str) -> Verb {
    Verb::Survey(SurveyStep {
        text: "How was it? 1 is bad, 5 is good.".into(),
        retry_text: "1 to 5, please.".into(),
        next: next.into(),
        ..SurveyStep::default()
    })
}

fn queue_with(after: &str) -> Verb {
    let Verb::Queue(step) = queue("billing") else { unreachable!() };
    Verb::Queue(QueueStep { after: after.into(), ..step })
}

fn after_the_agent() -> Walk {
    Walk::in_flows(vec![flow(
        "main",
        vec![
            step("billing", queue_with("how-was-it")),
            step("how-was-it", survey("bye")),
            step("bye", end("Thank you.")),
        ],
    )])
}

#[test]
fn a_caller_who_stays_is_asked_after_the_agent() {
    let mut walk = after_the_agent();

    let queued = walk.give(Input::Begin);
    let asked = walk.give(Input::Done(true));
    let answered = walk.give(Input::Choice("4".into()));

    let Some(Kind::Queue(place)) = &queued.verbs.last().unwrap().kind else { panic!("{queued:?}") };
    assert!(place.after);
    assert_eq!(said(&asked), ["ask How was it? 1 is bad, 5 is good."]);
    assert_eq!((answered.steps[0].input.as_str(), answered.steps[0].outcome.as_str()), ("4", "rated"));
    assert_eq!(said(&answered), ["Thank you.", "end"]);
}

#[test]
fn who_does_not_answer_goes_on_all_the_same_and_0_leads_to_nobody() {
    let mut walk = after_the_agent();
    walk.give(Input::Begin);
    walk.give(Input::Done(true));

    assert_eq!(walk.press("0"), ["1 to 5, please.", "ask How was it? 1 is bad, 5 is good."]);
    assert_eq!(said(&walk.give(Input::TimedOut)), ["Thank you.", "end"]);
}

#[test]
fn after_the_agent_nothing_may_begin_anew() {
    let wrong = flow(
        "main",
        vec![
            step("billing", queue_with("how-was-it")),
            step("how-was-it", survey("sales")),
            step("sales", queue("sales")),
        ],
    );

    let found = check(&[wrong], &known());

    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].field, "flows[main].steps[billing].after");
    assert_eq!(found[0].reason, "leads to the step \"sales\", but the interaction is over then");
}
