//! `directory.change`

use chassis::{Tx, TxError};
use contract::{
    Timestamp,
    directory::v1::{Change, RecordedChange},
};
use prost::Message as _;

use super::undecodable;

/// Records changes of the transaction's tenant.
pub async fn record(tx: &mut Tx, at: Timestamp, actor: &str, changes: &[Change]) -> Result<(), TxError> {
    let tenant = tx.tenant().to_owned();
    let documents: Vec<Vec<u8>> = changes.iter().map(prost::Message::encode_to_vec).collect();
    sqlx::query(
        "INSERT INTO directory.change (tenant_id, at, actor, document)
         SELECT $1, $2, $3, document FROM UNNEST($4::bytea[]) WITH ORDINALITY AS new (document, place)
         ORDER BY place",
    )
    .bind(tenant)
    .bind(at.as_millis())
    .bind(actor)
    .bind(documents)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The newest `limit` changes of the transaction's tenant older than `before`, newest first, each with its place.
pub async fn newest(
    tx: &mut Tx,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<(i64, RecordedChange)>, TxError> {
    let tenant = tx.tenant().to_owned();
    let rows: Vec<(i64, i64, String, Vec<u8>)> = sqlx::query_as(
        "SELECT seq, at, actor, document FROM directory.change
         WHERE tenant_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3",
    )
    .bind(tenant)
    .bind(before.unwrap_or(i64::MAX))
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|(seq, at, actor, document)| {
            let change = Change::decode(document.as_slice()).map_err(undecodable)?;
            let at = Some(Timestamp::from_millis(at).to_proto());
            Ok((seq, RecordedChange { at, actor, change: Some(change) }))
        })
        .collect()
}
