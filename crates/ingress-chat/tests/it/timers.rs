//! What happens because time passes, and survives a restart.

use std::time::Duration;

use contract::{Event, interaction::v1::EndReason};
use serde_json::json;

use crate::{neighbours::flows_away, visitor::Visitor, world::World};

async fn end_of(world: &World, interaction_id: &str) -> EndReason {
    let facts = world.facts(interaction_id, |event| matches!(event, Event::InteractionEnded(_))).await;
    match &facts.last().unwrap().envelope.event {
        Event::InteractionEnded(ended) => ended.reason(),
        _ => unreachable!(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_does_not_come_back_has_abandoned_the_queue() {
    let world = World::with(|settings| {
        settings.set("ingress_chat", "vanished_waiting", "1s".into());
        settings.set("ingress_chat", "presence_interval", "300ms".into());
    })
    .await;
    let stays = world.waiting_visitor().await;
    let goes = world.waiting_visitor().await;
    let id = goes.interaction_id.clone();

    drop(goes);

    assert_eq!(end_of(&world, &id).await, EndReason::Abandoned);
    let hello = json!({"entry_point": "web-chat", "visitor_token": stays.token, "interaction_id": stays.interaction_id});
    let same = Visitor::arrive(world.http(), hello).await;
    assert_eq!(same.heard[0]["state"], "queued", "who stays connected keeps their place");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_in_which_nobody_writes_is_closed_also_by_another_process() {
    let mut world = World::with(|settings| settings.set("ingress_chat", "inactive", "2s".into())).await;
    let visitor = world.visitor_with_ann().await;
    let id = visitor.interaction_id.clone();
    world.running.take().unwrap().stop().await;
    tokio::time::sleep(Duration::from_secs(2)).await;

    let another = world.another("next").await;

    assert_eq!(end_of(&world, &id).await, EndReason::Inactive);
    another.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_that_is_away_for_a_moment_goes_on() {
    let world = World::start().await;
    flows_away(1);

    let mut visitor = world.visitor().await;

    visitor.read("What is it about?").await;
}
