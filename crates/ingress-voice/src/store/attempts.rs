//! Attempts to call customers back: rows of `ingress_voice.live_calls` whose customer is not on the line yet.

use chassis::{Db, TxError};
use contract::Timestamp;

/// An attempt, held by one process from the moment the agent is rung until the router has heard what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub tenant_id: String,
    pub interaction_id: String,
    /// The offer it answers.
    pub attempt: String,
    /// Process that makes it, and which life of that process.
    pub instance: String,
    pub life: String,
    /// Number of the `CallbackOutcome`; 0: it goes on, or its process died.
    pub outcome: i32,
    /// For people.
    pub detail: String,
}

/// Puts an attempt down among the calls of its process. `false`: another process has the call-back.
pub async fn claim(db: &Db, attempt: &Attempt, now: Timestamp) -> Result<bool, TxError> {
    let mut tx = db.begin(&attempt.tenant_id).await?;
    let done = sqlx::query(
        "INSERT INTO ingress_voice.live_calls AS known
           (tenant_id, interaction_id, instance, life, started_at, calling_back, attempt)
         VALUES ($1, $2, $3, $4, to_timestamp($5::double precision / 1000), true, $6)
         ON CONFLICT (tenant_id, interaction_id) DO UPDATE
           SET started_at = excluded.started_at, calling_back = true, attempt = excluded.attempt, outcome = 0,
               outcome_detail = ''
           WHERE known.instance = excluded.instance AND known.life = excluded.life",
    )
    .bind(&attempt.tenant_id)
    .bind(&attempt.interaction_id)
    .bind(&attempt.instance)
    .bind(&attempt.life)
    .bind(now.as_millis() as f64)
    .bind(&attempt.attempt)
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

/// Writes down what came of an attempt. One that is not there any more stays that way.
pub async fn note(db: &Db, attempt: &Attempt) -> Result<(), TxError> {
    let mut tx = db.begin(&attempt.tenant_id).await?;
    sqlx::query(
        "UPDATE ingress_voice.live_calls SET outcome = $4, outcome_detail = $5
         WHERE tenant_id = $1 AND interaction_id = $2 AND calling_back AND attempt = $3",
    )
    .bind(&attempt.tenant_id)
    .bind(&attempt.interaction_id)
    .bind(&attempt.attempt)
    .bind(attempt.outcome)
    .bind(&attempt.detail)
    .execute(tx.conn())
    .await?;
    tx.commit().await
}

/// An attempt is over, and the router knows: another one may begin anywhere. One that has begun already stays.
pub async fn give_back(db: &Db, attempt: &Attempt) -> Result<(), TxError> {
    let mut tx = db.begin(&attempt.tenant_id).await?;
    sqlx::query(
        "DELETE FROM ingress_voice.live_calls
         WHERE tenant_id = $1 AND interaction_id = $2 AND calling_back AND attempt = $3",
    )
    .bind(&attempt.tenant_id)
    .bind(&attempt.interaction_id)
    .bind(&attempt.attempt)
    .execute(tx.conn())
    .await?;
    tx.commit().await
}

/// All tenants' attempts, the oldest first, at most 1000.
pub async fn all(db: &Db) -> Result<Vec<Attempt>, TxError> {
    let mut tx = db.begin_for_every_tenant().await?;
    let rows: Vec<(String, String, String, String, String, i32, String)> = sqlx::query_as(
        "SELECT tenant_id, interaction_id, attempt, instance, life, outcome, outcome_detail
         FROM ingress_voice.live_calls WHERE calling_back ORDER BY started_at LIMIT 1000",
    )
    .fetch_all(tx.conn())
    .await?;
    let attempt = |(tenant_id, interaction_id, attempt, instance, life, outcome, detail)| Attempt {
        tenant_id,
        interaction_id,
        attempt,
        instance,
        life,
        outcome,
        detail,
    };
    Ok(rows.into_iter().map(attempt).collect())
}
