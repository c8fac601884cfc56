//! Callers that are fax machines: wherever the flow stands, it says where they go.

use contract::ivr::v1::{Flow, SubflowStep, TransferStep, step::Verb};

use super::{
    Input, Progress, advance,
    verb_tests::{Walk, flow, said},
};
use crate::core::{
    advance::Facts,
    check::check,
    plan::Plan,
    sample::{ask, choice, end, known, queue, step},
};
use contract::interaction::v1::Channel;

/// A menu, a queue, and a number for fax machines.
fn menu(fax: &str) -> Flow {
    let away =
        TransferStep { number: "+15550177".into(), otherwise: "bye".into(), ..TransferStep::default() };
    let mut menu = flow(
        "main",
        vec![
            step("menu", ask(vec![choice("1", "Sales", "sales")], "sales")),
            step("sales", queue("sales")),
            step("machines", Verb::Transfer(away)),
            step("bye", end("")),
        ],
    );
    if fax != "machines" {
        menu.steps.truncate(2);
    }
    Flow { fax: fax.into(), ..menu }
}

#[test]
fn a_fax_machine_goes_where_the_flow_says_from_a_question_and_from_the_queue() {
    for waits in [false, true] {
        let mut walk = Walk::in_flows(vec![menu("machines")]);
        walk.give(Input::Begin);
        if waits {
            assert_eq!(walk.press("1").last().unwrap(), "queue sales");
        }

        let heard = walk.give(Input::FaxHeard);

        assert_eq!(said(&heard), ["transfer +15550177"]);
        assert_eq!((heard.steps[0].step.as_str(), heard.steps[0].outcome.as_str()), ("machines", "fax"));
        assert_eq!(said(&walk.give(Input::Done(false))), ["end"]);
    }
}

#[test]
fn without_a_word_about_them_the_call_ends_and_off_is_off() {
    let mut walk = Walk::in_flows(vec![menu("")]);
    walk.give(Input::Begin);
    assert_eq!(said(&walk.give(Input::FaxHeard)), ["end"]);

    let off = Plan::of(menu("off"));
    let begun = advance(&off, "demo", None, &Input::Begin, Channel::Voice, &Facts::default()).unwrap();
    let Progress::Advanced(begun) = begun else { panic!("{begun:?}") };
    let heard =
        advance(&off, "demo", Some(&begun.session), &Input::FaxHeard, Channel::Voice, &Facts::default());
    assert!(heard.is_err(), "{heard:?}");
}

#[test]
fn a_flow_that_another_runs_asks_the_other() {
    let inner = flow(
        "inner",
        vec![step("menu", ask(vec![choice("1", "Sales", "sales")], "sales")), step("sales", queue("sales"))],
    );
    let mut outer = menu("machines");
    let runs = SubflowStep { flow: "inner".into(), next: "sales".into() };
    outer.steps[0] = step("menu", Verb::Subflow(runs));
    let mut walk = Walk::in_flows(vec![outer, inner]);
    walk.give(Input::Begin);

    assert_eq!(said(&walk.give(Input::FaxHeard)), ["transfer +15550177"]);
}

#[test]
fn fax_machines_are_led_to_no_agent_and_to_no_step_that_is_not_there() {
    let mistakes = |fax: &str| {
        let found = check(&[Flow { fax: fax.into(), ..menu("") }], &known());
        found.iter().map(|found| format!("{} {}", found.field, found.reason)).collect::<Vec<_>>()
    };

    assert_eq!(mistakes("sales"), ["flows[main].fax leads to the step \"sales\", which is for people"]);
    assert_eq!(mistakes("menu"), ["flows[main].fax leads to the step \"menu\", which is for people"]);
    assert_eq!(
        mistakes("nowhere"),
        ["flows[main].fax names the step \"nowhere\", which the flow does not have"]
    );
    assert!(mistakes("off").is_empty());
}
