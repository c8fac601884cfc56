//! `directory.tenant`

use chassis::{Tx, TxError};
use contract::directory::v1::Tenant;
use prost::Message as _;

use super::undecodable;

/// The transaction's tenant, if there is one.
pub async fn find(tx: &mut Tx) -> Result<Option<Tenant>, TxError> {
    let tenant = tx.tenant().to_owned();
    let row: Option<(Vec<u8>,)> =
        sqlx::query_as("SELECT document FROM directory.tenant WHERE tenant_id = $1")
            .bind(tenant)
            .fetch_optional(tx.conn())
            .await?;
    row.map(|(document,)| Tenant::decode(document.as_slice()).map_err(undecodable)).transpose()
}

/// Adds or changes the transaction's tenant.
pub async fn put(tx: &mut Tx, tenant: &Tenant) -> Result<(), TxError> {
    sqlx::query(
        "INSERT INTO directory.tenant (tenant_id, document) VALUES ($1, $2)
         ON CONFLICT (tenant_id) DO UPDATE SET document = EXCLUDED.document",
    )
    .bind(&tenant.key)
    .bind(tenant.encode_to_vec())
    .execute(tx.conn())
    .await?;
    Ok(())
}
