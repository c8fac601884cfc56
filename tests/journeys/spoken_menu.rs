//! A caller speaks to the menu of the demo, and reaches who they asked for.

use std::time::Duration;

use e2e::{
    phones::Phone,
    support::{eventually, only_interaction},
};
use serde_json::json;
use testkit::Centre;

const HOTLINE: &str = "+15550100";
const CALLER: &str = "+15550123";
const WITHIN: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_says_billing_confirms_it_and_reaches_who_knows_billing() {
    let centre = Centre::start().await;
    eventually("speech is understood", WITHIN, async || {
        let counted = centre.metrics("ingress-voice").await.ok()?;
        counted.lines().any(|line| line == "switchboard_voice_listens 1").then_some(())
    })
    .await;
    let mut ann = Phone::open(&centre.sip.to_string(), "ann", Some("demo"));
    centre.cli(&["agents", "status", "ann", "available"]).await.expect("available");

    let mut eve = Phone::open(&centre.sip.to_string(), CALLER, None);
    eve.tell(json!({ "do": "call", "to": HOTLINE }));
    eve.expect("answered");
    eve.hear_out();
    eve.speak("billing", centre.scratch());
    eve.hear_out();
    eve.speak("yes", centre.scratch());

    ann.expect("incoming");
    ann.act("answer");
    ann.expect("answered");
    ann.tell(json!({ "do": "say", "hertz": 1_000 }));
    eve.expect_tone(1_000, 440);
    let connected = only_interaction(&centre, "connected").await;
    assert_eq!(
        (&connected["queue"], &connected["agent"]),
        (&json!("billing"), &json!("ann")),
        "{connected:#}"
    );
    eve.act("hangup");
}
