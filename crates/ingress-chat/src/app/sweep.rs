//! Looks after conversations that are due: questions without answer, visitors who vanished, silence. Survives every restart, because
//! what is due stands in the table.

use std::sync::Arc;

use futures::future::join_all;

use super::{App, batch::Key};
use crate::{core::Input, store};

/// Conversations looked after at once; more are next.
const BATCH: i64 = 200;

impl App {
    /// Runs until the process stops.
    pub async fn sweep(self: Arc<Self>) -> anyhow::Result<()> {
        let mut interval = tokio::time::interval(self.config.sweep_interval.0);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return Ok(()),
                _ = interval.tick() => while self.sweep_once().await? == BATCH as usize {},
            }
        }
    }

    async fn sweep_once(&self) -> anyhow::Result<usize> {
        let mut tx = self.db.begin_for_every_tenant().await?;
        let due = store::conversation::due(tx.conn(), self.clock.now(), BATCH).await?;
        drop(tx);
        let count = due.len();
        let ticks = due.into_iter().map(|(tenant, interaction_id)| {
            self.committer.run(Key { tenant: tenant.into(), interaction_id }, Input::Tick, Vec::new())
        });
        let failed = join_all(ticks).await.into_iter().filter(Result::is_err).count();
        anyhow::ensure!(failed == 0, "{failed} of {count} due conversations could not be looked after");
        Ok(count)
    }
}
