//! Carries the outbox to the bus: in order per interaction, at least once, deleting what the bus has.
//!
//! Never a cursor over `seq`: a later seq can commit first, and a cursor would never see the earlier one.

use std::{collections::HashSet, time::Duration};

use sqlx::{AssertSqlSafe, PgConnection, postgres::PgListener};
use tokio_util::sync::CancellationToken;

use super::Db;
use crate::{
    bus::{Bus, BusError},
    metrics,
};

/// Rows read at a time.
const BATCH: i64 = 500;
/// How long a lost wake-up can delay a fact.
const POLL: Duration = Duration::from_secs(1);

/// Relays one service's outbox. Several replicas may run one; an advisory lock lets one work at a time.
pub struct Relay {
    db: Db,
    bus: Bus,
}

struct Pending {
    seq: i64,
    message_id: String,
    interaction_id: String,
    subject: String,
    envelope: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
enum RelayError {
    #[error("the outbox can't be read")]
    Database(#[from] sqlx::Error),
    #[error("the bus does not take the outbox")]
    Bus(#[from] BusError),
}

impl Relay {
    /// A relay from the outbox of `db` to `bus`.
    pub fn new(db: Db, bus: Bus) -> Self {
        Self { db, bus }
    }

    /// Runs until `stop`, through every failure of database and bus.
    pub async fn run(self, stop: CancellationToken) {
        let mut pause = Duration::from_millis(100);
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => return,
                outcome = self.lead() => if let Err(error) = outcome {
                    metrics::RELAY_FAILURES.with_label_values(&[self.db.schema()]).inc();
                    tracing::warn!(schema = self.db.schema(), error = &error as &dyn std::error::Error, "the relay starts again");
                },
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(Duration::from_secs(2)),
            }
        }
    }

    /// Publishes whatever is left, once; for the graceful stop.
    pub async fn flush(&self) {
        let outcome: Result<(), RelayError> = async {
            let mut connection = self.db.pool.acquire().await?;
            while self.pass(&mut connection).await? == BATCH as usize {}
            Ok(())
        }
        .await;
        if let Err(error) = outcome {
            tracing::warn!(
                schema = self.db.schema(),
                error = &error as &dyn std::error::Error,
                "facts stay in the outbox until the next start"
            );
        }
    }

    /// Takes the lock and relays until something fails.
    async fn lead(&self) -> Result<(), RelayError> {
        let mut listener = PgListener::connect_with(&self.db.pool).await?;
        listener.listen(&format!("outbox_{}", self.db.schema)).await?;
        let mut connection = self.db.pool.acquire().await?.detach();
        let lock = format!("outbox/{}/0", self.db.schema);
        loop {
            let (held,): (bool,) = sqlx::query_as("SELECT pg_try_advisory_lock(hashtextextended($1, 0))")
                .bind(&lock)
                .fetch_one(&mut connection)
                .await?;
            if held {
                break;
            }
            // Another replica relays; it must hear of what is written here.
            tokio::select! {
                () = self.db.outbox_written.notified() => {
                    sqlx::query("SELECT pg_notify($1, '')")
                        .bind(format!("outbox_{}", self.db.schema))
                        .execute(&mut connection)
                        .await?;
                }
                () = tokio::time::sleep(POLL) => {}
            }
        }
        loop {
            if self.pass(&mut connection).await? == BATCH as usize {
                continue;
            }
            tokio::select! {
                () = self.db.outbox_written.notified() => {}
                heard = listener.recv() => { heard?; }
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    /// Publishes one batch and deletes it. Returns how many rows there were.
    async fn pass(&self, connection: &mut PgConnection) -> Result<usize, RelayError> {
        let statement = format!(
            "SELECT seq, message_id, interaction_id, subject, envelope FROM {}.outbox ORDER BY seq LIMIT {BATCH}",
            self.db.schema
        );
        let rows: Vec<(i64, String, String, String, Vec<u8>)> =
            sqlx::query_as(AssertSqlSafe(statement)).fetch_all(&mut *connection).await?;
        if rows.is_empty() {
            return Ok(0);
        }
        let count = rows.len();
        let seqs: Vec<i64> = rows.iter().map(|row| row.0).collect();
        let mut pending: Vec<Pending> = rows
            .into_iter()
            .map(|(seq, message_id, interaction_id, subject, envelope)| Pending {
                seq,
                message_id,
                interaction_id,
                subject,
                envelope,
            })
            .collect();
        while !pending.is_empty() {
            pending = self.publish_round(pending).await?;
        }
        let mut deletion = sqlx::Connection::begin(connection).await?;
        // A crash that forgets this deletion publishes again, and the bus and every inbox know the ids.
        sqlx::query("SET LOCAL synchronous_commit = off").execute(&mut *deletion).await?;
        let statement = format!("DELETE FROM {}.outbox WHERE seq = ANY($1)", self.db.schema);
        sqlx::query(AssertSqlSafe(statement)).bind(seqs).execute(&mut *deletion).await?;
        deletion.commit().await?;
        metrics::RELAYED.with_label_values(&[self.db.schema()]).inc_by(count as u64);
        Ok(count)
    }

    /// Publishes at most one fact of each interaction side by side, so that a failure can't overtake; returns the rest.
    async fn publish_round(&self, pending: Vec<Pending>) -> Result<Vec<Pending>, RelayError> {
        let mut in_round = HashSet::new();
        let (now, later): (Vec<_>, Vec<_>) =
            pending.into_iter().partition(|row| in_round.insert(row.interaction_id.clone()));
        let mut acks = Vec::with_capacity(now.len());
        for row in now {
            tracing::trace!(seq = row.seq, "relaying");
            acks.push(self.bus.send(&row.subject, &row.message_id, row.envelope).await?);
        }
        for ack in acks {
            ack.await?;
        }
        Ok(later)
    }
}
