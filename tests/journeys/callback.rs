//! A caller who does not want to wait asks to be called back, and hangs up. When an agent is free, their telephone rings, then
//! the customer's; both hear each other. One customer's history, and no abandon.

use std::time::Duration;

use e2e::{
    phones::{self, Phone},
    support::{Agent, Outside, browsers, eventually, interactions, queue},
};
use serde_json::{Value, json};
use testkit::{Centre, free_ports};

const HOTLINE: &str = "+15550100";
const CUSTOMER: &str = "+15550123";
/// No tone of a telephone network: 440 Hz without end would be a number that can't be reached.
const CUSTOMERS_TONE: u32 = 1_500;
const AGENTS_TONE: u32 = 1_000;
const WITHIN: Duration = Duration::from_secs(20);

/// The interaction of this direction, once it stands so.
async fn of(centre: &Centre, direction: &str, state: &str) -> Value {
    eventually(&format!("an {direction} interaction is {state}"), WITHIN, async || {
        interactions(centre)
            .await
            .into_iter()
            .find(|one| one["direction"] == direction && one["state"] == state)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_asks_for_it_is_called_back_and_keeps_the_place() {
    let port = free_ports(1).unwrap()[0];
    let mut network = Phone::start(json!({ "server": "127.0.0.1:5060", "user": "network", "port": port }));
    let centre = Centre::start_with(&format!(
        "dial_allowed = [\"+1555\"]\n[[ingress_voice.trunks]]\nname = \"network\"\naddress = \"127.0.0.1:{port}\"\n\
         ping_every = \"0s\""
    ))
    .await;

    let mut caller = Phone::open(&centre.sip.to_string(), CUSTOMER, None);
    caller.tell(json!({ "do": "call", "to": HOTLINE }));
    caller.expect("answered");
    caller.tell(json!({ "do": "press", "digits": "2" }));
    of(&centre, "inbound", "queued").await;
    caller.tell(json!({ "do": "press", "digits": "5" }));
    let waits = of(&centre, "outbound", "queued").await;
    caller.act("hangup");
    caller.expect("ended");
    let asked = of(&centre, "inbound", "closed").await;

    let mut ann_phone = Phone::open(&centre.sip.to_string(), "ann", Some("demo"));
    let ann = Agent::sign_in(&centre.http_url, "ann").await.unwrap();
    ann.available().await.unwrap();
    ann_phone.expect("incoming");
    ann_phone.act("answer");
    ann_phone.expect("answered");
    let dialled = network.expect("incoming");
    assert!(dialled["headers"]["To"].as_str().is_some_and(|to| to.contains(CUSTOMER)), "{dialled}");
    network.act("answer");
    network.tell(json!({ "do": "say", "hertz": CUSTOMERS_TONE }));
    ann_phone.tell(json!({ "do": "say", "hertz": AGENTS_TONE }));
    ann_phone.expect_tone(CUSTOMERS_TONE, AGENTS_TONE);
    network.expect_tone(AGENTS_TONE, CUSTOMERS_TONE);
    let talking = of(&centre, "outbound", "connected").await;
    network.act("hangup");
    ann_phone.expect("ended");
    ann.wrap_up(talking["id"].as_str().unwrap(), "resolved").await.unwrap();
    let called = of(&centre, "outbound", "closed").await;

    assert_eq!((&asked["end_reason"], &asked["queue"]), (&json!("callback_requested"), &json!("billing")));
    assert_eq!((&called["agent"], &called["end_reason"]), (&json!("ann"), &json!("customer_left")));
    assert_eq!(waits["id"], called["id"]);
    assert_eq!((&called["customer"], &called["case"]), (&asked["customer"], &asked["case"]));
    assert_eq!(interactions(&centre).await.len(), 2);
    let billing = queue(&centre, "billing", |live| live["waiting"] == 0 && live["in_progress"] == 0).await;
    assert_eq!(
        (&billing["offered"], &billing["answered"], &billing["abandoned"]),
        (&json!(1), &json!(0), &json!(0)),
        "{billing:#}"
    );
    let told = centre.cli(&["interactions", "show", called["id"].as_str().unwrap()]).await.unwrap();
    let story = told["events"].to_string();
    assert!(story.contains("to be called back on") && story.contains("attempt 1"), "{story}");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_demo_as_it_is_the_key_works_and_the_sample_network_answers() {
    let centre = Centre::start().await;
    let mut caller = Phone::open(&centre.sip.to_string(), CUSTOMER, None);
    caller.tell(json!({ "do": "call", "to": HOTLINE }));
    caller.expect("answered");
    caller.tell(json!({ "do": "press", "digits": "2" }));
    of(&centre, "inbound", "queued").await;
    caller.tell(json!({ "do": "press", "digits": "5" }));
    of(&centre, "outbound", "queued").await;
    caller.act("hangup");
    caller.expect("ended");

    let mut ann_phone = Phone::open(&centre.sip.to_string(), "ann", Some("demo"));
    let ann = Agent::sign_in(&centre.http_url, "ann").await.unwrap();
    ann.available().await.unwrap();
    ann_phone.expect("incoming");
    ann_phone.act("answer");
    let talking = of(&centre, "outbound", "connected").await;
    let trunks = centre.cli(&["trunks"]).await.unwrap();
    let speaks = (0..20).any(|_| ann_phone.listen(&[]).0 > 300);
    ann_phone.act("hangup");
    ann.wrap_up(talking["id"].as_str().unwrap(), "resolved").await.unwrap();

    assert!(speaks, "whoever is called speaks");
    assert_eq!(
        (&trunks[0]["trunk"], &trunks[0]["calls"]),
        (&json!("sample-network"), &json!(1)),
        "{trunks:#}"
    );
    let called = of(&centre, "outbound", "closed").await;
    assert_eq!(called["end_reason"], "agent_ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_that_reaches_an_answering_machine_is_no_conversation_and_is_tried_again() {
    let port = free_ports(1).unwrap()[0];
    let mut network = Phone::start(json!({ "server": "127.0.0.1:5060", "user": "network", "port": port }));
    let centre = Centre::start_with(&format!(
        "dial_allowed = [\"+1555\"]\n[[ingress_voice.trunks]]\nname = \"network\"\naddress = \"127.0.0.1:{port}\"\n\
         ping_every = \"0s\"\n[[ingress_voice.answering.rules]]\nqueue = \"billing\"\non_machine = \"hang_up\""
    ))
    .await;
    let mut caller = Phone::open(&centre.sip.to_string(), CUSTOMER, None);
    caller.tell(json!({ "do": "call", "to": HOTLINE }));
    caller.expect("answered");
    caller.tell(json!({ "do": "press", "digits": "2" }));
    of(&centre, "inbound", "queued").await;
    caller.tell(json!({ "do": "press", "digits": "5" }));
    let back = of(&centre, "outbound", "queued").await;
    let mut ann_phone = Phone::open(&centre.sip.to_string(), "ann", Some("demo"));
    let ann = Agent::sign_in(&centre.http_url, "ann").await.unwrap();
    ann.available().await.unwrap();
    ann_phone.expect("incoming");
    ann_phone.act("answer");

    network.expect("incoming");
    network.act("answer");
    network.expect("answered");
    network.speak(
        "You have reached the Smith family. We are not at home. Please leave a message.",
        centre.scratch(),
    );
    ann_phone.expect("ended");
    network.expect("ended");

    let again = of(&centre, "outbound", "queued").await;
    assert_eq!(again["id"], back["id"], "it waits for its next attempt");
    eventually("the history tells what was heard", WITHIN, async || {
        let told = centre.cli(&["interactions", "show", back["id"].as_str().unwrap()]).await.ok()?;
        let story = told["events"].to_string();
        let whole = story.contains("an answering machine is on the line (spoke on after")
            && story.contains("attempt 1: a machine answered, another follows")
            && !story.contains("connected with");
        whole.then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_back_is_accepted_in_the_browser() {
    let outside = Outside::new("");
    let centre = Centre::start_with(&outside.settings).await;

    let (sip, trunk) = (centre.sip.to_string(), outside.port.to_string());
    browsers(&centre, "callback_in_browser", &[&sip, phones::python(), &trunk]).await;

    let called = of(&centre, "outbound", "closed").await;
    assert_eq!(
        (&called["agent"], &called["end_reason"]),
        (&json!("ann"), &json!("customer_left")),
        "{called:#}"
    );
    let asked = of(&centre, "inbound", "closed").await;
    assert_eq!(asked["end_reason"], "callback_requested", "{asked:#}");
}
