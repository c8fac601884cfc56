//! `ingress_voice.cut_off`.

use chassis::{Db, Tx, TxError};
use contract::Timestamp;

/// A customer whose call died with its process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutOff {
    pub tenant_id: String,
    /// E.164 with "+".
    pub phone: String,
    /// The call that died.
    pub interaction_id: String,
    /// When it had begun.
    pub since: Timestamp,
    pub at: Timestamp,
}

/// Notes one, in the transaction of its tenant. Who was cut off twice waits since the first call.
pub async fn insert(tx: &mut Tx, cut_off: &CutOff) -> Result<(), TxError> {
    sqlx::query(
        "INSERT INTO ingress_voice.cut_off (tenant_id, phone, interaction_id, since, cut_off_at)
         VALUES ($1, $2, $3, to_timestamp($4::double precision / 1000), to_timestamp($5::double precision / 1000))
         ON CONFLICT (tenant_id, phone) DO UPDATE
         SET since = LEAST(ingress_voice.cut_off.since, EXCLUDED.since), cut_off_at = EXCLUDED.cut_off_at,
             interaction_id = EXCLUDED.interaction_id",
    )
    .bind(&cut_off.tenant_id)
    .bind(&cut_off.phone)
    .bind(&cut_off.interaction_id)
    .bind(cut_off.since.as_millis() as f64)
    .bind(cut_off.at.as_millis() as f64)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// All tenants' since that moment, the latest first, at most `most`.
pub async fn since(db: &Db, moment: Timestamp, most: i64) -> Result<Vec<CutOff>, TxError> {
    let mut tx = db.begin_for_every_tenant().await?;
    let rows: Vec<(String, String, String, i64, i64)> = sqlx::query_as(
        "SELECT tenant_id, phone, interaction_id, (extract(epoch FROM since) * 1000)::int8,
                (extract(epoch FROM cut_off_at) * 1000)::int8
         FROM ingress_voice.cut_off WHERE cut_off_at > to_timestamp($1::double precision / 1000)
         ORDER BY cut_off_at DESC LIMIT $2",
    )
    .bind(moment.as_millis() as f64)
    .bind(most)
    .fetch_all(tx.conn())
    .await?;
    let cut_off = |(tenant_id, phone, interaction_id, since, at)| CutOff {
        tenant_id,
        phone,
        interaction_id,
        since: Timestamp::from_millis(since),
        at: Timestamp::from_millis(at),
    };
    Ok(rows.into_iter().map(cut_off).collect())
}

/// Forgets a customer, who was served.
pub async fn remove(db: &Db, tenant: &str, phone: &str) -> Result<(), TxError> {
    let mut tx = db.begin(tenant).await?;
    sqlx::query("DELETE FROM ingress_voice.cut_off WHERE tenant_id = $1 AND phone = $2")
        .bind(tenant)
        .bind(phone)
        .execute(tx.conn())
        .await?;
    tx.commit().await
}

/// Forgets those of before that moment.
pub async fn remove_before(db: &Db, moment: Timestamp) -> Result<(), TxError> {
    let mut tx = db.begin_for_every_tenant().await?;
    sqlx::query(
        "DELETE FROM ingress_voice.cut_off WHERE cut_off_at <= to_timestamp($1::double precision / 1000)",
    )
    .bind(moment.as_millis() as f64)
    .execute(tx.conn())
    .await?;
    tx.commit().await
}
