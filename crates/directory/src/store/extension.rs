//! `directory.extension`

use chassis::{Tx, TxError};
use contract::directory::v1::Agent;

/// The agent of the transaction's tenant who has that extension.
pub async fn owner(tx: &mut Tx, extension: &str) -> Result<Option<String>, TxError> {
    let tenant = tx.tenant().to_owned();
    let agent =
        sqlx::query_scalar("SELECT agent FROM directory.extension WHERE tenant_id = $1 AND extension = $2")
            .bind(tenant)
            .bind(extension)
            .fetch_optional(tx.conn())
            .await?;
    Ok(agent)
}

/// Replaces all extensions of the transaction's tenant.
pub async fn replace(tx: &mut Tx, agents: &[Agent]) -> Result<(), TxError> {
    let tenant = tx.tenant().to_owned();
    sqlx::query("DELETE FROM directory.extension WHERE tenant_id = $1")
        .bind(&tenant)
        .execute(tx.conn())
        .await?;
    let (extensions, agents): (Vec<&str>, Vec<&str>) = agents
        .iter()
        .filter(|agent| !agent.extension.is_empty())
        .map(|agent| (agent.extension.as_str(), agent.key.as_str()))
        .unzip();
    if extensions.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO directory.extension (tenant_id, extension, agent)
         SELECT $1, new.* FROM UNNEST($2::text[], $3::text[]) AS new",
    )
    .bind(tenant)
    .bind(extensions)
    .bind(agents)
    .execute(tx.conn())
    .await?;
    Ok(())
}
