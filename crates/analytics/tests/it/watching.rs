//! The stream of live figures: at once, after changes, not too often.

use std::time::{Duration, Instant};

use contract::{
    analytics::v1::{Live, WatchLiveRequest, WatchLiveResponse},
    router::v1::AgentState,
};
use tonic::Streaming;

use crate::{
    story::{agent_is, configure, queued},
    world::World,
};

async fn watch(world: &World) -> Streaming<WatchLiveResponse> {
    world.service("demo").watch_live(WatchLiveRequest {}).await.unwrap().into_inner()
}

async fn next(stream: &mut Streaming<WatchLiveResponse>) -> Live {
    let message = tokio::time::timeout(Duration::from_secs(5), stream.message()).await;
    message.expect("a snapshot within 5 s").unwrap().unwrap().live.unwrap()
}

#[tokio::test]
async fn a_watcher_sees_how_things_stand_and_then_what_changes() {
    let world = World::start().await;
    configure(&world).await;
    world.settled().await;
    let mut stream = watch(&world).await;

    let first = next(&mut stream).await;
    world.tell("", agent_is("ann", AgentState::Ready)).await;
    let changed = next(&mut stream).await;

    assert_eq!(first.queues.len(), 2);
    assert_eq!(changed.queues.iter().map(|queue| queue.agents_ready).collect::<Vec<_>>(), [1, 1]);
}

#[tokio::test]
async fn nothing_is_sent_while_nothing_changes() {
    let world = World::start().await;
    configure(&world).await;
    world.settled().await;
    let mut stream = watch(&world).await;
    next(&mut stream).await;

    world.clock.advance_millis(5_000);
    world.settled().await;

    let more = tokio::time::timeout(Duration::from_millis(2_500), stream.message()).await;
    assert!(more.is_err(), "{more:?}");
}

#[tokio::test]
async fn a_storm_of_changes_is_at_most_four_snapshots_a_second() {
    let world = World::start().await;
    configure(&world).await;
    world.settled().await;
    let mut stream = watch(&world).await;
    next(&mut stream).await;

    let begun = Instant::now();
    let storm = async {
        for n in 0..400 {
            world.tell(&format!("i{n}"), queued("billing")).await;
            tokio::time::sleep(Duration::from_millis(4)).await;
        }
    };
    let count = async {
        let mut snapshots = 0;
        loop {
            let live = next(&mut stream).await;
            snapshots += 1;
            if live.queues.iter().any(|queue| queue.waiting == 400) {
                return snapshots;
            }
        }
    };
    let ((), snapshots) = tokio::join!(storm, count);

    let most = begun.elapsed().as_secs_f64() * 4.0 + 1.0;
    assert!(f64::from(snapshots) <= most && snapshots >= 2, "{snapshots} snapshots, {most} allowed");
}

#[tokio::test]
async fn a_watcher_who_leaves_is_not_served_any_more() {
    let world = World::start().await;
    let stream = watch(&world).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let watchers = || {
        let text = chassis::metrics::render();
        let line = text.lines().find(|line| line.starts_with("switchboard_analytics_watchers")).unwrap_or("");
        line.rsplit(' ').next().and_then(|number| number.parse::<i64>().ok()).unwrap_or(0)
    };
    let before = watchers();

    drop(stream);
    let begun = Instant::now();
    while watchers() != before - 1 {
        assert!(begun.elapsed() < Duration::from_secs(5), "{} are still watching", watchers());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
