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
}

/// Who let go of a call that waits for somebody to take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    pub agent_id: String,
    /// The customer, for people.
    pub label: String,
    pub queue: String,
    pub at: Timestamp,
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

/// Notes that a call waits for somebody to take it, or does no more. One that is not there stays that way.
pub async fn park(tx: &mut Tx, interaction_id: &str, parked: Option<&Parked>) -> Result<(), TxError> {
    let of = |text: fn(&Parked) -> &String| parked.map(text).cloned().unwrap_or_default();
    sqlx::query(
        "UPDATE ingress_voice.live_calls SET parked_at = to_timestamp($2::double precision / 1000), parked_by = $3,
           parked_label = $4, parked_queue = $5
         WHERE interaction_id = $1",
    )
    .bind(interaction_id)
    .bind(parked.map(|parked| parked.at.as_millis() as f64))
    .bind(of(|parked| &parked.agent_id))
    .bind(of(|parked| &parked.label))
    .bind(of(|parked| &parked.queue))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A tenant's parked calls, the longest parked first.
pub async fn parked(db: &Db, tenant: &str, most: i64) -> Result<Vec<(String, Parked)>, TxError> {
    let mut tx = db.begin(tenant).await?;
    let rows: Vec<(String, String, String, String, i64)> = sqlx::query_as(
        "SELECT interaction_id, parked_by, parked_label, parked_queue,
           (extract(epoch FROM parked_at) * 1000)::int8
         FROM ingress_voice.live_calls WHERE tenant_id = $1 AND parked_at IS NOT NULL
         ORDER BY parked_at LIMIT $2",
    )
    .bind(tenant)
    .bind(most)
    .fetch_all(tx.conn())
    .await?;
    let parked = |(interaction_id, agent_id, label, queue, at)| {
        (interaction_id, Parked { agent_id, label, queue, at: Timestamp::from_millis(at) })
    };
    Ok(rows.into_iter().map(parked).collect())
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

/// Every life that holds calls but the given one, as instance and life; at most 1000.
pub async fn other_lives(db: &Db, instance: &str, life: &str) -> Result<Vec<(String, String)>, TxError> {
    let mut tx = db.begin_for_every_tenant().await?;
    let lives = sqlx::query_as(
        "SELECT DISTINCT instance, life FROM ingress_voice.live_calls
         WHERE (instance, life) <> ($1, $2) AND NOT calling_back LIMIT 1000",
    )
    .bind(instance)
    .bind(life)
    .fetch_all(tx.conn())
    .await?;
    Ok(lives)
}

/// Calls of one life, the oldest first, at most 1000; attempts to call back are none yet.
pub async fn of_life(db: &Db, instance: &str, life: &str) -> Result<Vec<LiveCall>, TxError> {
    let mut tx = db.begin_for_every_tenant().await?;
    let rows: Vec<(String, String, String, i64)> = sqlx::query_as(
        "SELECT tenant_id, interaction_id, phone, (extract(epoch FROM started_at) * 1000)::int8
         FROM ingress_voice.live_calls
         WHERE instance = $1 AND life = $2 AND NOT calling_back ORDER BY started_at LIMIT 1000",
    )
    .bind(instance)
    .bind(life)
    .fetch_all(tx.conn())
    .await?;
    let call = |(tenant_id, interaction_id, phone, started_at)| LiveCall {
        tenant_id,
        interaction_id,
        instance: instance.to_owned(),
        life: life.to_owned(),
        phone,
        started_at: Timestamp::from_millis(started_at),
    };
    Ok(rows.into_iter().map(call).collect())
}
