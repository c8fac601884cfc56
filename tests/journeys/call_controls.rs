//! Agents and supervisors control live calls on their pages, and hear the recording (`crates/gateway/web/e2e`): what stands in
//! the history afterwards.

use e2e::{
    phones,
    support::{Outside, browsers, interactions},
};
use testkit::Centre;

#[tokio::test(flavor = "multi_thread")]
async fn agents_and_supervisors_control_live_calls_on_their_pages() {
    let outside = Outside::new("{ queue = \"billing\" }");
    let message =
        "[[ingress_voice.answering.rules]]\non_machine = \"connect\"\nmessage = \"Please call us.\"\n";
    let centre = Centre::start_with(&format!("{}{message}", outside.settings)).await;

    let (sip, trunk) = (centre.sip.to_string(), outside.port.to_string());
    browsers(&centre, "call_controls", &[&sip, phones::python(), &trunk]).await;

    let calls = interactions(&centre).await;
    let inbound = calls.iter().find(|call| call["direction"] == "inbound").unwrap();
    assert_eq!(
        (&inbound["agent"], &inbound["end_reason"]),
        (&"bob".into(), &"transferred".into()),
        "{inbound:#}"
    );
    let outbound = calls.iter().find(|call| call["direction"] == "outbound").unwrap();
    assert_eq!(
        (&outbound["agent"], &outbound["end_reason"]),
        (&"ann".into(), &"agent_ended".into()),
        "{outbound:#}"
    );
    let shown = centre.cli(&["interactions", "show", inbound["id"].as_str().unwrap()]).await.unwrap();
    let timeline = shown["events"].to_string();
    for told in ["Sue", "Bob"] {
        assert!(timeline.contains(told) || timeline.contains(&told.to_lowercase()), "{told} in {timeline}");
    }
}
