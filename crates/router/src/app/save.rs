//! Snapshots: the whole fold as of one position of the log, so that a start reads little of it.

use chassis::{Tx, TxError};
use contract::subject;

use super::{
    App,
    replica::{Partition, Replica},
};
use crate::{
    core::{RestoreError, Router, publication::Publication},
    metrics,
    store::{history, snapshots},
};

/// Why the state was not saved or restored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SaveError {
    /// The database refused or is away.
    #[error(transparent)]
    Store(#[from] TxError),
    /// The bytes are no state of this build.
    #[error("the snapshot of partition {partition} can't be used")]
    State {
        partition: u16,
        #[source]
        source: RestoreError,
    },
    /// The bytes are no list of outputs.
    #[error("the outbox of partition {partition} can't be used")]
    Outbox {
        partition: u16,
        #[source]
        source: postcard::Error,
    },
}

/// A copy of the partitions that changed since the last one, as of one position of the log.
pub(crate) struct Frozen {
    pub position: u64,
    changed: Vec<Partition>,
}

impl App {
    /// Saves a frozen fold. Does nothing when another replica has saved a later one.
    pub(crate) async fn save(&self, frozen: Frozen) -> Result<(), SaveError> {
        let numbers: Vec<u16> = frozen.changed.iter().map(|partition| partition.router.partition()).collect();
        let outcome = self.try_save(frozen).await;
        if outcome.is_err() {
            for number in numbers {
                self.replica.partition(number).changed = true;
            }
        }
        outcome
    }

    async fn try_save(&self, Frozen { position, changed }: Frozen) -> Result<(), SaveError> {
        let kept = changed
            .iter()
            .map(|partition| (partition.router.partition(), partition.router.now()))
            .collect::<Vec<_>>();
        let every_ms = i64::try_from(self.history_every.as_millis()).unwrap_or(i64::MAX);
        let encoded = tokio::task::spawn_blocking(move || encode(&changed)).await;
        let rows = encoded.map_err(|_| TxError::Database(sqlx::Error::WorkerCrashed))??;
        let mut tx = self.db.begin_for_every_tenant().await?;
        if snapshots::advance(&mut tx, position).await? {
            snapshots::write(&mut tx, position, rows).await?;
            for (partition, at) in kept {
                history::keep(&mut tx, partition, at, every_ms).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }
}

fn encode(partitions: &[Partition]) -> Result<Vec<snapshots::Row>, SaveError> {
    let encode = |partition: &Partition| {
        let number = partition.router.partition();
        if let Err(violation) = partition.router.check_if_small() {
            metrics::VIOLATIONS.with_label_values(&[violation.name]).inc();
            tracing::error!(%violation, partition = number, "an invariant does not hold");
        }
        metrics::OPEN
            .with_label_values(&[&number.to_string()])
            .set(i64::try_from(partition.router.open_interactions()).unwrap_or(i64::MAX));
        Ok(snapshots::Row {
            partition: number,
            state: partition
                .router
                .snapshot()
                .map_err(|source| SaveError::State { partition: number, source })?,
            outbox: postcard::to_stdvec(&partition.publication)
                .map_err(|source| SaveError::Outbox { partition: number, source })?,
        })
    };
    partitions.iter().map(encode).collect()
}

/// The saved fold and its position; none when nothing was saved.
pub(crate) async fn load(tx: &mut Tx) -> Result<Option<(Vec<Partition>, u64)>, SaveError> {
    let Some(position) = snapshots::position(tx).await? else { return Ok(None) };
    let mut partitions = Vec::new();
    for row in snapshots::read(tx).await? {
        let partition = row.partition;
        let router = Router::restore(&row.state).map_err(|source| SaveError::State { partition, source })?;
        let publication: Publication<_> =
            postcard::from_bytes(&row.outbox).map_err(|source| SaveError::Outbox { partition, source })?;
        partitions.push(Partition { router, publication, changed: false });
    }
    Ok(Some((partitions, position)))
}

impl Replica {
    /// A copy of what changed since the last freeze; none when nothing did. Called between two folds, by whoever
    /// follows the log.
    pub(crate) fn freeze(&self) -> Option<Frozen> {
        let position = self.position();
        let mut changed = Vec::new();
        for number in 0..subject::PARTITIONS {
            let mut partition = self.partition(number);
            if std::mem::take(&mut partition.changed) {
                changed.push(partition.clone());
            }
        }
        (!changed.is_empty()).then_some(Frozen { position, changed })
    }
}
