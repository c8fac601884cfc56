//! Several instances serve one visitor.

use serde_json::json;

use crate::{visitor::Visitor, world::World};

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_on_two_instances_hears_both() {
    let world = World::start().await;
    let second = world.another("second").await;
    let mut one = world.visitor_with_ann().await;
    let hello =
        json!({"entry_point": "web-chat", "visitor_token": one.token, "interaction_id": one.interaction_id});
    let mut other = Visitor::arrive(second.http(), hello).await;

    one.say("c1", "from the first").await;
    other.read("from the first").await;
    other.say("c2", "from the second").await;
    one.read("from the second").await;
    one.send(json!({"type": "end"})).await;

    assert_eq!(other.stand("ended").await["reason"], "customer_left");
    assert_eq!(one.stand("ended").await["reason"], "customer_left");
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_stops_hands_its_visitors_over() {
    let world = World::start().await;
    let second = world.another("second").await;
    let mut visitor = Visitor::arrive(second.http(), json!({"entry_point": "web-chat"})).await;
    visitor.read("What is it about?").await;

    let (stopped, ()) = tokio::join!(
        tokio::time::timeout(std::time::Duration::from_secs(10), second.stop()),
        visitor.until_closed()
    );
    stopped.unwrap();

    let hello = json!({"entry_point": "web-chat", "visitor_token": visitor.token});
    let back = Visitor::arrive(world.http(), hello).await;
    assert_eq!(back.interaction_id, visitor.interaction_id);
}
