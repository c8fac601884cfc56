//! `analytics.profile`: which queues the agents of a routing profile serve.

use std::collections::BTreeSet;

use sqlx::PgConnection;

/// Keeps the queues of a profile (none: removed), unless a later configuration is known.
pub async fn configure(
    connection: &mut PgConnection,
    tenant: &str,
    profile: &str,
    queues: &BTreeSet<String>,
    stored_at: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO analytics.profile AS known (tenant_id, profile, queues, configured_at, revision)
         VALUES ($1, $2, $3, $4, nextval('analytics.revision'))
         ON CONFLICT (tenant_id, profile) DO UPDATE SET queues = excluded.queues,
           configured_at = excluded.configured_at, revision = excluded.revision
         WHERE known.configured_at <= excluded.configured_at",
    )
    .bind(tenant)
    .bind(profile)
    .bind(queues.iter().map(String::as_str).collect::<Vec<&str>>())
    .bind(stored_at)
    .execute(connection)
    .await?;
    Ok(())
}

/// Profiles changed after revision `after`, each with key and queues, and the newest revision seen.
pub async fn after(
    connection: &mut PgConnection,
    tenant: &str,
    after: i64,
) -> sqlx::Result<(Vec<(String, BTreeSet<String>)>, i64)> {
    let rows: Vec<(String, Vec<String>, i64)> = sqlx::query_as(
        "SELECT profile, queues, revision FROM analytics.profile WHERE tenant_id = $1 AND revision > $2",
    )
    .bind(tenant)
    .bind(after)
    .fetch_all(connection)
    .await?;
    let newest = rows.iter().map(|row| row.2).max().unwrap_or(after);
    let profiles = rows.into_iter().map(|(key, queues, _)| (key, queues.into_iter().collect()));
    Ok((profiles.collect(), newest))
}
