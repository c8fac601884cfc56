//! A day ends at the tenant's midnight; who waits is not forgotten.

use chassis::Fact;
use contract::analytics::v1::{GetLiveRequest, QueueLive};

use crate::{
    story::{call, centre, configure, queued},
    world::World,
};

async fn billing_of(world: &World, tenant: &str) -> QueueLive {
    world.settled().await;
    let answer = world.service(tenant).get_live(GetLiveRequest {}).await.unwrap();
    let queues = answer.into_inner().live.unwrap().queues;
    queues.into_iter().find(|queue| queue.queue == "billing").unwrap_or_default()
}

#[tokio::test]
async fn figures_start_again_at_midnight_and_the_waiting_stay() {
    let world = World::start().await;
    configure(&world).await;
    call(&world, "done", 5).await;
    world.tell("waits", queued("billing")).await;
    let before = billing_of(&world, "demo").await;

    world.clock.advance_millis(12 * 3_600_000);
    let after = billing_of(&world, "demo").await;

    assert_eq!((before.offered, before.answered, before.waiting), (2, 1, 1));
    assert_eq!((after.offered, after.answered, after.waiting), (0, 0, 1));
    assert_eq!(after.oldest_queued_at, before.oldest_queued_at);
    assert_eq!(world.agent("ann").await.handled_today, 0);
}

#[tokio::test]
async fn midnight_is_where_the_tenant_is() {
    let world = World::start().await;
    for tenant in ["demo", "tokyo"] {
        for event in centre() {
            world.publish(Fact::of(event).tenant(tenant)).await;
        }
        world.publish(Fact::of(queued("billing")).tenant(tenant).interaction("i1")).await;
    }
    let both = (billing_of(&world, "demo").await.offered, billing_of(&world, "tokyo").await.offered);

    // 15:30 in London is 00:30 of the next day in Tokyo.
    world.clock.advance_millis(3 * 3_600_000 + 1_800_000);

    assert_eq!(both, (1, 1));
    assert_eq!((billing_of(&world, "demo").await.offered, billing_of(&world, "tokyo").await.offered), (1, 0));
}
