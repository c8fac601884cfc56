//! The log is the truth: what stands in it can be folded again, by a restarted router and by anyone else.

use std::time::Duration;

use contract::router::v1::{AgentStatus, GetAgentRequest, ListQueuesRequest};

use crate::world::{Clients, World, uuid, whole_log};

#[tokio::test]
async fn a_restarted_router_goes_on_where_it_was() {
    let (mut world, running, clients) = World::open().await;
    clients.status("cy", AgentStatus::Available).await;
    world.call(&uuid(1), "billing").await;
    world.offer(&uuid(1)).await;
    running.stop().await;
    world.call(&uuid(2), "sales").await;

    let running = world.run().await;
    let clients = Clients::of(running.grpc());
    clients.status("bob", AgentStatus::Available).await;
    let other = world.offer(&uuid(2)).await;
    clients.status("ann", AgentStatus::Available).await;
    let again = world.offer(&uuid(1)).await;

    assert_eq!(again.agent_id, "ann", "it rang too long at Cy");
    assert_eq!(other.agent_id, "bob");
    running.stop().await;
}

#[tokio::test]
async fn a_replay_of_the_log_says_what_the_log_says() {
    let (mut world, running, clients) = World::open().await;
    for agent in ["ann", "bob", "cy"] {
        clients.status(agent, AgentStatus::Available).await;
    }
    for number in 1..=6 {
        world.call(&uuid(number), if number % 2 == 0 { "billing" } else { "sales" }).await;
    }
    world.offer(&uuid(3)).await;
    for number in 1..=6 {
        world.ended(&uuid(number)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    running.stop().await;

    let log = whole_log(&world.bus).await;
    let replayed = router::replay(&log).unwrap();

    assert_eq!(replayed.unwritten, 0);
    assert!(replayed.outputs >= 12, "{replayed:?}");
}

#[tokio::test]
async fn two_tenants_do_not_see_each_other() {
    let (_world, running, clients) = World::open().await;

    let other = clients.of_tenant("acme");
    let queues = other.clone().list_queues(ListQueuesRequest {}).await.unwrap().into_inner().queues;
    let ann = other.clone().get_agent(GetAgentRequest { agent_id: "ann".to_owned() }).await.unwrap_err();

    assert!(queues.is_empty());
    assert_eq!(ann.code(), tonic::Code::NotFound);
    running.stop().await;
}
