//! A caller reaches, through the menu and the queue, the agent who knows billing. Both hear each other.

use contract::router::v1::WorkState;
use e2e::{
    phones::Phone,
    support::{Agent, assert_times_in_order, interactions, only_interaction, queue, verdicts},
};
use serde_json::{Value, json};
use testkit::Centre;

const HOTLINE: &str = "+15550100";
const CALLER: &str = "+15550123";
/// What caller and agent say, in Hz: nothing that is in a prompt or in the music on hold.
const CALLERS_TONE: u32 = 440;
const AGENTS_TONE: u32 = 1_000;

/// A caller who has got through and hears the menu.
fn dial(centre: &Centre) -> Phone {
    let mut caller = Phone::open(&centre.sip.to_string(), CALLER, None);
    caller.tell(json!({ "do": "call", "to": HOTLINE }));
    caller.expect("answered");
    assert!(hears_something(&mut caller), "the menu speaks");
    caller
}

fn press(caller: &mut Phone, digit: &str) {
    caller.tell(json!({ "do": "press", "digits": digit }));
}

/// An agent who is available, with a registered phone on the desk.
async fn at_work(centre: &Centre, key: &str) -> (Agent, Phone) {
    let phone = Phone::open(&centre.sip.to_string(), key, Some("demo"));
    centre.cli(&["agents", "status", key, "available"]).await.expect("available");
    (Agent::sign_in(&centre.http_url, key).await.expect("signed in"), phone)
}

/// Whether something is to be heard: a prompt or music.
fn hears_something(phone: &mut Phone) -> bool {
    (0..20).any(|_| phone.listen(&[]).0 > 100)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_reaches_the_agent_who_knows_billing() {
    let centre = Centre::start().await;
    let (ann, mut ann_phone) = at_work(&centre, "ann").await;
    let (_bob, mut bob_phone) = at_work(&centre, "bob").await;

    let mut caller = dial(&centre);
    press(&mut caller, "2");
    let ringing = ann_phone.expect("incoming");
    ann_phone.act("answer");
    ann_phone.expect("answered");
    caller.tell(json!({ "do": "say", "hertz": CALLERS_TONE }));
    ann_phone.tell(json!({ "do": "say", "hertz": AGENTS_TONE }));
    ann_phone.expect_tone(CALLERS_TONE, AGENTS_TONE);
    caller.expect_tone(AGENTS_TONE, CALLERS_TONE);

    let connected = only_interaction(&centre, "connected").await;
    assert!(ringing["caller"].as_str().is_some_and(|uri| uri.contains(CALLER)), "{ringing}");
    assert_eq!(queue(&centre, "billing", |live| live["in_progress"] == 1).await["waiting"], 0);
    let agents = centre.cli(&["agents"]).await.unwrap();
    let ann_now = agents.as_array().unwrap().iter().find(|agent| agent["agent"] == "ann").unwrap().clone();
    assert_eq!(ann_now["state"], "busy");
    assert!(!bob_phone.sees("incoming", std::time::Duration::ZERO), "bob knows nothing of billing");

    caller.act("hangup");
    ann_phone.expect("ended");
    let id = connected["id"].as_str().unwrap().to_owned();
    ann.wrap_up(&id, "resolved").await.unwrap();

    let closed = only_interaction(&centre, "closed").await;
    for (key, wanted) in [
        ("channel", "voice"),
        ("direction", "inbound"),
        ("entry_point", "phone"),
        ("queue", "billing"),
        ("agent", "ann"),
        ("disposition", "resolved"),
        ("end_reason", "customer_left"),
    ] {
        assert_eq!(closed[key], wanted, "{key} of {closed:#}");
    }
    assert_times_in_order(&closed);
    assert!(closed["customer"].is_string() && closed["case"].is_string(), "{closed:#}");
    let verdicts = verdicts(&centre, &id, 0).await;
    assert_eq!(verdicts[0], ("ann".to_owned(), "chosen".to_owned()));
    assert!(verdicts.contains(&("bob".to_owned(), "missing_skill".to_owned())), "{verdicts:?}");
    let live = queue(&centre, "billing", |live| live["answered"] == 1 && live["in_progress"] == 0).await;
    assert_eq!((&live["offered"], &live["abandoned"]), (&json!(1), &json!(0)), "{live:#}");
    assert_eq!(live["service_level"], 1.0, "{live:#}");
    let story = centre.cli(&["interactions", "show", &id]).await.unwrap();
    let kinds = story["events"].as_array().unwrap().iter().filter_map(|event| event["kind"].as_str());
    let kinds = kinds.collect::<Vec<_>>();
    for kind in [
        "interaction_started",
        "interaction_queued",
        "offer_made",
        "interaction_assigned",
        "interaction_ended",
    ] {
        assert_eq!(kinds.iter().filter(|found| **found == kind).count(), 1, "{kind} in {kinds:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_calls_again_is_the_same_customer() {
    let centre = Centre::start().await;

    for _ in 0..2 {
        let mut caller = dial(&centre);
        caller.act("hangup");
        caller.expect("ended");
    }

    let both =
        e2e::support::eventually("both calls are closed", std::time::Duration::from_secs(20), async || {
            let all = interactions(&centre).await;
            let closed = |one: &Value| one["state"] == "closed" && one["customer"].is_string();
            (all.len() == 2 && all.iter().all(closed)).then_some(all)
        })
        .await;
    assert_eq!(both[0]["customer"], both[1]["customer"]);
    assert_eq!(both[0]["end_reason"], "left_in_flow");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_hangs_up_in_the_queue_has_abandoned_it() {
    let centre = Centre::start().await;

    let mut caller = dial(&centre);
    press(&mut caller, "1");
    only_interaction(&centre, "queued").await;
    assert!(hears_something(&mut caller), "there is music on hold");
    assert_eq!(queue(&centre, "sales", |live| live["waiting"] == 1).await["abandoned"], 0);
    caller.act("hangup");

    let closed = only_interaction(&centre, "closed").await;
    assert_eq!((&closed["end_reason"], &closed["queue"]), (&json!("abandoned"), &json!("sales")));
    assert!(closed["answered_at"].is_null() && closed["agent"].is_null(), "{closed:#}");
    queue(&centre, "sales", |live| live["abandoned"] == 1 && live["waiting"] == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_one_agent_declines_rings_at_the_next() {
    let centre = Centre::start().await;
    let (_ann, mut ann_phone) = at_work(&centre, "ann").await;
    let mut caller = dial(&centre);
    press(&mut caller, "2");
    ann_phone.expect("incoming");
    let (cy, mut cy_phone) = at_work(&centre, "cy").await;

    ann_phone.tell(json!({ "do": "decline", "code": 486 }));
    cy_phone.expect("incoming");
    cy_phone.act("answer");
    cy_phone.expect("answered");
    let work = cy.work(WorkState::Connected).await;
    cy_phone.act("hangup");
    caller.expect("ended");
    cy.wrap_up(&work.interaction_id, "resolved").await.unwrap();

    let closed = only_interaction(&centre, "closed").await;
    assert_eq!((&closed["agent"], &closed["end_reason"]), (&json!("cy"), &json!("agent_ended")));
    let explained = centre.cli(&["explain", &work.interaction_id]).await.unwrap();
    assert_eq!(explained["offers"][0]["agent"], "ann");
    assert_ne!(explained["offers"][0]["outcome"], "accepted");
    assert_eq!(explained["offers"][1]["outcome"], "accepted");
}
