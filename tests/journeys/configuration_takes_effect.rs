//! What administrators and supervisors change takes effect at once, on work that waits too: by the centre file, and on
//! their pages (`crates/gateway/web/e2e/admin_pages.mjs`).

use std::{path::Path, process::Stdio, time::Duration};

use contract::router::v1::WorkState;
use e2e::support::{Agent, Visitor, interactions, only_interaction};
use testkit::Centre;

const DEMO: &str = include_str!("../../deploy/demo/centre.yaml");
const BOB: &str = "bob: { team: front, routing_profile: standard, skills: { sales: 5 } }";

#[tokio::test]
async fn a_skill_applied_while_a_chat_waits_brings_it_to_the_agent_at_once() {
    let centre = Centre::start().await;
    let bob = Agent::sign_in(&centre.http_url, "bob").await.unwrap();
    bob.available().await.unwrap();
    let mut visitor = Visitor::arrive(&centre.http_url).await.unwrap();
    visitor.choose("2").await.unwrap();
    let waiting = only_interaction(&centre, "queued").await;
    assert_eq!(waiting["queue"], "billing");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(bob.view().await.unwrap().work, [], "bob knows nothing of billing");

    assert!(DEMO.contains(BOB), "the demo has changed");
    let file = centre.scratch().join("centre.yaml");
    let skilled = BOB.replace("sales: 5", "sales: 5, billing: 3");
    std::fs::write(&file, DEMO.replace(BOB, &skilled)).unwrap();
    centre.cli(&["apply", "-f", file.to_str().unwrap()]).await.unwrap();

    let offered = bob.work(WorkState::Offered).await;
    assert_eq!(offered.interaction_id, waiting["id"].as_str().unwrap());
    bob.accept_offer(&offered.offer_id).await.unwrap();
    bob.work(WorkState::Connected).await;
}

/// Plays the browsers' part and gives what they said. Photographs go to `target/tmp/journeys/admin`.
async fn browsers(centre: &Centre) -> anyhow::Result<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let photographs = root.join("target/tmp/journeys/admin");
    std::fs::create_dir_all(&photographs)?;
    let played = tokio::process::Command::new("node")
        .arg("e2e/admin_pages.mjs")
        .arg(&centre.http_url)
        .arg(photographs.canonicalize()?)
        .current_dir(root.join("crates/gateway/web"))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await?;
    let said = String::from_utf8_lossy(&played.stdout).into_owned();
    let errors = String::from_utf8_lossy(&played.stderr).into_owned();
    anyhow::ensure!(played.status.success(), "{said}\n{errors}");
    Ok(said)
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_and_supervisors_change_the_centre_on_their_pages() {
    let centre = Centre::start().await;

    let said = browsers(&centre).await.unwrap_or_else(|error| panic!("{error}"));

    assert!(said.contains("steps passed"), "{said}");
    let chats = interactions(&centre).await;
    assert!(chats.iter().any(|chat| chat["agent"] == "bob" && chat["queue"] == "billing"), "{chats:#?}");
}
