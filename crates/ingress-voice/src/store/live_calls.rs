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
    pub started_at: Timestamp,
    /// The customer's number, or empty.
    pub phone: String,
    /// A call-back whose customer is not on the line yet.
    pub calling_back: bool,
}

/// Notes that calls of `tenant` have begun; twice is once.
pub async fn insert(tx: &mut Tx, tenant: &str, calls: &[LiveCall]) -> Result<(), TxError> {
    let of = |text: fn(&LiveCall) -> &String| calls.iter().map(|call| text(call).clone()).collect::<Vec<_>>();
    sqlx::query(
        "INSERT INTO ingress_voice.live_calls (tenant_id, interaction_id, instance, life, phone, started_at)
         SELECT $1, interaction_id, instance, life, phone, to_timestamp(started_ms / 1000)
         FROM UNNEST($2::text[], $3::text[], $4::text[], $5::text[], $6::double precision[])
              AS call (interaction_id, instance, life, phone, started_ms)
         ON CONFLICT DO NOTHING",
    )
    .bind(tenant)
    .bind(of(|call| &call.interaction_id))
    .bind(of(|call| &call.instance))
    .bind(of(|call| &call.life))
    .bind(of(|call| &call.phone))
    .bind(calls.iter().map(|call| call.started_at.as_millis() as f64).collect::<Vec<_>>())
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

/// Puts a call-back down among the calls of its process. `false`: another process has it.
pub async fn claim(db: &Db, call: &LiveCall) -> Result<bool, TxError> {
    let mut tx = db.begin(&call.tenant_id).await?;
    let done = sqlx::query(
        "INSERT INTO ingress_voice.live_calls AS known
           (tenant_id, interaction_id, instance, life, started_at, calling_back)
         VALUES ($1, $2, $3, $4, to_timestamp($5::double precision / 1000), true)
         ON CONFLICT (tenant_id, interaction_id) DO UPDATE SET started_at = excluded.started_at, calling_back = true
           WHERE known.instance = excluded.instance AND known.life = excluded.life",
    )
    .bind(&call.tenant_id)
    .bind(&call.interaction_id)
    .bind(&call.instance)
    .bind(&call.life)
    .bind(call.started_at.as_millis() as f64)
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(done.rows_affected() == 1)
}

/// The customer of a call-back is on the line: it is a call as any other.
pub async fn reached(db: &Db, tenant: &str, interaction_id: &str) -> Result<(), TxError> {
    let mut tx = db.begin(tenant).await?;
    sqlx::query(
        "UPDATE ingress_voice.live_calls SET calling_back = false WHERE tenant_id = $1 AND interaction_id = $2",
    )
    .bind(tenant)
    .bind(interaction_id)
    .execute(tx.conn())
    .await?;
    tx.commit().await
}

/// An attempt to call back is over.
pub async fn give_back(db: &Db, tenant: &str, interaction_id: &str) -> Result<(), TxError> {
    let mut tx = db.begin(tenant).await?;
    sqlx::query(
        "DELETE FROM ingress_voice.live_calls WHERE tenant_id = $1 AND interaction_id = $2 AND calling_back",
    )
    .bind(tenant)
    .bind(interaction_id)
    .execute(tx.conn())
    .await?;
    tx.commit().await
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
    let rows: Vec<(String, String, String, String, String, i64, bool)> = sqlx::query_as(
        "SELECT tenant_id, interaction_id, instance, life, phone, (extract(epoch FROM started_at) * 1000)::int8,
           calling_back
         FROM ingress_voice.live_calls
         WHERE (instance, life) <> ($1, $2) ORDER BY started_at LIMIT 1000",
    )
    .bind(instance)
    .bind(life)
    .fetch_all(tx.conn())
    .await?;
    let call = |(tenant_id, interaction_id, instance, life, phone, started_at, calling_back)| LiveCall {
        tenant_id,
        interaction_id,
        instance,
        life,
        phone,
        started_at: Timestamp::from_millis(started_at),
        calling_back,
    };
    Ok(rows.into_iter().map(call).collect())
}
