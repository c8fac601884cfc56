//! `ivr.flow` and `ivr.flow_version`

use chassis::{Tx, TxError};
use contract::ivr::v1::Flow;
use prost::Message as _;

fn decode(document: &[u8]) -> Result<Flow, TxError> {
    // A row that does not decode is a fault of ours or of the disk.
    Flow::decode(document).map_err(|error| TxError::Database(sqlx::Error::Decode(Box::new(error))))
}

/// Serialises changes of one tenant until the transaction ends.
pub async fn lock(tx: &mut Tx) -> Result<(), TxError> {
    let name = format!("ivr/{}", tx.tenant());
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(name)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The flows of the transaction's tenant that may begin, by key.
pub async fn present(tx: &mut Tx) -> Result<Vec<Flow>, TxError> {
    let tenant = tx.tenant().to_owned();
    let rows: Vec<(Vec<u8>,)> = sqlx::query_as(
        "SELECT document FROM ivr.flow JOIN ivr.flow_version USING (tenant_id, key, version)
         WHERE tenant_id = $1 ORDER BY key",
    )
    .bind(tenant)
    .fetch_all(tx.conn())
    .await?;
    rows.iter().map(|(document,)| decode(document)).collect()
}

/// The flow of that key as it begins now.
pub async fn latest(tx: &mut Tx, key: &str) -> Result<Option<Flow>, TxError> {
    let tenant = tx.tenant().to_owned();
    let row: Option<(Vec<u8>,)> = sqlx::query_as(
        "SELECT document FROM ivr.flow JOIN ivr.flow_version USING (tenant_id, key, version)
         WHERE tenant_id = $1 AND key = $2",
    )
    .bind(tenant)
    .bind(key)
    .fetch_optional(tx.conn())
    .await?;
    row.map(|(document,)| decode(&document)).transpose()
}

/// One version of a flow, old or new.
pub async fn version(tx: &mut Tx, key: &str, version: i32) -> Result<Option<Flow>, TxError> {
    let tenant = tx.tenant().to_owned();
    let row: Option<(Vec<u8>,)> = sqlx::query_as(
        "SELECT document FROM ivr.flow_version WHERE tenant_id = $1 AND key = $2 AND version = $3",
    )
    .bind(tenant)
    .bind(key)
    .bind(version)
    .fetch_optional(tx.conn())
    .await?;
    row.map(|(document,)| decode(&document)).transpose()
}

/// Adds the next version of a flow, and lets it begin from now on. The tenant must be [locked](lock).
pub async fn add(tx: &mut Tx, flow: &Flow) -> Result<i32, TxError> {
    let tenant = tx.tenant().to_owned();
    let (last,): (Option<i32>,) =
        sqlx::query_as("SELECT max(version) FROM ivr.flow_version WHERE tenant_id = $1 AND key = $2")
            .bind(&tenant)
            .bind(&flow.key)
            .fetch_one(tx.conn())
            .await?;
    let version = last.unwrap_or(0) + 1;
    let document = Flow { version, ..flow.clone() }.encode_to_vec();
    sqlx::query("INSERT INTO ivr.flow_version (tenant_id, key, version, document) VALUES ($1, $2, $3, $4)")
        .bind(&tenant)
        .bind(&flow.key)
        .bind(version)
        .bind(document)
        .execute(tx.conn())
        .await?;
    sqlx::query(
        "INSERT INTO ivr.flow (tenant_id, key, version) VALUES ($1, $2, $3)
         ON CONFLICT (tenant_id, key) DO UPDATE SET version = EXCLUDED.version",
    )
    .bind(tenant)
    .bind(&flow.key)
    .bind(version)
    .execute(tx.conn())
    .await?;
    Ok(version)
}

/// Lets a flow begin no more; its versions stay for those who are inside.
pub async fn remove(tx: &mut Tx, key: &str) -> Result<(), TxError> {
    let tenant = tx.tenant().to_owned();
    sqlx::query("DELETE FROM ivr.flow WHERE tenant_id = $1 AND key = $2")
        .bind(tenant)
        .bind(key)
        .execute(tx.conn())
        .await?;
    Ok(())
}
