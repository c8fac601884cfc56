//! What administrators and supervisors change takes effect at once, on work that waits too: by the centre file, and on
//! their pages (`crates/gateway/web/e2e/admin_pages.mjs`).

use std::time::Duration;

use contract::router::v1::WorkState;
use e2e::support::{Agent, Visitor, browsers, interactions, only_interaction};
use testkit::Centre;

const DEMO: &str = include_str!("../../deploy/demo/centre.yaml");
const BOB: &str = "bob: { extension: 202, team: front, routing_profile: standard, skills: { sales: 5 } }";

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

#[tokio::test(flavor = "multi_thread")]
async fn administrators_and_supervisors_change_the_centre_on_their_pages() {
    let centre = Centre::start().await;

    browsers(&centre, "admin_pages", &[]).await;

    let chats = interactions(&centre).await;
    assert!(chats.iter().any(|chat| chat["agent"] == "bob" && chat["queue"] == "billing"), "{chats:#?}");
}
