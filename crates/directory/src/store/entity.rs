//! `directory.entity`

use chassis::{Tx, TxError};

use super::undecodable;
use crate::core::entity::{Entity, Kind};

/// Everything of the transaction's tenant but its users.
pub async fn all(tx: &mut Tx) -> Result<Vec<Entity>, TxError> {
    let tenant = tx.tenant().to_owned();
    let rows: Vec<(String, Vec<u8>)> =
        sqlx::query_as("SELECT kind, document FROM directory.entity WHERE tenant_id = $1")
            .bind(tenant)
            .fetch_all(tx.conn())
            .await?;
    // A kind of a newer build is left alone: this one neither shows nor changes it.
    rows.iter()
        .filter_map(|(kind, document)| Some((Kind::of_singular(kind)?, document)))
        .map(|(kind, document)| Entity::decode(kind, document).map_err(undecodable))
        .collect()
}

/// One thing of the transaction's tenant.
pub async fn find(tx: &mut Tx, kind: Kind, key: &str) -> Result<Option<Entity>, TxError> {
    let tenant = tx.tenant().to_owned();
    let row: Option<(Vec<u8>,)> = sqlx::query_as(
        "SELECT document FROM directory.entity WHERE tenant_id = $1 AND kind = $2 AND key = $3",
    )
    .bind(tenant)
    .bind(kind.singular())
    .bind(key)
    .fetch_optional(tx.conn())
    .await?;
    row.map(|(document,)| Entity::decode(kind, &document).map_err(undecodable)).transpose()
}

/// Adds or changes things of the transaction's tenant.
pub async fn put(tx: &mut Tx, entities: &[&Entity]) -> Result<(), TxError> {
    if entities.is_empty() {
        return Ok(());
    }
    let tenant = tx.tenant().to_owned();
    let kinds: Vec<&str> = entities.iter().map(|entity| entity.kind().singular()).collect();
    let keys: Vec<&str> = entities.iter().map(|entity| entity.key()).collect();
    let documents: Vec<Vec<u8>> = entities.iter().map(|entity| entity.encode()).collect();
    sqlx::query(
        "INSERT INTO directory.entity (tenant_id, kind, key, document)
         SELECT $1, kind, key, document FROM UNNEST($2::text[], $3::text[], $4::bytea[]) AS new (kind, key, document)
         ON CONFLICT (tenant_id, kind, key) DO UPDATE SET document = EXCLUDED.document",
    )
    .bind(tenant)
    .bind(kinds)
    .bind(keys)
    .bind(documents)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Removes things of the transaction's tenant.
pub async fn remove(tx: &mut Tx, things: &[(Kind, &str)]) -> Result<(), TxError> {
    if things.is_empty() {
        return Ok(());
    }
    let tenant = tx.tenant().to_owned();
    let kinds: Vec<&str> = things.iter().map(|(kind, _)| kind.singular()).collect();
    let keys: Vec<&str> = things.iter().map(|(_, key)| *key).collect();
    sqlx::query(
        "DELETE FROM directory.entity USING UNNEST($2::text[], $3::text[]) AS old (kind, key)
         WHERE tenant_id = $1 AND entity.kind = old.kind AND entity.key = old.key",
    )
    .bind(tenant)
    .bind(kinds)
    .bind(keys)
    .execute(tx.conn())
    .await?;
    Ok(())
}
