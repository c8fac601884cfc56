//! The same work under kills: what was promised is there when everything is back.

mod bad_input;
mod calls;
mod children;
mod everything;
mod second_start;

use serde_json::Value;
use testkit::Centre;

/// The one interaction with this id, as the command line lists it.
async fn listed(centre: &Centre, id: &str) -> Option<Value> {
    let all = centre.cli(&["interactions", "list", "--limit", "500"]).await.ok()?;
    let mut found = all.as_array()?.iter().filter(|one| one["id"] == id).cloned().collect::<Vec<_>>();
    assert!(found.len() < 2, "{id} stands there twice");
    found.pop()
}

/// The same, once it is in a state.
async fn listed_as(centre: &Centre, id: &str, state: &str) -> Option<Value> {
    listed(centre, id).await.filter(|one| one["state"] == state)
}
