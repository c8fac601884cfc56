//! `analytics.interaction`: one row of facts for each interaction.

use std::collections::BTreeMap;

use contract::Timestamp;
use futures::TryStreamExt as _;
use sqlx::{PgConnection, types::Json};

use crate::core::{
    journey::Journey,
    visit::{Facts, Figures},
};

/// What the recorder changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    pub journey: Journey,
    /// When something last happened.
    pub active_at: Timestamp,
}

/// Loads and locks the records of `ids`.
pub async fn load(
    connection: &mut PgConnection,
    tenant: &str,
    ids: &[String],
) -> sqlx::Result<BTreeMap<String, Record>> {
    let rows: Vec<(String, Json<Journey>, i64)> = sqlx::query_as(
        "SELECT interaction_id, journey, active_at FROM analytics.interaction
         WHERE tenant_id = $1 AND interaction_id = ANY($2) ORDER BY interaction_id FOR UPDATE",
    )
    .bind(tenant)
    .bind(ids)
    .fetch_all(connection)
    .await?;
    let records = rows.into_iter().map(|(id, Json(journey), active_at)| {
        (id, Record { journey, active_at: Timestamp::from_millis(active_at) })
    });
    Ok(records.collect())
}

/// Writes records and the columns reports need, in one statement.
pub async fn put(
    connection: &mut PgConnection,
    tenant: &str,
    records: &BTreeMap<String, Record>,
) -> sqlx::Result<()> {
    if records.is_empty() {
        return Ok(());
    }
    let rows: Vec<(&String, &Record, Facts)> =
        records.iter().map(|(id, record)| (id, record, record.journey.facts())).collect();
    let text = |of: fn(&Facts) -> &str| rows.iter().map(|(_, _, facts)| of(facts)).collect::<Vec<&str>>();
    let number =
        |of: fn(&Facts) -> i32| rows.iter().map(|(_, _, facts)| of(facts) as i16).collect::<Vec<i16>>();
    let moment = |of: fn(&Facts) -> Option<Timestamp>| {
        rows.iter().map(|(_, _, facts)| of(facts).map(Timestamp::as_millis)).collect::<Vec<Option<i64>>>()
    };
    let span = |of: fn(&Facts) -> Option<i64>| {
        rows.iter().map(|(_, _, facts)| of(facts)).collect::<Vec<Option<i64>>>()
    };
    sqlx::query(
        "INSERT INTO analytics.interaction (tenant_id, revision, interaction_id, channel, entry_point, queue,
           agent_id, disposition, end_reason, started_at, queued_at, answered_at, ended_at, closed_at, talk_ms,
           wrap_up_ms, open, active_at, journey)
         SELECT $1, nextval('analytics.revision'), * FROM UNNEST($2::text[], $3::smallint[], $4::text[], $5::text[],
           $6::text[], $7::text[], $8::smallint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[],
           $13::bigint[], $14::bigint[], $15::bigint[], $16::boolean[], $17::bigint[], $18::jsonb[])
         ON CONFLICT (tenant_id, interaction_id) DO UPDATE SET
           revision = excluded.revision, channel = excluded.channel, entry_point = excluded.entry_point,
           queue = excluded.queue, agent_id = excluded.agent_id, disposition = excluded.disposition,
           end_reason = excluded.end_reason, started_at = excluded.started_at, queued_at = excluded.queued_at,
           answered_at = excluded.answered_at, ended_at = excluded.ended_at, closed_at = excluded.closed_at,
           talk_ms = excluded.talk_ms, wrap_up_ms = excluded.wrap_up_ms, open = excluded.open,
           active_at = excluded.active_at, journey = excluded.journey",
    )
    .bind(tenant)
    .bind(rows.iter().map(|(id, ..)| id.as_str()).collect::<Vec<&str>>())
    .bind(number(|facts| facts.channel))
    .bind(text(|facts| &facts.entry_point))
    .bind(text(|facts| &facts.queue))
    .bind(text(|facts| &facts.agent))
    .bind(text(|facts| &facts.disposition))
    .bind(number(|facts| facts.end_reason))
    .bind(moment(|facts| facts.started_at))
    .bind(moment(|facts| facts.queued_at))
    .bind(moment(|facts| facts.answered_at))
    .bind(moment(|facts| facts.ended_at))
    .bind(moment(|facts| facts.closed_at))
    .bind(span(|facts| facts.talk))
    .bind(span(|facts| facts.wrap_up))
    .bind(rows.iter().map(|(_, record, _)| record.journey.figures().is_open()).collect::<Vec<bool>>())
    .bind(rows.iter().map(|(_, record, _)| record.active_at.as_millis()).collect::<Vec<i64>>())
    .bind(rows.iter().map(|(_, record, _)| Json(&record.journey)).collect::<Vec<Json<&Journey>>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// Number of the tenant's newest change.
pub async fn newest_revision(connection: &mut PgConnection, tenant: &str) -> sqlx::Result<i64> {
    let (newest,): (Option<i64>,) =
        sqlx::query_as("SELECT max(revision) FROM analytics.interaction WHERE tenant_id = $1")
            .bind(tenant)
            .fetch_one(connection)
            .await?;
    Ok(newest.unwrap_or(0))
}

/// What everything open or active since `day` adds to the figures, one by one to `put`.
pub async fn each_since(
    connection: &mut PgConnection,
    tenant: &str,
    day: Timestamp,
    mut put: impl FnMut(&str, Figures),
) -> sqlx::Result<()> {
    // Two statements, so that each has its index.
    for condition in ["active_at >= $2", "open AND active_at < $2"] {
        let statement = format!(
            "SELECT interaction_id, journey FROM analytics.interaction WHERE tenant_id = $1 AND {condition}"
        );
        let mut rows = sqlx::query_as::<_, (String, Json<Journey>)>(sqlx::AssertSqlSafe(statement))
            .bind(tenant)
            .bind(day.as_millis())
            .fetch(&mut *connection);
        while let Some((id, Json(journey))) = rows.try_next().await? {
            put(&id, journey.figures());
        }
    }
    Ok(())
}

/// What everything changed after revision `after` adds to the figures, one by one to `put`. Returns the newest
/// revision seen.
pub async fn each_after(
    connection: &mut PgConnection,
    tenant: &str,
    after: i64,
    mut put: impl FnMut(&str, Figures),
) -> sqlx::Result<i64> {
    let mut rows = sqlx::query_as::<_, (String, Json<Journey>, i64)>(
        "SELECT interaction_id, journey, revision FROM analytics.interaction
         WHERE tenant_id = $1 AND revision > $2",
    )
    .bind(tenant)
    .bind(after)
    .fetch(connection);
    let mut newest = after;
    while let Some((id, Json(journey), revision)) = rows.try_next().await? {
        put(&id, journey.figures());
        newest = newest.max(revision);
    }
    Ok(newest)
}
