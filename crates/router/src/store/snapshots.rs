//! `router.snapshot` and `router.position`: the fold as of one position of the log.

use chassis::{Tx, TxError};

/// One partition.
pub(crate) struct Row {
    pub partition: u16,
    pub state: Vec<u8>,
    pub outbox: Vec<u8>,
}

/// Up to where the snapshots account for the log.
pub(crate) async fn position(tx: &mut Tx) -> Result<Option<u64>, TxError> {
    let row: Option<(i64,)> =
        sqlx::query_as("SELECT sequence FROM router.position").fetch_optional(tx.conn()).await?;
    Ok(row.and_then(|(sequence,)| u64::try_from(sequence).ok()))
}

/// Moves the position forward; false when it is there already or beyond. Others wait until this transaction ends.
pub(crate) async fn advance(tx: &mut Tx, position: u64) -> Result<bool, TxError> {
    let moved = sqlx::query(
        "INSERT INTO router.position AS p (sequence) VALUES ($1)
         ON CONFLICT (only_row) DO UPDATE SET sequence = EXCLUDED.sequence WHERE p.sequence < EXCLUDED.sequence",
    )
    .bind(i64::try_from(position).unwrap_or(i64::MAX))
    .execute(tx.conn())
    .await?;
    Ok(moved.rows_affected() == 1)
}

/// Replaces partitions.
pub(crate) async fn write(tx: &mut Tx, position: u64, rows: Vec<Row>) -> Result<(), TxError> {
    for row in rows {
        sqlx::query(
            "INSERT INTO router.snapshot (partition, sequence, state, outbox) VALUES ($1, $2, $3, $4)
             ON CONFLICT (partition) DO UPDATE
             SET sequence = EXCLUDED.sequence, state = EXCLUDED.state, outbox = EXCLUDED.outbox",
        )
        .bind(row.partition as i16)
        .bind(i64::try_from(position).unwrap_or(i64::MAX))
        .bind(row.state)
        .bind(row.outbox)
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// Every saved partition.
pub(crate) async fn read(tx: &mut Tx) -> Result<Vec<Row>, TxError> {
    let rows: Vec<(i16, Vec<u8>, Vec<u8>)> =
        sqlx::query_as("SELECT partition, state, outbox FROM router.snapshot ORDER BY partition")
            .fetch_all(tx.conn())
            .await?;
    let row = |(partition, state, outbox): (i16, _, _)| Row { partition: partition as u16, state, outbox };
    Ok(rows.into_iter().map(row).collect())
}

/// Forgets everything: the log is another one.
pub(crate) async fn clear(tx: &mut Tx) -> Result<(), TxError> {
    sqlx::query("DELETE FROM router.snapshot").execute(tx.conn()).await?;
    sqlx::query("DELETE FROM router.position").execute(tx.conn()).await?;
    Ok(())
}
