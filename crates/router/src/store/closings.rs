//! `router.closing`: when interactions were closed.

use chassis::{Tx, TxError};
use contract::{Timestamp, router::v1::InteractionClosed};

/// One closed interaction.
pub(crate) struct Closing {
    pub queue: String,
    /// Empty: nobody answered.
    pub agent: String,
    pub ended_at: Timestamp,
    pub closed_at: Timestamp,
}

/// Writes down closed interactions with the time.
pub(crate) async fn insert(
    tx: &mut Tx,
    tenant: &str,
    closed: &[(&str, &InteractionClosed, Timestamp)],
) -> Result<(), TxError> {
    if closed.is_empty() {
        return Ok(());
    }
    let interactions: Vec<&str> = closed.iter().map(|(interaction, ..)| *interaction).collect();
    let queues: Vec<&str> = closed.iter().map(|(_, closed, _)| closed.queue.as_str()).collect();
    let agents: Vec<&str> = closed.iter().map(|(_, closed, _)| closed.agent_id.as_str()).collect();
    let ended: Vec<i64> = closed
        .iter()
        .map(|(_, closed, at)| closed.ended_at.map_or(*at, Timestamp::from).as_millis())
        .collect();
    let times: Vec<i64> = closed.iter().map(|(.., at)| at.as_millis()).collect();
    sqlx::query(
        "INSERT INTO router.closing (tenant_id, interaction_id, queue, agent_id, ended_at, closed_at)
         SELECT $1, * FROM UNNEST($2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
         ON CONFLICT DO NOTHING",
    )
    .bind(tenant)
    .bind(interactions)
    .bind(queues)
    .bind(agents)
    .bind(ended)
    .bind(times)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// How an interaction was closed; none when it was not, or long ago.
pub(crate) async fn of_interaction(tx: &mut Tx, interaction: &str) -> Result<Option<Closing>, TxError> {
    let row: Option<(String, String, i64, i64)> = sqlx::query_as(
        "SELECT queue, agent_id, ended_at, closed_at FROM router.closing WHERE interaction_id = $1",
    )
    .bind(interaction)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|(queue, agent, ended_at, closed_at)| Closing {
        queue,
        agent,
        ended_at: Timestamp::from_millis(ended_at),
        closed_at: Timestamp::from_millis(closed_at),
    }))
}

/// Deletes those closed before a moment, some at a time; true when there may be more.
pub(crate) async fn trim(tx: &mut Tx, before: Timestamp) -> Result<bool, TxError> {
    let deleted = sqlx::query(
        "DELETE FROM router.closing WHERE ctid = ANY(ARRAY(
           SELECT ctid FROM router.closing WHERE closed_at < $1 LIMIT 10000))",
    )
    .bind(before.as_millis())
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected() == 10_000)
}
