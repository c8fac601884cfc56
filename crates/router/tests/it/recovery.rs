//! Many wait, the router dies: how long until it knows all of them again, at their places.

use std::time::{Duration, Instant};

use contract::{
    interaction::v1::{Channel, InteractionQueued},
    router::v1::{GetPositionRequest, ListQueuesRequest},
};

use crate::{
    processes::Router,
    world::{Clients, World, uuid},
};

/// How many wait; `ROUTER_WAITING` says another number.
fn waiting() -> u64 {
    let asked = std::env::var_os("ROUTER_WAITING").and_then(|text| text.to_str()?.parse().ok());
    asked.unwrap_or(5_000)
}

/// The design says five seconds for 100,000; a test machine that compiles meanwhile gets more. What it took is printed.
const RECOVERED: Duration = Duration::from_secs(15);

async fn how_many_wait(clients: &Clients) -> u64 {
    let queues = clients.service().list_queues(ListQueuesRequest {}).await;
    let queues = queues.map(|queues| queues.into_inner().queues).unwrap_or_default();
    queues.iter().map(|queue| queue.waiting as u64).sum()
}

async fn until_all_wait(clients: &Clients) {
    let until = Instant::now() + Duration::from_mins(2);
    while how_many_wait(clients).await < waiting() {
        assert!(Instant::now() < until, "{} of {} wait", how_many_wait(clients).await, waiting());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_router_knows_everybody_who_waits_again_in_a_few_seconds() {
    let world = World::new().await;
    world.configure().await;
    let router = Router::start(&world, "a").await;
    let mut acks = Vec::new();
    for number in 1..=waiting() {
        let queued = InteractionQueued {
            channel: Channel::Voice as i32,
            queue: "billing".to_owned(),
            customer_label: "+15550123".to_owned(),
            ..InteractionQueued::default()
        };
        let (bus, interaction) = (world.bus.clone(), uuid(number));
        acks.push(tokio::spawn(async move {
            let fact = chassis::Fact::of(queued).tenant("demo").interaction(&interaction);
            bus.publish(&fact).await.unwrap();
        }));
        if acks.len() == 500 {
            for ack in acks.drain(..) {
                ack.await.unwrap();
            }
        }
    }
    for ack in acks {
        ack.await.unwrap();
    }
    until_all_wait(&router.clients).await;
    // Saved every two seconds.
    tokio::time::sleep(Duration::from_secs(5)).await;
    router.kill();

    let began = Instant::now();
    let router = Router::start(&world, "b").await;
    until_all_wait(&router.clients).await;
    let took = began.elapsed();

    println!("{} waiting: known again {took:.2?} after the start of the process", waiting());
    assert!(took < RECOVERED, "{took:?}");
    let request = GetPositionRequest { interaction_id: uuid(waiting() / 2) };
    let place = router.clients.service().get_position(request).await.unwrap().into_inner();
    assert_eq!(place.waiting as u64, waiting());
}
