//! Tells waiting visitors their place: at once when something happened in the tenant's queues, else every few seconds.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use contract::router::v1::{GetPositionRequest, router_service_client::RouterServiceClient};
use futures::{StreamExt as _, stream};
use uuid::Uuid;

use super::{App, Position, Update};

/// Looks once in this time.
const TICK: Duration = Duration::from_millis(500);
/// A conversation is not asked for more often.
const SOONEST: Duration = Duration::from_secs(1);
/// Questions in one round, and side by side.
const ROUND: usize = 200;
const SIDE_BY_SIDE: usize = 16;

/// Tenants in whose queues something has happened since the last look.
#[derive(Default)]
pub(super) struct Stirred(Mutex<HashSet<String>>);

impl Stirred {
    pub(super) fn note(&self, tenant: &str) {
        let mut stirred = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !stirred.contains(tenant) {
            stirred.insert(tenant.to_owned());
        }
    }

    fn take(&self) -> HashSet<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl App {
    /// Runs until the process stops.
    pub async fn tell_positions(self: Arc<Self>) -> anyhow::Result<()> {
        let mut interval = tokio::time::interval(TICK);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut stirred = HashSet::new();
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return Ok(()),
                _ = interval.tick() => {}
            }
            stirred.extend(self.stirred.take());
            let now = Instant::now();
            let ago = |span: Duration| now.checked_sub(span).unwrap_or(now);
            let long_ago = ago(self.config.position_interval.0);
            let due =
                self.hub.due_positions(now, ago(SOONEST), long_ago, ROUND, |tenant| stirred.contains(tenant));
            if due.len() < ROUND {
                stirred.clear();
            }
            let app = &self;
            stream::iter(due)
                .for_each_concurrent(SIDE_BY_SIDE, |(tenant, id)| async move {
                    app.tell_position(&tenant, id).await;
                })
                .await;
        }
    }

    async fn tell_position(&self, tenant: &str, interaction_id: Uuid) {
        let request = GetPositionRequest { interaction_id: interaction_id.to_string() };
        let answer = RouterServiceClient::new(self.peers.of("router", tenant)).get_position(request).await;
        match answer {
            Ok(answer) => {
                let answer = answer.into_inner();
                let position = Position {
                    position: answer.position,
                    waiting: answer.waiting,
                    estimated_wait_seconds: answer.estimated_wait.map_or(0, |wait| wait.seconds),
                };
                self.hub.tell(interaction_id, &Update::Position(position));
            }
            Err(status) => tracing::debug!(code = ?status.code(), "the router does not know a position"),
        }
    }
}
