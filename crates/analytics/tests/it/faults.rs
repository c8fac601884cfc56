//! Nothing lost, nothing doubled, whoever is killed and whatever is told again.

use std::time::Duration;

use contract::{interaction::v1::EndReason, router::v1::AgentState, subject};
use futures::future::join_all;

use crate::{
    story::{abandoned, agent_is, assigned, call, closed, configure, connected, ended, queued},
    world::World,
};

async fn busy_day(world: &World) {
    configure(world).await;
    for n in 0..6 {
        call(world, &format!("call{n}"), n * 8).await;
        abandoned(world, &format!("gone{n}"), n * 8).await;
    }
    world.tell("waits", queued("billing")).await;
    world.tell("talks", queued("sales")).await;
    world.then(3, "talks", assigned("ann", "sales")).await;
    world.tell("talks", connected("ann")).await;
    world.tell("", agent_is("ann", AgentState::Busy)).await;
}

#[tokio::test]
async fn live_figures_survive_a_restart_exactly() {
    let mut world = World::start().await;
    busy_day(&world).await;
    let before = world.live().await;

    world.stop().await;
    world.start_again().await;

    assert_eq!(world.live().await, before);
    assert!(before.queues.iter().any(|queue| queue.waiting == 1 && queue.answered == 6));
}

#[tokio::test]
async fn the_whole_stream_told_again_changes_nothing() {
    let mut world = World::start().await;
    busy_day(&world).await;
    let before = world.live().await;

    world.stop().await;
    let forget = "TRUNCATE analytics.consumer_position, analytics.inbox";
    sqlx::raw_sql(forget).execute(&mut world.owner().await).await.unwrap();
    world.start_again().await;

    assert_eq!(world.live().await, before);
    let states: i64 = sqlx::query_scalar("SELECT count(*) FROM analytics.agent_state")
        .fetch_one(&mut world.owner().await)
        .await
        .unwrap();
    assert_eq!(states, 1);
}

#[tokio::test]
async fn rows_lost_and_told_again_give_the_same_figures() {
    let mut world = World::start().await;
    busy_day(&world).await;
    let before = world.live().await;

    world.stop().await;
    let forget =
        "TRUNCATE analytics.consumer_position, analytics.inbox, analytics.interaction, analytics.agent,
        analytics.agent_state, analytics.queue, analytics.profile";
    sqlx::raw_sql(forget).execute(&mut world.owner().await).await.unwrap();
    world.start_again().await;

    assert_eq!(world.live().await, before);
}

#[tokio::test]
async fn a_postgres_killed_in_the_middle_loses_and_doubles_nothing() {
    let world = World::start_own().await;
    configure(&world).await;
    let tell = async |n: usize| {
        let id = format!("i{n}");
        world.tell(&id, queued("billing")).await;
        world.tell(&id, assigned("ann", "billing")).await;
        world.tell(&id, connected("ann")).await;
        if n.is_multiple_of(2) {
            world.tell(&id, ended(EndReason::CustomerLeft)).await;
            world.tell(&id, closed("ann", "billing")).await;
        }
    };
    let kill = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        world.stack.kill("postgres").await.unwrap();
    };

    tokio::join!(join_all((0..500).map(tell)), kill);

    world.settled().await;
    let billing = loop {
        // The pool may still hold connections of the server that was killed.
        let ask = contract::analytics::v1::GetLiveRequest {};
        if let Ok(answer) = world.service("demo").get_live(ask).await {
            let queues = answer.into_inner().live.unwrap().queues;
            break queues.into_iter().find(|queue| queue.queue == "billing").unwrap();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_eq!((billing.offered, billing.answered, billing.in_progress), (500, 500, 250));
    let letters = world.bus.jetstream().get_stream(subject::DEAD_LETTERS).await.unwrap();
    assert_eq!(letters.cached_info().state.messages, 0, "a server that was away is nobody's fault");
}
