//! A visitor of the shop reaches, through the chat's buttons and the queue, the agent who knows billing: three real
//! browser pages (`crates/gateway/web/e2e`), and what the command line says about it afterwards.

use e2e::support::{
    Visitor, assert_times_in_order, browsers, eventually, interactions, only_interaction, queue, verdicts,
};
use serde_json::json;
use testkit::Centre;

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_reaches_the_agent_who_knows_billing() {
    let centre = Centre::start().await;

    browsers(&centre, "chat_reaches_agent", &[]).await;

    let closed = only_interaction(&centre, "closed").await;
    for (key, wanted) in [
        ("channel", "chat"),
        ("direction", "inbound"),
        ("entry_point", "web-chat"),
        ("queue", "billing"),
        ("agent", "ann"),
        ("end_reason", "customer_left"),
    ] {
        assert_eq!(closed[key], wanted, "{key} of {closed:#}");
    }
    assert_times_in_order(&closed);
    for key in ["customer", "case", "disposition"] {
        assert!(closed[key].is_string(), "{key} of {closed:#}");
    }
    let id = closed["id"].as_str().unwrap();
    let shown = centre.cli(&["interactions", "show", id]).await.unwrap();
    let messages = shown["messages"].as_array().unwrap();
    let sequences = messages.iter().map(|message| message["sequence"].as_i64().unwrap()).collect::<Vec<_>>();
    assert_eq!(sequences, (1..=messages.len() as i64).collect::<Vec<_>>());
    for text in ["My invoice shows the old address", "Let me look", "Are you still there?"] {
        assert_eq!(messages.iter().filter(|message| message["text"] == text).count(), 1, "{text}");
    }
    assert_eq!(verdicts(&centre, id, 0).await[0], ("ann".to_owned(), "chosen".to_owned()));
    let live = queue(&centre, "billing", |live| live["answered"] == 1 && live["in_progress"] == 0).await;
    assert_eq!((&live["offered"], &live["abandoned"]), (&json!(1), &json!(0)), "{live:#}");
}

#[tokio::test]
async fn a_visitor_who_returns_is_the_same_customer() {
    let centre = Centre::start().await;
    let mut visitor = Visitor::arrive(&centre.http_url).await.unwrap();
    visitor.end().await.unwrap();

    visitor.begin_anew().await.unwrap();
    visitor.end().await.unwrap();

    let within = std::time::Duration::from_secs(20);
    let both = eventually("both chats are closed", within, async || {
        let all = interactions(&centre).await;
        let closed = |one: &serde_json::Value| one["state"] == "closed" && one["customer"].is_string();
        (all.len() == 2 && all.iter().all(closed)).then_some(all)
    })
    .await;
    assert_ne!(both[0]["id"], both[1]["id"]);
    assert_eq!(both[0]["customer"], both[1]["customer"]);
}
