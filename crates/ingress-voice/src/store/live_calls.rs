//! `ingress_voice.live_calls`.

use chassis::{Db, Tx, TxError};
use contract::Timestamp;

/// A call that has begun and not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveCall {
    pub tenant_id: String,
    pub interaction_id: String,
    /// Process that holds the line.
    pub instance: String,
    /// Which life of that process.
    pub life: String,
}

/// Notes that a call has begun; twice is once.
pub async fn insert(tx: &mut Tx, call: &LiveCall, started_at: Timestamp) -> Result<(), TxError> {
    sqlx::query(
        "INSERT INTO ingress_voice.live_calls (tenant_id, interaction_id, instance, life, started_at)
         VALUES ($1, $2, $3, $4, to_timestamp($5::double precision / 1000)) ON CONFLICT DO NOTHING",
    )
    .bind(&call.tenant_id)
    .bind(&call.interaction_id)
    .bind(&call.instance)
    .bind(&call.life)
    .bind(started_at.as_millis() as f64)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes that calls have ended. Those that are not there stay that way.
pub async fn remove(tx: &mut Tx, interaction_ids: &[String]) -> Result<(), TxError> {
    sqlx::query("DELETE FROM ingress_voice.live_calls WHERE interaction_id = ANY($1)")
        .bind(interaction_ids)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Where a call of the tenant is held: instance and life.
pub async fn holder(db: &Db, tenant: &str, interaction_id: &str) -> Result<Option<String>, TxError> {
    let mut tx = db.begin(tenant).await?;
    let row: Option<(String,)> = sqlx::query_as(
        "SELECT instance FROM ingress_voice.live_calls WHERE tenant_id = $1 AND interaction_id = $2",
    )
    .bind(tenant)
    .bind(interaction_id)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|(instance,)| instance))
}

/// Calls of every life but the given one, at most 1000.
pub async fn of_others(db: &Db, instance: &str, life: &str) -> Result<Vec<LiveCall>, TxError> {
    let mut tx = db.begin_for_every_tenant().await?;
    let rows: Vec<(String, String, String, String)> = sqlx::query_as(
        "SELECT tenant_id, interaction_id, instance, life FROM ingress_voice.live_calls
         WHERE (instance, life) <> ($1, $2) ORDER BY started_at LIMIT 1000",
    )
    .bind(instance)
    .bind(life)
    .fetch_all(tx.conn())
    .await?;
    let call =
        |(tenant_id, interaction_id, instance, life)| LiveCall { tenant_id, interaction_id, instance, life };
    Ok(rows.into_iter().map(call).collect())
}
