//! What the command line says about what happened: the interface that journeys are checked by.

use std::time::Duration;

use serde_json::Value;
use testkit::Centre;
use tokio::time::Instant;

use super::eventually;

const WITHIN: Duration = Duration::from_secs(20);

/// Every interaction of the centre, newest first.
pub async fn interactions(centre: &Centre) -> Vec<Value> {
    let listed = centre.cli(&["interactions", "list", "--limit", "1000"]).await.expect("a list");
    listed.as_array().expect("an array").clone()
}

/// The only interaction there is, once it is in a state.
///
/// # Panics
/// When there are two, or it does not come to that state.
pub async fn only_interaction(centre: &Centre, state: &str) -> Value {
    let until = Instant::now() + WITHIN;
    loop {
        let all = interactions(centre).await;
        assert!(all.len() < 2, "one interaction was expected: {all:#?}");
        if let Some(one) = all.first().filter(|one| one["state"] == state) {
            return one.clone();
        }
        if Instant::now() > until {
            let id = all.first().and_then(|one| one["id"].as_str()).unwrap_or_default();
            let story = centre.cli(&["interactions", "show", id]).await;
            panic!("the only interaction is not {state} within {WITHIN:?}: {story:#?}");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The live figures of a queue, once they are as wanted.
pub async fn queue(centre: &Centre, key: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    eventually(&format!("the figures of {key}"), WITHIN, async || {
        let all = centre.cli(&["queues"]).await.ok()?;
        all.as_array()?.iter().find(|queue| queue["queue"] == key).filter(|queue| wanted(queue)).cloned()
    })
    .await
}

/// The verdict on each candidate of the offer with this place, as `(agent, verdict)`.
pub async fn verdicts(centre: &Centre, interaction: &str, offer: usize) -> Vec<(String, String)> {
    let explained = centre.cli(&["explain", interaction]).await.expect("an explanation");
    let candidates = explained["offers"][offer]["decision"]["candidates"].as_array().expect("candidates");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    candidates.iter().map(|one| (text(&one["agent"]), text(&one["verdict"]))).collect()
}

/// The times of an interaction that was answered follow one another.
///
/// # Panics
/// When they do not.
pub fn assert_times_in_order(one: &Value) {
    let time =
        |key: &str| one[key].as_str().unwrap_or_else(|| panic!("{key} is missing in {one:#}")).to_owned();
    // RFC 3339 in UTC with milliseconds sorts as text.
    let times = ["started_at", "queued_at", "answered_at", "ended_at"].map(time);
    assert!(times.is_sorted(), "{times:?}");
    for key in ["wait_ms", "talk_ms", "wrap_up_ms"] {
        assert!(one[key].as_i64().is_some_and(|millis| (0..60_000).contains(&millis)), "{key} of {one:#}");
    }
}
