//! Call-backs, whispers and what a queue says instead of an agent, heard by real phones. The carrier is a phone that answers.

use std::{sync::atomic::Ordering, time::Duration};

use chassis::Clock;
use contract::{
    Event,
    directory::v1::AlternativeKind,
    interaction::v1::Channel,
    router::v1::{CallbackDue, InteractionDiverted, OfferMade},
};
use serde_json::json;

use crate::{
    calls::waiting,
    centre::{Centre, free_port},
    control::hears_ringing,
    phone::Phone,
    program::Program,
    trunks::{carrier, trunk},
};

const CUSTOMER: &str = "+442079460018";
/// A call-back that the router knows of.
const BACK: &str = "0192a000-0000-7000-8000-000000000077";

async fn centre(port: u16) -> Centre {
    Centre::start_with(&[
        ("trunks", vec![trunk("one", port, 1)].into()),
        ("dial_allowed", json!(["+44"])),
        ("trunk_patience", "1s".into()),
    ])
    .await
}

fn caller(centre: &Centre, from: &str, to: &str) -> Phone {
    let mut caller = Phone::open(&centre.sip, from, None);
    caller.tell(json!({"do": "call", "to": to}));
    caller.expect("answered");
    caller
}

/// Does what the router does when an agent is to call somebody back.
async fn offer_callback(centre: &Centre, offer_id: &str) {
    let offer = OfferMade {
        offer_id: offer_id.to_owned(),
        agent_id: "ann".to_owned(),
        queue: "billing".to_owned(),
        channel: Channel::Voice.into(),
        expires_at: Some(Clock::system().now().plus_millis(20_000).to_proto()),
        customer_label: "Eve Ewing".to_owned(),
        callback: true,
        ..OfferMade::default()
    };
    centre.publish(BACK, offer).await;
}

async fn due(centre: &Centre, offer_id: &str) {
    let due = CallbackDue {
        agent_id: "ann".to_owned(),
        offer_id: offer_id.to_owned(),
        queue: "billing".to_owned(),
        phone: CUSTOMER.to_owned(),
        attempt: 1,
    };
    centre.publish(BACK, due).await;
}

async fn divert(centre: &Centre, interaction: &str, to: AlternativeKind) {
    let diverted = InteractionDiverted {
        queue: "general".to_owned(),
        channel: Channel::Voice.into(),
        to: to.into(),
        ..InteractionDiverted::default()
    };
    centre.publish(interaction, diverted).await;
}

/// The facts of the call; whether it was known by then who answered is told elsewhere.
fn told(centre: &Centre) -> Vec<&'static str> {
    centre.names().into_iter().filter(|name| *name != "far_end_detected").collect()
}

/// Ann has taken the call-back, and its customer's telephone rings.
async fn ringing(centre: &Centre, ann: &mut Phone, carrier: &mut Phone) {
    offer_callback(centre, "o1").await;
    ann.expect("incoming");
    ann.act("answer");
    due(centre, "o1").await;
    carrier.expect("incoming");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_a_queue_gives_up_the_line_for_a_callback() {
    let (_carrier, port) = carrier();
    let centre = centre(port).await;
    let mut caller = caller(&centre, CUSTOMER, "+15550105");
    let (interaction, _) = centre.queued().await;

    caller.tell(json!({"do": "press", "digits": "5"}));

    centre.peers.told(&format!("callback {interaction} {CUSTOMER}")).await;
    let (word, _) = caller.listen(&[]);
    assert!(word > 300, "the customer is told, rms {word}");
    caller.expect("ended");
    assert_eq!(centre.end().await.0, "callback_requested");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_may_not_be_called_stays_in_the_queue() {
    let (_carrier, port) = carrier();
    let centre = centre(port).await;
    let mut caller = caller(&centre, "+33123456789", "+15550105");
    let (interaction, _) = centre.queued().await;

    caller.tell(json!({"do": "press", "digits": "5"}));
    assert!(!caller.sees("ended", Duration::from_secs(4)));
    centre.offer(&interaction, "o1", "ann").await;

    centre.peers.told("unreachable o1 ann: no phone is registered").await;
    assert!(!centre.peers.told.lock().unwrap().iter().any(|told| told.starts_with("callback")));
    caller.act("hangup");
    assert_eq!(centre.end().await.0, "abandoned");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_arranges_a_callback_with_a_place_of_its_own() {
    let (_carrier, port) = carrier();
    let centre = centre(port).await;

    let mut caller = caller(&centre, CUSTOMER, "+15550107");
    let (back, queued) = centre
        .fact(|event| match event {
            Event::InteractionQueued(queued) => Some(queued.clone()),
            _ => None,
        })
        .await;
    caller.expect("ended");

    let callback = queued.callback.unwrap();
    assert_eq!(
        (callback.phone.as_str(), queued.queue.as_str(), queued.priority),
        ("+442079460019", "billing", 2)
    );
    assert_ne!(callback.of_interaction_id, back);
    let (call, ()) = centre.fact(|event| matches!(event, Event::InteractionEnded(_)).then_some(())).await;
    assert_eq!(callback.of_interaction_id, call);
    assert_eq!(centre.end().await.0, "callback_requested");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_rings_the_agent_then_the_customer_and_they_talk() {
    let (mut carrier, port) = carrier();
    let centre = centre(port).await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));

    offer_callback(&centre, "o1").await;
    let incoming = ann.expect("incoming");
    assert_eq!(incoming["headers"]["X-Switchboard-Interaction"], BACK);
    ann.act("answer");
    centre.peers.told("accept o1 ann").await;
    assert!(
        !carrier.sees("incoming", Duration::from_secs(1)),
        "nobody is dialled before the router says whom"
    );
    due(&centre, "o1").await;
    let incoming = carrier.expect("incoming");
    assert!(incoming["headers"]["To"].as_str().unwrap().contains(CUSTOMER), "{incoming}");
    assert!(hears_ringing(&mut ann), "the agent hears it ring");
    carrier.act("answer");

    ann.tell(json!({"do": "say", "hertz": 440}));
    carrier.tell(json!({"do": "say", "hertz": 1000}));
    ann.expect_tone(1000, 440);
    carrier.expect_tone(440, 1000);
    carrier.act("hangup");
    ann.expect("ended");
    assert_eq!(centre.end().await, ("customer_left".to_owned(), "customer".to_owned()));
    assert_eq!(told(&centre), ["interaction_connected", "interaction_ended"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_is_not_reached_is_reported_and_may_be_tried_again() {
    let (mut carrier, port) = carrier();
    let centre = centre(port).await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));

    for (attempt, code, outcome) in [("o1", 486, "busy"), ("o2", 480, "no_answer")] {
        offer_callback(&centre, attempt).await;
        ann.expect("incoming");
        ann.act("answer");
        due(&centre, attempt).await;
        carrier.expect("incoming");
        carrier.tell(json!({"do": "decline", "code": code}));

        ann.expect("ended");
        centre.peers.told(&format!("attempt {BACK} {outcome}")).await;
        // Until it is given back, no instance rings for it.
        tokio::time::sleep(Duration::from_millis(300)).await;
    }

    assert!(centre.names().is_empty(), "the interaction goes on: {:?}", centre.names());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_declines_a_callback_has_only_declined() {
    let (_carrier, port) = carrier();
    let centre = centre(port).await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));

    offer_callback(&centre, "o1").await;
    ann.expect("incoming");
    ann.tell(json!({"do": "decline", "code": 486}));

    centre.peers.told("decline o1 ann").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(centre.names().is_empty());
    assert!(!centre.peers.told.lock().unwrap().iter().any(|told| told.starts_with("attempt")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_that_a_process_leaves_behind_is_reported_as_an_attempt() {
    let (mut carrier, port) = carrier();
    let mut centre = centre(port).await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));
    ringing(&centre, &mut ann, &mut carrier).await;

    centre.stop().await;

    centre.peers.told(&format!("attempt {BACK} failed")).await;
    assert!(centre.names().is_empty(), "{:?}", centre.names());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_whose_process_is_killed_is_reported_by_another_instance() {
    let (mut carrier, port) = carrier();
    let sip = free_port();
    let centre = Centre::without_service(format!("127.0.0.1:{sip}")).await;
    let folder = tempfile::tempdir().unwrap();
    let settings = format!(
        "dial_allowed = [\"+44\"]\n[[ingress_voice.trunks]]\nname = \"one\"\naddress = \"127.0.0.1:{port}\"\nping_every = \"0s\""
    );
    let killed = Program::instance(&centre, "voice-7", (sip, 26_000), &settings, folder.path());
    Program::answers(sip).await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));
    // It follows the bus from a moment after it answers phones.
    tokio::time::sleep(Duration::from_secs(1)).await;
    ringing(&centre, &mut ann, &mut carrier).await;

    killed.signal("-KILL");
    let other = Program::instance(&centre, "voice-8", (free_port(), 27_000), &settings, folder.path());

    centre.peers.told(&format!("attempt {BACK} failed")).await;
    // Once: what was heard is not said again.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let reports =
        || centre.peers.told.lock().unwrap().iter().filter(|told| told.starts_with("attempt")).count();
    assert_eq!(reports(), 1);
    assert!(centre.names().is_empty(), "the interaction goes on: {:?}", centre.names());
    drop(other);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_router_does_not_hear_of_an_attempt_is_said_until_it_does() {
    let (mut carrier, port) = carrier();
    let centre = centre(port).await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));
    ringing(&centre, &mut ann, &mut carrier).await;
    centre.peers.deaf.store(true, Ordering::SeqCst);

    carrier.tell(json!({"do": "decline", "code": 486}));
    ann.expect("ended");
    // Longer than the sweep takes to come round.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let reports =
        || centre.peers.told.lock().unwrap().iter().filter(|told| told.starts_with("attempt")).count();
    assert_eq!(reports(), 0);
    centre.peers.deaf.store(false, Ordering::SeqCst);

    // The outcome itself, not only that it failed.
    centre.peers.told(&format!("attempt {BACK} busy")).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(reports(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_instances_one_makes_the_call() {
    let (mut carrier, port) = carrier();
    let centre = centre(port).await;
    let other = centre.another().await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));

    ringing(&centre, &mut ann, &mut carrier).await;
    carrier.act("answer");
    centre.fact(|event| matches!(event, Event::InteractionConnected(_)).then_some(())).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    carrier.act("hangup");
    ann.expect("ended");
    assert_eq!(centre.end().await.0, "customer_left");

    assert_eq!(*centre.peers.told.lock().unwrap(), ["accept o1 ann"]);
    assert_eq!(told(&centre), ["interaction_connected", "interaction_ended"]);
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_hears_the_whisper_alone_and_then_the_customer() {
    let centre = Centre::start().await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));
    let (mut caller, interaction) = waiting(&centre).await;
    let offer = OfferMade {
        offer_id: "o1".to_owned(),
        agent_id: "ann".to_owned(),
        expires_at: Some(Clock::system().now().plus_millis(20_000).to_proto()),
        whisper: "Welcome to Harbour Supply. For sales press 1, for billing press 2, for an agent press 0."
            .to_owned(),
        ..OfferMade::default()
    };
    centre.publish(&interaction, offer).await;
    ann.expect("incoming");
    ann.tell(json!({"do": "say", "hertz": 440}));
    caller.tell(json!({"do": "say", "hertz": 1000}));
    ann.act("answer");
    centre.peers.told("accept o1 ann").await;

    let (whisper, heard) = ann.listen(&[1000]);
    let (music, agent) = caller.listen(&[440]);
    assert!(whisper > 300, "the whisper is heard, rms {whisper}");
    assert!(heard[0] < 300, "the customer is not heard yet, {heard:?}");
    assert!(music > 100 && agent[0] < 3_000, "the customer hears music alone: {music} {agent:?}");
    assert!(!centre.names().contains(&"interaction_connected"));

    ann.expect_tone(1000, 440);
    caller.expect_tone(440, 1000);
    centre.fact(|event| matches!(event, Event::InteractionConnected(_)).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_says_farewell_ends_the_call_and_one_that_calls_back_arranges_it() {
    let (_carrier, port) = carrier();
    let centre = centre(port).await;
    let (mut away, interaction) = waiting(&centre).await;
    divert(&centre, &interaction, AlternativeKind::Disconnect).await;
    let (word, _) = away.listen(&[]);
    assert!(word > 300, "farewell is said, rms {word}");
    away.expect("ended");
    assert_eq!(centre.end().await.0, "diverted");

    let mut called = caller(&centre, CUSTOMER, "+15550101");
    let (second, ()) = centre
        .fact(|event| match event {
            Event::InteractionStarted(started) if started.to_address == "+15550101" => {
                started.customer.as_ref().filter(|customer| customer.phone == CUSTOMER).map(|_| ())
            }
            _ => None,
        })
        .await;
    divert(&centre, &second, AlternativeKind::Callback).await;
    centre.peers.told(&format!("callback {second} {CUSTOMER}")).await;
    called.expect("ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_gives_the_call_to_a_number_and_goes_on_when_nobody_answers() {
    let (mut carrier, port) = carrier();
    let centre = centre(port).await;
    let mut first = caller(&centre, CUSTOMER, "+15550108");
    carrier.expect("incoming");
    assert!(hears_ringing(&mut first));
    carrier.tell(json!({"do": "decline", "code": 486}));
    let (_, queue) = centre.queued().await;
    assert_eq!(queue, "general");
    first.act("hangup");
    assert_eq!(centre.end().await.0, "abandoned");

    let mut second = caller(&centre, CUSTOMER, "+15550108");
    carrier.expect("incoming");
    carrier.act("answer");
    carrier.tell(json!({"do": "say", "hertz": 1500}));
    second.tell(json!({"do": "say", "hertz": 1000}));

    second.expect_tone(1500, 440);
    carrier.expect_tone(1000, 440);
    let (_, by) = centre
        .fact(|event| match event {
            Event::InteractionEnded(ended) if ended.reason().as_str_name() == "END_REASON_TRANSFERRED" => {
                Some(ended.ended_by().as_str_name())
            }
            _ => None,
        })
        .await;
    assert_eq!(by, "PARTY_FLOW");
    carrier.act("hangup");
    second.expect("ended");
}
