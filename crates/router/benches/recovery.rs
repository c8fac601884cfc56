//! How long a router needs until it knows 100,000 waiting interactions again: `cargo bench -p router --profile quick --bench recovery`.
//!
//! Real Postgres and NATS. The first number is the whole log, the second a snapshot and what came after it.

use std::{
    io::{self, Write as _},
    time::{Duration, Instant},
};

use chassis::{Auth, Bus, Clock, Fact, Peers, Process, config::Secret};
use contract::{
    directory::v1::{Queue, QueueConfigured},
    interaction::v1::{Channel, InteractionQueued},
    router::v1::{ListQueuesRequest, router_service_client::RouterServiceClient},
};
use testkit::Stack;

const WAITING: usize = 100_000;
const TENANT: &str = "demo";
const SECRET: &str = "a secret of thirty-two characters or more";
/// Facts on their way to the log at once.
const AT_ONCE: usize = 1_000;

async fn waiting(grpc: std::net::SocketAddr) -> usize {
    let auth = Auth::new(Secret::new(SECRET), Clock::system());
    let urls = [("router".to_owned(), format!("http://{grpc}"))].into();
    let Ok(peers) = Peers::new(urls, Duration::from_secs(5), auth, Clock::system()) else { return 0 };
    let queues = RouterServiceClient::new(peers.of("router", TENANT)).list_queues(ListQueuesRequest {}).await;
    let queues = queues.map(|queues| queues.into_inner().queues).unwrap_or_default();
    queues.iter().map(|queue| queue.waiting as usize).sum()
}

async fn until_known(stack: &Stack) -> (chassis::Running, Duration) {
    let begin = Instant::now();
    let running = stack.run(Process::new("router").with::<router::Router>()).await;
    while waiting(running.grpc()).await < WAITING {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    (running, begin.elapsed())
}

async fn tell(bus: &Bus) -> anyhow::Result<()> {
    let queue = Queue { key: "billing".to_owned(), ..Queue::default() };
    bus.publish(&Fact::of(QueueConfigured { queue: Some(queue) }).tenant(TENANT)).await?;
    let mut acks = tokio::task::JoinSet::new();
    for number in 0..WAITING {
        let queued = InteractionQueued {
            channel: Channel::Voice as i32,
            queue: "billing".to_owned(),
            customer_label: "+15550123".to_owned(),
            entry_point: "hotline".to_owned(),
            ..InteractionQueued::default()
        };
        let interaction = format!("01900000-0000-7000-8000-{number:012x}");
        let bus = bus.clone();
        acks.spawn(
            async move { bus.publish(&Fact::of(queued).tenant(TENANT).interaction(interaction)).await },
        );
        if acks.len() >= AT_ONCE {
            acks.join_next().await.transpose()?.transpose()?;
        }
    }
    while let Some(ack) = acks.join_next().await {
        ack??;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let stack = Stack::infra().await;
    let settings = stack.settings(&Process::new("teller"));
    let bus = Bus::connect(&settings.nats, "teller", Clock::system()).await?;
    tell(&bus).await?;
    let (running, from_the_log) = until_known(&stack).await;
    running.stop().await;
    let (running, from_a_snapshot) = until_known(&stack).await;
    running.stop().await;
    writeln!(
        io::stdout(),
        "{WAITING} waiting known again: from the log {from_the_log:.2?}, from a snapshot {from_a_snapshot:.2?}"
    )?;
    Ok(())
}
