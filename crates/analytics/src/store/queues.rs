//! `analytics.queue`: what is configured of queues.

use sqlx::PgConnection;

use crate::core::live::Queue;

/// Keeps what is configured of a queue, unless a later configuration is known.
pub async fn configure(
    connection: &mut PgConnection,
    tenant: &str,
    key: &str,
    queue: &Queue,
    stored_at: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO analytics.queue AS known
           (tenant_id, queue, name, within_ms, removed, configured_at, revision)
         VALUES ($1, $2, $3, $4, $5, $6, nextval('analytics.revision'))
         ON CONFLICT (tenant_id, queue) DO UPDATE SET name = excluded.name, within_ms = excluded.within_ms,
           removed = excluded.removed, configured_at = excluded.configured_at, revision = excluded.revision
         WHERE known.configured_at <= excluded.configured_at",
    )
    .bind(tenant)
    .bind(key)
    .bind(&queue.name)
    .bind(queue.within)
    .bind(queue.removed)
    .bind(stored_at)
    .execute(connection)
    .await?;
    Ok(())
}

/// Marks a queue as removed, unless a later configuration is known.
pub async fn remove(
    connection: &mut PgConnection,
    tenant: &str,
    key: &str,
    stored_at: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE analytics.queue SET removed = true, configured_at = $3, revision = nextval('analytics.revision')
         WHERE tenant_id = $1 AND queue = $2 AND configured_at <= $3",
    )
    .bind(tenant)
    .bind(key)
    .bind(stored_at)
    .execute(connection)
    .await?;
    Ok(())
}

/// Queues changed after revision `after`, each with the key, and the newest revision seen.
pub async fn after(
    connection: &mut PgConnection,
    tenant: &str,
    after: i64,
) -> sqlx::Result<(Vec<(String, Queue)>, i64)> {
    let rows: Vec<(String, String, i64, bool, i64)> = sqlx::query_as(
        "SELECT queue, name, within_ms, removed, revision FROM analytics.queue
         WHERE tenant_id = $1 AND revision > $2",
    )
    .bind(tenant)
    .bind(after)
    .fetch_all(connection)
    .await?;
    let newest = rows.iter().map(|row| row.4).max().unwrap_or(after);
    let queues =
        rows.into_iter().map(|(key, name, within, removed, _)| (key, Queue { name, within, removed }));
    Ok((queues.collect(), newest))
}
