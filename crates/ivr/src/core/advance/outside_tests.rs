//! Call-backs, messages and transfers: what the channel does outside the flow.

use contract::{
    interaction::v1::Channel,
    ivr::v1::{
        CallbackOffer, CallbackStep, Flow, FormAnswers, QueueStep, TransferStep, VoicemailStep, step::Verb,
        verb::Kind,
    },
};

use super::{
    Input,
    verb_tests::{Walk, flow, said},
};
use crate::core::{
    check::check,
    sample::{end, known, queue, step},
};

fn callback(number: &str) -> Flow {
    let step_of = Verb::Callback(CallbackStep {
        queue: "billing".into(),
        number: number.into(),
        next: "soon".into(),
        otherwise: "wait".into(),
        ..CallbackStep::default()
    });
    let steps = vec![step("back", step_of), step("soon", end("We call you.")), step("wait", queue("sales"))];
    flow("main", steps)
}

#[test]
fn a_callback_is_arranged_by_the_channel_or_the_flow_goes_on_otherwise() {
    for (well, wanted) in [(true, vec!["We call you.", "end"]), (false, vec!["One moment.", "queue sales"])] {
        let mut walk = Walk::in_flows(vec![callback("")]);
        assert_eq!(said(&walk.give(Input::Begin)), ["callback billing +15550123"]);

        let done = walk.give(Input::Done(well));

        assert_eq!(said(&done), wanted);
        assert_eq!(done.steps[0].outcome, if well { "well" } else { "failed" });
    }
}

#[test]
fn who_writes_is_neither_called_back_nor_transferred() {
    let mut walk = Walk::in_flows(vec![callback("")]);
    walk.channel = Channel::Chat;
    assert_eq!(said(&walk.give(Input::Begin)), ["One moment.", "queue sales"]);

    let given = TransferStep { number: "+15550100".into(), otherwise: "wait".into(), ..Default::default() };
    let steps = vec![step("away", Verb::Transfer(given)), step("wait", queue("sales"))];
    let mut chat = Walk::in_flows(vec![flow("main", steps.clone())]);
    chat.channel = Channel::Chat;
    assert_eq!(said(&chat.give(Input::Begin)), ["One moment.", "queue sales"]);
    let mut call = Walk::in_flows(vec![flow("main", steps)]);
    assert_eq!(said(&call.give(Input::Begin)), ["transfer +15550100"]);
    assert_eq!(said(&call.give(Input::Done(false))), ["One moment.", "queue sales"]);
}

#[test]
fn a_message_is_spoken_or_written() {
    let left = Verb::Voicemail(VoicemailStep {
        text: "Leave a message, {caller}.".into(),
        queue: "billing".into(),
        next: "thanks".into(),
        otherwise: "wait".into(),
        ..VoicemailStep::default()
    });
    let steps = vec![step("say-it", left), step("thanks", end("Thanks.")), step("wait", queue("sales"))];
    let main = flow("main", steps);

    for (well, last) in [(true, "end"), (false, "queue sales")] {
        let mut call = Walk::in_flows(vec![main.clone()]);
        assert_eq!(said(&call.give(Input::Begin)), ["voicemail billing Leave a message, +15550123."]);
        assert_eq!(said(&call.give(Input::Done(well))).last().unwrap(), last);
    }
    let mut chat = Walk::in_flows(vec![main]);
    chat.channel = Channel::Chat;
    assert_eq!(said(&chat.give(Input::Begin)), ["form"]);
    assert_eq!(said(&chat.give(Input::Text("hello?".into()))), ["form"]);
    assert_eq!(said(&chat.give(Input::Form(FormAnswers::default()))), ["Thanks.", "end"]);
}

#[test]
fn a_queue_offers_a_callback_by_a_key_with_its_number_filled_in() {
    let offer = CallbackOffer { key: "5".into(), text: "Soon, {caller}.".into(), ..CallbackOffer::default() };
    let waits = QueueStep { queue: "sales".into(), callback: Some(offer), ..QueueStep::default() };
    let mut walk = Walk::in_flows(vec![flow("main", vec![step("wait", Verb::Queue(waits))])]);

    let begun = walk.give(Input::Begin);

    let Some(Kind::Queue(queue)) = &begun.verbs[0].kind else { panic!("{begun:?}") };
    let offer = queue.callback.as_ref().unwrap();
    assert_eq!((offer.key.as_str(), offer.number.as_str()), ("5", "+15550123"));
    assert_eq!(offer.text, "Soon, +15550123.");
}

#[test]
fn mistakes_of_callbacks_messages_and_transfers_have_their_place() {
    let back =
        CallbackStep { queue: "biling".into(), next: "bye".into(), priority: 5_000, ..Default::default() };
    let left = VoicemailStep { queue: "sales".into(), next: "left".into(), ..VoicemailStep::default() };
    let away = TransferStep { otherwise: "bye".into(), number: "{who}".into(), ..TransferStep::default() };
    let offer = CallbackOffer { key: "55".into(), ..CallbackOffer::default() };
    let waits = QueueStep { queue: "sales".into(), callback: Some(offer), ..QueueStep::default() };
    let steps = vec![
        step("back", Verb::Callback(back)),
        step("left", Verb::Voicemail(left)),
        step("away", Verb::Transfer(away)),
        step("wait", Verb::Queue(waits)),
        step("bye", end("")),
    ];

    let found = check(&[flow("main", steps)], &known());

    let found: Vec<String> =
        found.iter().map(|mistake| format!("{}: {}", mistake.field, mistake.reason)).collect();
    for wanted in [
        "flows[main].steps[back].queue: names the queue \"biling\"",
        "flows[main].steps[back].priority: must be -1000 to 1000",
        "flows[main].steps[back].otherwise: is missing",
        "flows[main].steps[left].text: is missing",
        "flows[main].steps[away].number: names the variable \"who\"",
        "flows[main].steps[wait].callback.key: must be one key",
    ] {
        assert!(found.iter().any(|mistake| mistake.starts_with(wanted)), "{wanted} in {found:#?}");
    }
}

#[test]
fn a_message_that_leads_to_itself_leads_a_silent_caller_round() {
    let left = VoicemailStep {
        text: "Speak.".into(),
        queue: "sales".into(),
        next: "bye".into(),
        otherwise: "left".into(),
        ..VoicemailStep::default()
    };
    let steps = vec![step("left", Verb::Voicemail(left)), step("bye", end(""))];

    let found = check(&[flow("main", steps)], &known());

    assert_eq!(found[0].field, "flows[main].steps[left].otherwise");
    assert_eq!(found[0].reason, "leads a silent customer round in a loop for ever");
}
