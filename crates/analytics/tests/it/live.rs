//! The live figures follow what is told.

use contract::{
    Timestamp,
    interaction::v1::{Channel, EndReason},
    millis_of_duration,
    router::v1::AgentState,
};

use crate::{
    story::{abandoned, agent_is, assigned, call, closed, configure, connected, ended, queue, queued},
    world::{NOON, World},
};

#[tokio::test]
async fn a_call_is_waiting_then_in_progress_then_handled() {
    let world = World::start().await;
    configure(&world).await;
    world.tell("i1", queued("billing")).await;
    let waiting = world.queue("billing").await;
    world.then(5, "i1", assigned("ann", "billing")).await;
    world.tell("i1", connected("ann")).await;
    let talking = world.queue("billing").await;
    world.then(60, "i1", ended(EndReason::CustomerLeft)).await;
    world.then(20, "i1", closed("ann", "billing")).await;
    let done = world.queue("billing").await;

    let noon = Some(Timestamp::from_millis(NOON).to_proto());
    assert_eq!((waiting.name.as_str(), waiting.waiting, waiting.oldest_queued_at), ("Billing", 1, noon));
    assert_eq!((waiting.offered, waiting.service_level, waiting.average_wait), (1, None, None));
    assert_eq!((talking.waiting, talking.answered, talking.in_progress), (0, 1, 1));
    assert_eq!(talking.service_level, Some(1.0));
    let millis = |span: Option<prost_types::Duration>| span.as_ref().map(millis_of_duration);
    assert_eq!((done.in_progress, millis(done.average_wait)), (0, Some(5_000)));
    assert_eq!(millis(done.average_handling), Some(80_000));
    assert_eq!(world.agent("ann").await.handled_today, 1);
}

#[tokio::test]
async fn the_service_level_names_its_definition_and_limit() {
    let world = World::start().await;
    configure(&world).await;
    call(&world, "in-time", 20).await;
    call(&world, "late", 21).await;
    abandoned(&world, "gone", 3).await;
    abandoned(&world, "gone-late", 30).await;

    let billing = world.queue("billing").await;

    assert_eq!((billing.offered, billing.answered, billing.abandoned), (4, 2, 2));
    assert_eq!(billing.service_level, Some(0.25));
    assert_eq!(billing.service_level_definition, "answered in time / (answered + abandoned)");
    assert_eq!(billing.service_level_within.as_ref().map(millis_of_duration), Some(20_000));
}

#[tokio::test]
async fn agents_count_in_the_queues_their_profile_names() {
    let world = World::start().await;
    configure(&world).await;
    world.tell("", agent_is("ann", AgentState::Ready)).await;
    world.tell("", agent_is("bob", AgentState::Busy)).await;

    let (billing, sales) = (world.queue("billing").await, world.queue("sales").await);
    let ann = world.agent("ann").await;

    assert_eq!((billing.agents_ready, billing.agents_busy, billing.agents_staffed), (1, 0, 1));
    assert_eq!((sales.agents_ready, sales.agents_busy, sales.agents_staffed), (1, 1, 2));
    assert_eq!((ann.name.as_str(), ann.state()), ("Ann Archer", AgentState::Ready));
    assert_eq!((ann.loads[0].channel(), ann.loads[0].slots), (Channel::Voice, 1));

    world.tell("", agent_is("ann", AgentState::Offline)).await;
    world.tell("", contract::directory::v1::AgentRemoved { key: "bob".to_owned() }).await;
    let sales = world.queue("sales").await;
    assert_eq!((sales.agents_ready, sales.agents_busy, sales.agents_staffed), (0, 0, 0));
    assert_eq!(world.live().await.agents.len(), 1);
}

#[tokio::test]
async fn a_changed_limit_and_name_show_at_once() {
    let world = World::start().await;
    configure(&world).await;
    call(&world, "i1", 25).await;
    assert_eq!(world.queue("billing").await.service_level, Some(0.0));

    world.tell("", queue("billing", "Bills", 30)).await;

    let billing = world.queue("billing").await;
    assert_eq!((billing.name.as_str(), billing.service_level), ("Bills", Some(1.0)));
}

#[tokio::test]
async fn a_second_replica_shows_the_same() {
    let world = World::start().await;
    configure(&world).await;
    call(&world, "i1", 5).await;
    let (running, mut other) = world.second().await;
    let ask = contract::analytics::v1::GetLiveRequest {};
    other.get_live(ask).await.unwrap();

    world.tell("i2", queued("sales")).await;
    let here = world.live().await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let there = other.get_live(ask).await.unwrap().into_inner().live.unwrap();

    assert_eq!(there, here);
    running.stop().await;
}
