//! `analytics.flow_step`

use contract::{Timestamp, interaction::v1::EndReason};
use sqlx::PgConnection;

/// Outcomes that mean a customer came to a step. Others say what they did there.
const COMES: &[&str] =
    &["entered", "open", "closed", "well", "failed", "known", "unknown", "case", "otherwise"];
/// Most steps of a report.
const MAX_ROWS: i64 = 20_000;
/// Most rows of what surveys brought.
const MAX_RATINGS: i64 = 1_000;

/// One step somebody took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub interaction_id: String,
    pub sequence: i64,
    pub at: Timestamp,
    pub flow: String,
    pub step: String,
    pub outcome: String,
    pub wrong_key: String,
    /// 1 to 5; 0: none.
    pub rating: i16,
}

/// Which steps a report is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    pub from: Timestamp,
    pub before: Timestamp,
    /// Key of the flow; empty: all.
    pub flow: String,
}

/// What happened at a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct StepCounts {
    pub flow: String,
    pub step: String,
    pub entered: i64,
    pub customers: i64,
    pub chosen: i64,
    pub invalid: i64,
    pub timeouts: i64,
    pub unclear: i64,
    pub misheard: i64,
    pub ratings: i64,
    pub rating_sum: i64,
    pub agent: i64,
    pub failed: i64,
    pub left_here: i64,
    pub ended_here: i64,
}

/// What became of those who were in a flow.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct FlowCounts {
    pub flow: String,
    pub customers: i64,
    pub left_in_flow: i64,
    pub self_served: i64,
    pub queued: i64,
}

/// What customers answered to a survey.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Ratings {
    pub flow: String,
    pub step: String,
    pub queue: String,
    pub agent_id: String,
    pub ratings: i64,
    pub rating_sum: i64,
}

/// How often a key was pressed by mistake.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct WrongKey {
    pub flow: String,
    pub step: String,
    pub wrong_key: String,
    pub times: i64,
}

/// Keeps steps; one that is there already stays as it is.
pub async fn put(connection: &mut PgConnection, tenant: &str, rows: &[Row]) -> sqlx::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let text = |of: fn(&Row) -> &str| rows.iter().map(of).collect::<Vec<&str>>();
    sqlx::query(
        "INSERT INTO analytics.flow_step (tenant_id, interaction_id, sequence, at, flow, step, outcome, wrong_key, rating)
         SELECT $1, * FROM UNNEST($2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[],
           $8::text[], $9::smallint[])
         ON CONFLICT DO NOTHING",
    )
    .bind(tenant)
    .bind(text(|row| &row.interaction_id))
    .bind(rows.iter().map(|row| row.sequence).collect::<Vec<i64>>())
    .bind(rows.iter().map(|row| row.at.as_millis()).collect::<Vec<i64>>())
    .bind(text(|row| &row.flow))
    .bind(text(|row| &row.step))
    .bind(text(|row| &row.outcome))
    .bind(text(|row| &row.wrong_key))
    .bind(rows.iter().map(|row| row.rating).collect::<Vec<i16>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// What happened at each step, by flow and step.
pub async fn by_step(
    connection: &mut PgConnection,
    tenant: &str,
    period: &Period,
) -> sqlx::Result<Vec<StepCounts>> {
    sqlx::query_as(
        "SELECT flow, step,
           count(*) FILTER (WHERE outcome = ANY($5)) AS entered,
           count(DISTINCT interaction_id) FILTER (WHERE outcome = ANY($5)) AS customers,
           count(*) FILTER (WHERE outcome = 'choice') AS chosen,
           count(*) FILTER (WHERE outcome = 'invalid') AS invalid,
           count(*) FILTER (WHERE outcome = 'timeout') AS timeouts,
           count(*) FILTER (WHERE outcome = 'unclear') AS unclear,
           count(*) FILTER (WHERE outcome = 'misheard') AS misheard,
           count(*) FILTER (WHERE rating > 0) AS ratings,
           coalesce(sum(rating), 0)::bigint AS rating_sum,
           count(*) FILTER (WHERE outcome = 'agent') AS agent,
           count(*) FILTER (WHERE outcome = 'failed') AS failed,
           count(*) FILTER (WHERE last AND end_reason = $6) AS left_here,
           count(*) FILTER (WHERE last AND end_reason = $7) AS ended_here
         FROM (
           SELECT s.flow, s.step, s.outcome, s.rating, s.interaction_id, i.end_reason,
             row_number() OVER (PARTITION BY s.interaction_id ORDER BY s.sequence DESC) = 1 AS last
           FROM analytics.flow_step s LEFT JOIN analytics.interaction i USING (tenant_id, interaction_id)
           WHERE s.tenant_id = $1 AND s.at >= $2 AND s.at < $3) steps
         WHERE $4 = '' OR flow = $4
         GROUP BY flow, step ORDER BY flow, step LIMIT $8",
    )
    .bind(tenant)
    .bind(period.from.as_millis())
    .bind(period.before.as_millis())
    .bind(&period.flow)
    .bind(COMES)
    .bind(i32::from(EndReason::LeftInFlow))
    .bind(i32::from(EndReason::FlowEnded))
    .bind(MAX_ROWS)
    .fetch_all(connection)
    .await
}

/// What became of those who were in each flow.
pub async fn by_flow(
    connection: &mut PgConnection,
    tenant: &str,
    period: &Period,
) -> sqlx::Result<Vec<FlowCounts>> {
    sqlx::query_as(
        "SELECT s.flow,
           count(DISTINCT interaction_id) AS customers,
           count(DISTINCT interaction_id) FILTER (WHERE i.end_reason = $5) AS left_in_flow,
           count(DISTINCT interaction_id) FILTER (WHERE i.end_reason = $6) AS self_served,
           count(DISTINCT interaction_id) FILTER (WHERE i.queued_at IS NOT NULL) AS queued
         FROM analytics.flow_step s LEFT JOIN analytics.interaction i USING (tenant_id, interaction_id)
         WHERE s.tenant_id = $1 AND s.at >= $2 AND s.at < $3 AND ($4 = '' OR s.flow = $4)
         GROUP BY s.flow ORDER BY s.flow",
    )
    .bind(tenant)
    .bind(period.from.as_millis())
    .bind(period.before.as_millis())
    .bind(&period.flow)
    .bind(i32::from(EndReason::LeftInFlow))
    .bind(i32::from(EndReason::FlowEnded))
    .fetch_all(connection)
    .await
}

/// The keys pressed by mistake, most often first.
pub async fn wrong_keys(
    connection: &mut PgConnection,
    tenant: &str,
    period: &Period,
) -> sqlx::Result<Vec<WrongKey>> {
    sqlx::query_as(
        "SELECT flow, step, wrong_key, count(*) AS times FROM analytics.flow_step
         WHERE tenant_id = $1 AND at >= $2 AND at < $3 AND ($4 = '' OR flow = $4) AND wrong_key <> ''
         GROUP BY flow, step, wrong_key ORDER BY times DESC, wrong_key LIMIT $5",
    )
    .bind(tenant)
    .bind(period.from.as_millis())
    .bind(period.before.as_millis())
    .bind(&period.flow)
    .bind(MAX_ROWS)
    .fetch_all(connection)
    .await
}

/// What customers answered to surveys, by question, queue and agent.
pub async fn ratings(
    connection: &mut PgConnection,
    tenant: &str,
    period: &Period,
) -> sqlx::Result<Vec<Ratings>> {
    sqlx::query_as(
        "SELECT s.flow, s.step, coalesce(i.queue, '') AS queue, coalesce(i.agent_id, '') AS agent_id,
           count(*) AS ratings, sum(s.rating)::bigint AS rating_sum
         FROM analytics.flow_step s LEFT JOIN analytics.interaction i USING (tenant_id, interaction_id)
         WHERE s.tenant_id = $1 AND s.at >= $2 AND s.at < $3 AND ($4 = '' OR s.flow = $4) AND s.rating > 0
         GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4 LIMIT $5",
    )
    .bind(tenant)
    .bind(period.from.as_millis())
    .bind(period.before.as_millis())
    .bind(&period.flow)
    .bind(MAX_RATINGS)
    .fetch_all(connection)
    .await
}
