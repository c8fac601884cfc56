//! A call cannot outlive the process that holds it; its record can.

use std::time::Duration;

use e2e::{phones::Phone, support::eventually};
use serde_json::json;
use testkit::Centre;

use crate::listed_as;

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_died_with_the_process_are_closed_with_that_reason() {
    let mut centre = Centre::start().await;
    let mut caller = Phone::open(&centre.sip.to_string(), "+15550123", None);
    caller.tell(json!({ "do": "call", "to": "+15550100" }));
    caller.expect("answered");
    caller.tell(json!({ "do": "press", "digits": "1" }));
    let within = Duration::from_secs(20);
    let waiting = eventually("the call is queued", within, async || {
        let all = centre.cli(&["interactions", "list"]).await.ok()?;
        all.as_array()?.iter().find(|one| one["state"] == "queued").cloned()
    })
    .await;
    let id = waiting["id"].as_str().expect("an id").to_owned();

    centre.kill_and_restart().await.expect("the centre is back");

    let closed = eventually("the dead call is closed", within, || listed_as(&centre, &id, "closed")).await;
    assert_eq!(closed["end_reason"], "process_died", "{closed:#}");
    let sales = eventually("the figures of sales", within, async || {
        let all = centre.cli(&["queues"]).await.ok()?;
        all.as_array()?.iter().find(|queue| queue["queue"] == "sales" && queue["waiting"] == 0).cloned()
    })
    .await;
    assert_eq!(sales["answered"], 0);
    drop(caller);
    // Who was cut off calls back, keeps the place of the lost call, and goes first.
    let mut back = Phone::open(&centre.sip.to_string(), "+15550123", None);
    back.tell(json!({ "do": "call", "to": "+15550100" }));
    back.expect("answered");
    back.tell(json!({ "do": "press", "digits": "1" }));
    let first = eventually("the call is put first", within, async || {
        let all = centre.cli(&["interactions", "list"]).await.ok()?;
        let id = all.as_array()?.iter().find(|one| one["state"] == "queued")?["id"].as_str()?.to_owned();
        let explained = centre.cli(&["explain", &id]).await.ok()?;
        (explained["priority"] == 1_000).then_some(explained)
    })
    .await;
    assert!(first["attributes"]["cut_off_at"].is_string(), "{first:#}");
    assert!(first["enqueued_at"].is_string(), "{first:#}");
    let mut again = Phone::open(&centre.sip.to_string(), "+15550124", None);
    again.tell(json!({ "do": "call", "to": "+15550100" }));
    again.expect("answered");
}
