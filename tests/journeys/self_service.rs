//! A caller helps themselves: hears a balance, changes a telephone number, orders a refill; no agent is there.

use std::time::Duration;

use e2e::{
    phones::Phone,
    support::{eventually, interactions, only_interaction},
};
use serde_json::{Value, json};
use testkit::Centre;

const SELF_SERVICE: &str = "+15550111";
const HOTLINE: &str = "+15550100";
/// Eve's number, as the sample backend knows it at first.
const EVE: &str = "+15550123";
const WITHIN: Duration = Duration::from_secs(20);

fn dial(centre: &Centre, user: &str, number: &str) -> Phone {
    let mut caller = Phone::open(&centre.sip.to_string(), user, None);
    caller.tell(json!({ "do": "call", "to": number }));
    caller.expect("answered");
    caller
}

/// Presses keys, and sees that the telephone took them.
fn press(caller: &mut Phone, keys: &str) {
    caller.tell(json!({ "do": "press", "digits": keys }));
    while caller.expect("done")["did"] != "press" {}
}

/// The figures of a step of the flow, once it was come to so often.
async fn step(centre: &Centre, flow: &str, key: &str, entered: i64) -> Value {
    eventually(&format!("{entered} came to {key}"), WITHIN, async || {
        let report = centre.cli(&["flow", "report", flow]).await.ok()?;
        let steps = report[0]["steps"].as_array()?.clone();
        steps.into_iter().find(|step| step["step"] == key && step["entered"] == entered)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_serves_themselves_and_needs_no_agent() {
    let centre = Centre::start().await;

    let mut eve = dial(&centre, EVE, SELF_SERVICE);
    press(&mut eve, "1234");
    step(&centre, "self-service", "menu", 1).await;
    press(&mut eve, "1");
    step(&centre, "self-service", "say-balance", 1).await;
    press(&mut eve, "2");
    step(&centre, "self-service", "ask-phone", 1).await;
    press(&mut eve, "15550177#");
    step(&centre, "self-service", "confirm-phone", 1).await;
    press(&mut eve, "1");
    step(&centre, "self-service", "phone-changed", 1).await;
    press(&mut eve, "3");
    step(&centre, "self-service", "ask-prescription", 1).await;
    press(&mut eve, "7001");
    step(&centre, "self-service", "refilled", 1).await;
    press(&mut eve, "9");
    eve.expect("ended");

    let closed = only_interaction(&centre, "closed").await;
    assert_eq!(
        (&closed["end_reason"], &closed["entry_point"]),
        (&json!("flow_ended"), &json!("self-service"))
    );
    assert!(closed["agent"].is_null() && closed["queue"].is_null(), "{closed:#}");
    let report = centre.cli(&["flow", "report", "self-service"]).await.unwrap();
    assert_eq!((&report[0]["self_served"], &report[0]["queued"]), (&json!(1), &json!(0)), "{report:#}");
    let pins = centre.cli(&["interactions", "show", closed["id"].as_str().unwrap()]).await.unwrap();
    assert!(!pins.to_string().contains("\"1234\""), "the PIN stands nowhere: {pins:#}");

    // The backend has kept the number: calling from it, she is known.
    let mut again = dial(&centre, "+15550177", SELF_SERVICE);
    step(&centre, "self-service", "welcome-back", 2).await;
    again.act("hangup");
    again.expect("ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_mis_keys_gets_to_a_person_with_the_agent_key() {
    let centre = Centre::start().await;

    let mut caller = dial(&centre, "+15550199", SELF_SERVICE);
    press(&mut caller, "12#");
    let asked = eventually("the mistake is told", WITHIN, async || {
        let report = centre.cli(&["flow", "report", "self-service"]).await.ok()?;
        let steps = report[0]["steps"].as_array()?.clone();
        steps.into_iter().find(|step| step["step"] == "ask-account" && step["invalid"] == 1)
    })
    .await;
    press(&mut caller, "0#");

    let queued = only_interaction(&centre, "queued").await;
    assert_eq!(asked["wrong_keys"][0]["key"], "12");
    assert_eq!(queued["queue"], "general");
    caller.act("hangup");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_spoke_with_a_person_is_asked_how_it_was_and_the_answer_is_counted() {
    let centre = Centre::start().await;
    let mut ann = Phone::open(&centre.sip.to_string(), "ann", Some("demo"));
    centre.cli(&["agents", "status", "ann", "available"]).await.expect("available");

    let mut eve = dial(&centre, EVE, SELF_SERVICE);
    press(&mut eve, "0#");
    ann.expect("incoming");
    ann.act("answer");
    ann.expect("answered");
    only_interaction(&centre, "connected").await;
    ann.act("hangup");
    step(&centre, "self-service", "how-was-it", 1).await;
    press(&mut eve, "4");
    eve.expect("ended");

    let rated = eventually("the answer is counted", WITHIN, async || {
        let report = centre.cli(&["flow", "report", "self-service"]).await.ok()?;
        report[0]["ratings"].as_array()?.first().cloned()
    })
    .await;
    assert_eq!((&rated["queue"], &rated["agent"]), (&json!("general"), &json!("ann")), "{rated:#}");
    assert_eq!((&rated["ratings"], &rated["mean_rating"]), (&json!(1), &json!(4.0)), "{rated:#}");
    let all = interactions(&centre).await;
    assert_eq!((all.len(), &all[0]["end_reason"]), (1, &json!("agent_ended")), "{all:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_pressed_at_the_moment_of_the_answer_counts() {
    let centre = Centre::start().await;

    for call in 1..=8 {
        let mut caller = dial(&centre, &format!("+1555012{call}"), HOTLINE);
        press(&mut caller, "1");
        eventually("the key leads to sales", WITHIN, async || {
            let all = interactions(&centre).await;
            let newest = all.first().filter(|_| all.len() == call)?;
            (newest["queue"] == "sales").then_some(())
        })
        .await;
        caller.act("hangup");
        caller.expect("ended");
    }
}
