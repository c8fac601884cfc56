//! `router.history`: earlier states of the fold, for replays.

use chassis::{Tx, TxError};
use contract::Timestamp;

/// How many are kept of a partition, however young.
const MOST: i64 = 500;

/// One partition as of one position.
pub(crate) struct Row {
    pub sequence: u64,
    pub at: Timestamp,
    pub state: Vec<u8>,
    pub outbox: Vec<u8>,
}

/// Keeps the present snapshot of a partition, unless one is kept that is younger than `every_ms`.
pub(crate) async fn keep(tx: &mut Tx, partition: u16, at: Timestamp, every_ms: i64) -> Result<(), TxError> {
    sqlx::query(
        "INSERT INTO router.history (partition, sequence, at, state, outbox)
         SELECT s.partition, s.sequence, $2, s.state, s.outbox FROM router.snapshot s
         WHERE s.partition = $1
           AND NOT EXISTS (SELECT 1 FROM router.history h WHERE h.partition = $1 AND h.at > $2 - $3)
         ON CONFLICT DO NOTHING",
    )
    .bind(partition as i16)
    .bind(at.as_millis())
    .bind(every_ms)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The last state of a partition at or before a moment.
pub(crate) async fn before(tx: &mut Tx, partition: u16, at: Timestamp) -> Result<Option<Row>, TxError> {
    let row: Option<(i64, i64, Vec<u8>, Vec<u8>)> = sqlx::query_as(
        "SELECT sequence, at, state, outbox FROM router.history
         WHERE partition = $1 AND at <= $2 ORDER BY at DESC, sequence DESC LIMIT 1",
    )
    .bind(partition as i16)
    .bind(at.as_millis())
    .fetch_optional(tx.conn())
    .await?;
    let row = row.map(|(sequence, at, state, outbox)| Row {
        sequence: u64::try_from(sequence).unwrap_or_default(),
        at: Timestamp::from_millis(at),
        state,
        outbox,
    });
    Ok(row)
}

/// The time of the first state that is kept of a partition.
pub(crate) async fn first(tx: &mut Tx, partition: u16) -> Result<Option<Timestamp>, TxError> {
    let (at,): (Option<i64>,) = sqlx::query_as("SELECT min(at) FROM router.history WHERE partition = $1")
        .bind(partition as i16)
        .fetch_one(tx.conn())
        .await?;
    Ok(at.map(Timestamp::from_millis))
}

/// Deletes states from before a moment, and the oldest when there are too many.
pub(crate) async fn trim(tx: &mut Tx, before: Timestamp) -> Result<(), TxError> {
    sqlx::query(
        "DELETE FROM router.history h USING
           (SELECT partition, sequence, row_number() OVER (PARTITION BY partition ORDER BY sequence DESC) AS place
            FROM router.history) ranked
         WHERE h.partition = ranked.partition AND h.sequence = ranked.sequence AND (h.at < $1 OR ranked.place > $2)",
    )
    .bind(before.as_millis())
    .bind(MOST)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Forgets everything: the log is another one.
pub(crate) async fn clear(tx: &mut Tx) -> Result<(), TxError> {
    sqlx::query("DELETE FROM router.history").execute(tx.conn()).await?;
    Ok(())
}
