//! An agent takes calls in the browser, from a telephone and from a web page (`crates/gateway/web/e2e`), and what the
//! command line says about them afterwards.

use e2e::{
    phones,
    support::{browsers, interactions},
};
use testkit::Centre;

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_takes_calls_in_the_browser_from_telephones_and_web_pages() {
    let centre = Centre::start().await;

    browsers(&centre, "call_in_browser", &[&centre.sip.to_string(), phones::python()]).await;

    let calls = interactions(&centre).await;
    let ends: Vec<&str> = calls.iter().rev().filter_map(|call| call["end_reason"].as_str()).collect();
    let wanted = ["agent_ended", "customer_left", "customer_left", "agent_ended", "customer_left"];
    assert_eq!(ends, wanted, "{calls:#?}");
    for call in &calls {
        assert_eq!((&call["agent"], &call["queue"]), (&"ann".into(), &"billing".into()), "{call:#}");
    }
}
