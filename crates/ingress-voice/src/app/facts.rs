//! Facts of live calls on their way to the bus: in order per interaction, retried until the bus has them.
//!
//! Message ids follow from what they tell (`voice:<interaction>:ended`), so that a retry is the same message. A call never
//! waits for the bus: facts queue here.

use std::time::Duration;

use chassis::{Bus, Fact};
use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::metrics;

/// Queues, each with its own publisher; an interaction's facts all go through one.
const LANES: usize = 8;
/// Facts a lane holds while the bus is away.
const ROOM: usize = 8_192;

/// Where calls leave their facts.
#[derive(Clone)]
pub struct Facts {
    lanes: Vec<mpsc::Sender<Fact>>,
}

/// The publishers' end.
pub struct Publishers {
    lanes: Vec<mpsc::Receiver<Fact>>,
}

/// Makes the queues.
#[must_use]
pub fn queues() -> (Facts, Publishers) {
    let (senders, receivers) = (0..LANES).map(|_| mpsc::channel(ROOM)).unzip();
    (Facts { lanes: senders }, Publishers { lanes: receivers })
}

impl Facts {
    /// Queues a fact of an interaction, named by what it tells.
    pub fn publish(&self, tenant: &str, interaction_id: &str, what: &str, event: impl Into<contract::Event>) {
        let fact =
            Fact::of(event).id(message_id(interaction_id, what)).tenant(tenant).interaction(interaction_id);
        let lane = interaction_id
            .bytes()
            .fold(0usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
        if self.lanes[lane % LANES].try_send(fact).is_err() {
            metrics::LOST_FACTS.with_label_values::<&str>(&[]).inc();
            tracing::error!(interaction.id = interaction_id, what, "a fact found no room");
        }
    }

    /// Waits until all that was queued has left, at most this long.
    pub async fn flush(&self, limit: Duration) {
        let all_left = async {
            while self.lanes.iter().any(|lane| lane.capacity() < lane.max_capacity()) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            // The last fact has left its queue, not yet its publisher.
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        if tokio::time::timeout(limit, all_left).await.is_err() {
            tracing::error!("facts could not be published in time");
        }
    }
}

/// The id of what an interaction's fact tells; whoever else may tell it uses the same.
#[must_use]
pub fn message_id(interaction_id: &str, what: &str) -> String {
    format!("voice:{interaction_id}:{what}")
}

impl Publishers {
    /// Publishes until `end`.
    pub async fn run(self, bus: Bus, end: CancellationToken) {
        let mut lanes = JoinSet::new();
        for mut lane in self.lanes {
            let bus = bus.clone();
            lanes.spawn(async move {
                while let Some(fact) = lane.recv().await {
                    publish(&bus, &fact).await;
                }
            });
        }
        tokio::select! {
            () = end.cancelled() => {}
            () = async { while lanes.join_next().await.is_some() {} } => {}
        }
    }
}

async fn publish(bus: &Bus, fact: &Fact) {
    let mut pause = Duration::from_millis(20);
    while let Err(error) = bus.publish(fact).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "a fact of a call waits for the bus");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}
