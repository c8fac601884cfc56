use contract::{
    interaction::v1::{Channel, Ring},
    ivr::v1::{Choice, Flow, FormAnswers, FormStep, HoursStep, Step, step::Verb},
};
use proptest::prelude::*;

use super::{MAX_VIOLATIONS, check};
use crate::core::{
    advance::{Facts, Input, Progress, advance},
    plan::Plan,
    sample::{ask, choice, end, flow, known, queue, say, step},
    session::{Place, Session},
};

#[track_caller]
fn assert_mistakes(change: impl FnOnce(&mut Flow), expected: &[(&str, &str)]) {
    let mut flow = flow();
    change(&mut flow);
    let found = check(&[flow], &known());
    let found: Vec<_> = found.iter().map(|v| (v.field.as_str(), v.reason.as_str())).collect();
    assert_eq!(found, expected);
}

fn verb<'a>(flow: &'a mut Flow, key: &str) -> &'a mut Verb {
    flow.steps.iter_mut().find(|step| step.key == key).unwrap().verb.as_mut().unwrap()
}

#[test]
fn a_valid_flow_has_no_mistakes() {
    assert_mistakes(|_| {}, &[]);
}

#[test]
fn a_way_out_must_lead_somewhere() {
    assert_mistakes(
        |flow| {
            *verb(flow, "menu") =
                ask(vec![choice("1", "Sales", "sales"), choice("2", "Billing", "biling")], "");
            flow.start = "hallo".into();
        },
        &[
            ("flows[main].start", "names the step \"hallo\", which the flow does not have"),
            (
                "flows[main].steps[menu].choices[2].next",
                "names the step \"biling\", which the flow does not have",
            ),
            ("flows[main].steps[menu].otherwise", "is missing"),
        ],
    );
}

#[test]
fn what_a_step_names_must_exist() {
    assert_mistakes(
        |flow| {
            let Verb::Queue(sales) = verb(flow, "sales") else { return };
            sales.queue = "sails".into();
            sales.rings = vec![Ring { expression: "sales >=".into(), lasts: None }];
            let Verb::Hours(open) = verb(flow, "open") else { return };
            open.hours = "always".into();
        },
        &[
            ("flows[main].steps[open].hours", "names the hours \"always\", which is not described"),
            ("flows[main].steps[sales].queue", "names the queue \"sails\", which is not described"),
            (
                "flows[main].steps[sales].rings[0].expression",
                "lacks a proficiency, or a text after == or != at column 9",
            ),
        ],
    );
}

#[test]
fn a_step_that_nothing_leads_to_is_dead() {
    assert_mistakes(
        |flow| flow.steps.push(step("island", end(""))),
        &[("flows[main].steps[island]", "is never reached: no step leads to it")],
    );
}

#[test]
fn a_loop_needs_an_answer_of_the_customer() {
    assert_mistakes(|flow| *verb(flow, "thanks") = say("Thank you.", "open"), &[]);
    assert_mistakes(
        |flow| {
            *verb(flow, "hello") = say("Welcome.", "again");
            flow.steps.push(step("again", say("Welcome again.", "hello")));
            flow.steps.retain(|step| ["hello", "again"].contains(&step.key.as_str()));
        },
        &[("flows[main].steps[hello].next", "leads round in a loop that never waits")],
    );
    assert_mistakes(
        |flow| {
            flow.steps.retain(|step| step.key != "bye");
            *verb(flow, "menu") =
                ask(vec![choice("1", "Sales", "sales"), choice("2", "Billing", "billing")], "hello");
        },
        &[("flows[main].steps[menu].otherwise", "leads a silent customer round in a loop for ever")],
    );
}

#[test]
fn a_way_without_waiting_is_short() {
    assert_mistakes(
        |flow| {
            flow.start = "s0".into();
            let chain = (0..100).map(|n| step(&format!("s{n}"), say("x", &format!("s{}", n + 1))));
            flow.steps = chain.chain([step("s100", end(""))]).collect();
        },
        &[("flows[main].steps[s0]", "begins a way of more than 64 steps without waiting")],
    );
}

#[test]
fn choices_are_different_keys_with_different_words() {
    assert_mistakes(
        |flow| {
            *verb(flow, "menu") = ask(
                vec![
                    choice("1", "Sales", "sales"),
                    choice("1", "SALES", "billing"),
                    choice("12", "", "sales"),
                    choice("3", "1", "sales"),
                ],
                "bye",
            );
        },
        &[
            ("flows[main].steps[menu].choices[1].digit", "means another choice already"),
            ("flows[main].steps[menu].choices[1].label", "means another choice already"),
            ("flows[main].steps[menu].choices[12].digit", "must be one key: 0 to 9, * or #"),
            ("flows[main].steps[menu].choices[12].label", "is missing"),
            ("flows[main].steps[menu].choices[3].label", "means another choice already"),
        ],
    );
}

#[test]
fn a_flow_without_steps_or_verbs_is_refused() {
    assert_mistakes(
        |flow| flow.steps.clear(),
        &[("flows[main].steps", "is empty: a flow must lead to a queue or an end")],
    );
    assert_mistakes(
        |flow| flow.steps[0] = Step { key: "hello".into(), verb: None },
        &[("flows[main].steps[hello]", "does nothing: it needs a verb such as say, ask, queue or end")],
    );
}

#[test]
fn the_list_of_mistakes_is_bounded() {
    let flows = vec![Flow::default(); 3_000];

    assert_eq!(check(&flows, &known()).len(), MAX_VIOLATIONS);
}

/// A step of any kind that leads to any of `count` steps, or nowhere.
fn any_verb(count: usize) -> impl Strategy<Value = Verb> {
    let to = move || (0..=count).prop_map(|n| format!("s{n}"));
    prop_oneof![
        to().prop_map(|next| say("x", &next)),
        (prop::collection::vec(to(), 1..4), to()).prop_map(|(ways, otherwise)| {
            let choices = ways.iter().enumerate();
            ask(
                choices
                    .map(|(n, next)| Choice {
                        say: vec![format!("say {}", ["a", "b", "c", "d"][n])],
                        ..choice(&n.to_string(), &format!("way {n}"), next)
                    })
                    .collect(),
                &otherwise,
            )
        }),
        (to(), to())
            .prop_map(|(open, closed)| { Verb::Hours(HoursStep { hours: "office".into(), open, closed }) }),
        (to(), any::<bool>()).prop_map(|(next, on)| {
            let next = if on { next } else { String::new() };
            Verb::Form(FormStep { text: "x".into(), next })
        }),
        Just(queue("sales")),
        Just(end("x")),
    ]
}

/// A flow whose steps lead anywhere; dead ones are left out, so that many pass the check.
fn any_flow() -> impl Strategy<Value = Flow> {
    (2..12_usize).prop_flat_map(|count| prop::collection::vec(any_verb(count - 1), count)).prop_map(|verbs| {
        let steps: Vec<Step> =
            verbs.into_iter().enumerate().map(|(n, verb)| step(&format!("s{n}"), verb)).collect();
        let mut flow = Flow { key: "any".into(), start: "s0".into(), steps, ..Flow::default() };
        let dead: Vec<String> = check(&[flow.clone()], &known())
            .into_iter()
            .filter(|found| found.reason.starts_with("is never reached"))
            .map(|found| found.field)
            .collect();
        flow.steps.retain(|step| !dead.contains(&format!("flows[any].steps[{}]", step.key)));
        flow
    })
}

fn any_input() -> impl Strategy<Value = Input> {
    prop_oneof![
        Just(Input::TimedOut),
        "[0-4]".prop_map(Input::Choice),
        "way [0-4]|[a-z0-9 ]{0,8}".prop_map(Input::Text),
        "say [a-d]|yes|no|agent|".prop_map(Input::Spoken),
        Just(Input::Form(FormAnswers::default())),
        Just(Input::Begin),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever a customer does, a flow that passed the check answers; whoever is silent from then on gets to its end.
    #[test]
    fn a_valid_flow_always_answers_and_always_ends(
        flow in any_flow(),
        inputs in prop::collection::vec(any_input(), 0..12),
        open in any::<bool>(),
        voice in any::<bool>(),
    ) {
        prop_assume!(check(std::slice::from_ref(&flow), &known()).is_empty());
        let channel = if voice { Channel::Voice } else { Channel::Chat };
        let facts =
            Facts { hours: [("office".to_owned(), open)].into(), listens: voice, ..Facts::default() };
        let plan = Plan::of(flow.clone());
        let go = |session: Option<&Session>, input: &Input| {
            advance(&plan, "demo", session, input, channel, &facts)
        };

        let Ok(Progress::Advanced(begun)) = go(None, &Input::Begin) else {
            return Err(TestCaseError::fail("did not begin"));
        };
        let mut session = begun.session;
        for input in &inputs {
            if let Ok(Progress::Advanced(advanced)) = go(Some(&session), input) {
                prop_assert!(!advanced.verbs.is_empty());
                session = Session::decode(&advanced.session.encode(), "demo").unwrap();
            }
        }
        for _ in 0..flow.steps.len() * 2 {
            if session.place == Place::Done {
                break;
            }
            let Ok(Progress::Advanced(advanced)) = go(Some(&session), &Input::TimedOut) else {
                return Err(TestCaseError::fail("did not take silence"));
            };
            session = advanced.session;
        }
        prop_assert_eq!(session.place, Place::Done);
    }

    /// The check itself ends, and a flow it refuses still can't hang or crash the interpreter.
    #[test]
    fn no_flow_hangs_the_interpreter(flow in any_flow(), inputs in prop::collection::vec(any_input(), 0..12)) {
        check(std::slice::from_ref(&flow), &known());
        let plan = Plan::of(flow);
        let facts = Facts { hours: [("office".to_owned(), true)].into(), ..Facts::default() };
        let mut session = None;
        for input in [Input::Begin].iter().chain(&inputs) {
            if let Ok(Progress::Advanced(advanced)) =
                advance(&plan, "demo", session.as_ref(), input, Channel::Chat, &facts)
            {
                session = Some(advanced.session);
            }
        }
    }
}
