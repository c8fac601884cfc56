//! `crm.interaction`: one row for each engagement, made of its facts.

use std::collections::BTreeMap;

use contract::Timestamp;
use sqlx::{PgConnection, Postgres, QueryBuilder, types::Json};

use crate::core::{history::History, page::Position, replay::Summary};

/// What the recorder changes: the facts, and whose they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    pub history: History,
    /// Empty until recognised.
    pub customer_id: String,
    pub case_id: String,
    /// Used while the start is not known: moment of the earliest fact recorded.
    pub first_fact_at: Timestamp,
}

/// Loads and locks the records of `ids`, in the order of their ids so that two transactions never wait for each other
/// in a circle.
pub async fn load(
    connection: &mut PgConnection,
    tenant: &str,
    ids: &[String],
) -> sqlx::Result<BTreeMap<String, Record>> {
    let rows: Vec<(String, Json<History>, String, String, i64)> = sqlx::query_as(
        "SELECT interaction_id, history, customer_id, case_id, started_at FROM crm.interaction
         WHERE tenant_id = $1 AND interaction_id = ANY($2) ORDER BY interaction_id FOR UPDATE",
    )
    .bind(tenant)
    .bind(ids)
    .fetch_all(connection)
    .await?;
    let records = rows.into_iter().map(|(id, Json(history), customer_id, case_id, started_at)| {
        let first_fact_at = Timestamp::from_millis(started_at);
        (id, Record { history, customer_id, case_id, first_fact_at })
    });
    Ok(records.collect())
}

/// Writes records and the columns that lists need, in one statement.
pub async fn put(
    connection: &mut PgConnection,
    tenant: &str,
    records: &BTreeMap<String, Record>,
) -> sqlx::Result<()> {
    if records.is_empty() {
        return Ok(());
    }
    let rows: Vec<(&String, &Record, Summary)> =
        records.iter().map(|(id, record)| (id, record, record.history.summary())).collect();
    let text = |of: fn(&Summary) -> &str| rows.iter().map(|(_, _, s)| of(s)).collect::<Vec<&str>>();
    let number = |of: fn(&Summary) -> i32| rows.iter().map(|(_, _, s)| of(s) as i16).collect::<Vec<i16>>();
    let moment = |of: fn(&Summary) -> Option<Timestamp>| {
        rows.iter().map(|(_, _, s)| of(s).map(Timestamp::as_millis)).collect::<Vec<Option<i64>>>()
    };
    let span =
        |of: fn(&Summary) -> Option<i64>| rows.iter().map(|(_, _, s)| of(s)).collect::<Vec<Option<i64>>>();
    let started: Vec<i64> = rows
        .iter()
        .map(|(_, record, summary)| summary.started_at.unwrap_or(record.first_fact_at).as_millis())
        .collect();
    sqlx::query(
        "INSERT INTO crm.interaction AS known (tenant_id, interaction_id, channel, direction, entry_point, instance,
           queue, agent_id, customer_id, case_id, state, end_reason, disposition, note, started_at, queued_at,
           answered_at, ended_at, closed_at, wait_ms, talk_ms, wrap_up_ms, history)
         SELECT $1, * FROM UNNEST($2::text[], $3::smallint[], $4::smallint[], $5::text[], $6::text[], $7::text[],
           $8::text[], $9::text[], $10::text[], $11::smallint[], $12::smallint[], $13::text[], $14::text[],
           $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[], $21::bigint[],
           $22::bigint[], $23::jsonb[])
         ON CONFLICT (tenant_id, interaction_id) DO UPDATE SET
           channel = excluded.channel, direction = excluded.direction, entry_point = excluded.entry_point,
           instance = excluded.instance, queue = excluded.queue, agent_id = excluded.agent_id,
           customer_id = excluded.customer_id, case_id = excluded.case_id, state = excluded.state,
           end_reason = excluded.end_reason, disposition = excluded.disposition, note = excluded.note,
           started_at = excluded.started_at, queued_at = excluded.queued_at, answered_at = excluded.answered_at,
           ended_at = excluded.ended_at, closed_at = excluded.closed_at, wait_ms = excluded.wait_ms,
           talk_ms = excluded.talk_ms, wrap_up_ms = excluded.wrap_up_ms, history = excluded.history",
    )
    .bind(tenant)
    .bind(rows.iter().map(|(id, ..)| id.as_str()).collect::<Vec<&str>>())
    .bind(number(|summary| summary.channel))
    .bind(number(|summary| summary.direction))
    .bind(text(|summary| &summary.entry_point))
    .bind(text(|summary| &summary.instance))
    .bind(text(|summary| &summary.queue))
    .bind(text(|summary| &summary.agent))
    .bind(rows.iter().map(|(_, record, _)| record.customer_id.as_str()).collect::<Vec<&str>>())
    .bind(rows.iter().map(|(_, record, _)| record.case_id.as_str()).collect::<Vec<&str>>())
    .bind(number(|summary| i32::from(summary.state.number())))
    .bind(number(|summary| summary.end_reason))
    .bind(text(|summary| &summary.disposition))
    .bind(text(|summary| &summary.note))
    .bind(started)
    .bind(moment(|summary| summary.queued_at))
    .bind(moment(|summary| summary.answered_at))
    .bind(moment(|summary| summary.ended_at))
    .bind(moment(|summary| summary.closed_at))
    .bind(span(|summary| summary.wait))
    .bind(span(|summary| summary.talk))
    .bind(span(|summary| summary.wrap_up))
    .bind(rows.iter().map(|(_, record, _)| Json(&record.history)).collect::<Vec<Json<&History>>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// A row as lists and pages show it. Moments are milliseconds since 1970, spans milliseconds, enumerations the numbers
/// of the protos.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Interaction {
    pub interaction_id: String,
    pub channel: i16,
    pub direction: i16,
    pub entry_point: String,
    pub instance: String,
    pub queue: String,
    pub agent_id: String,
    pub customer_id: String,
    pub customer_name: String,
    pub case_id: String,
    pub state: i16,
    pub end_reason: i16,
    pub disposition: String,
    pub note: String,
    pub started_at: i64,
    pub queued_at: Option<i64>,
    pub answered_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub closed_at: Option<i64>,
    pub wait_ms: Option<i64>,
    pub talk_ms: Option<i64>,
    pub wrap_up_ms: Option<i64>,
    pub preview: String,
}

/// Which interactions to list; what is not given does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub customer_id: Option<String>,
    pub agent_id: Option<String>,
    pub queue: Option<String>,
    pub channel: Option<i16>,
    pub open_only: bool,
    pub started_from: Option<i64>,
    pub started_before: Option<i64>,
    /// Only what follows this row.
    pub after: Option<Position>,
}

// The last message comes by its own index for each of the few rows of a page: nothing is written per message.
const SELECT: &str = "\
    SELECT i.interaction_id, i.channel, i.direction, i.entry_point, i.instance, i.queue, i.agent_id, i.customer_id,
      COALESCE(NULLIF(c.name, ''), known.value, '') AS customer_name, i.case_id, i.state, i.end_reason, i.disposition, i.note, i.started_at,
      i.queued_at, i.answered_at, i.ended_at, i.closed_at, i.wait_ms, i.talk_ms, i.wrap_up_ms,
      COALESCE(last.preview, '') AS preview
    FROM (SELECT * FROM crm.interaction WHERE tenant_id = ";
// Whoever has no name is shown as the number or mail address they came with (kinds 1 and 2). What the system said is no
// preview (author 4).
const JOINS: &str = "\
    LEFT JOIN crm.customer c ON c.tenant_id = i.tenant_id AND c.customer_id = i.customer_id
    LEFT JOIN LATERAL (
      SELECT n.value FROM crm.identity n
      WHERE n.tenant_id = i.tenant_id AND n.customer_id = i.customer_id AND n.kind IN (1, 2)
      ORDER BY n.kind, n.value LIMIT 1
    ) AS known ON c.name = ''
    LEFT JOIN LATERAL (
      SELECT COALESCE(NULLIF(left(m.text, 120), ''), m.attachments->0->>'file_name') AS preview FROM crm.message m
      WHERE m.tenant_id = i.tenant_id AND m.interaction_id = i.interaction_id AND m.author <> 4
      ORDER BY m.sequence DESC LIMIT 1
    ) AS last ON true
    ORDER BY i.started_at DESC, i.interaction_id DESC";

/// The statement of [`list`]; apart, so that its plan can be looked at.
pub fn list_query<'a>(tenant: &'a str, filter: &'a Filter, limit: u16) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new(SELECT);
    query.push_bind(tenant.to_owned());
    if let Some(customer_id) = &filter.customer_id {
        query.push(" AND customer_id = ").push_bind(customer_id.clone());
    }
    if let Some(agent_id) = &filter.agent_id {
        query.push(" AND agent_id = ").push_bind(agent_id.clone());
    }
    if let Some(queue) = &filter.queue {
        query.push(" AND queue = ").push_bind(queue.clone());
    }
    if let Some(channel) = filter.channel {
        query.push(" AND channel = ").push_bind(channel);
    }
    if filter.open_only {
        query.push(" AND state < 7");
    }
    if let Some(from) = filter.started_from {
        query.push(" AND started_at >= ").push_bind(from);
    }
    if let Some(before) = filter.started_before {
        query.push(" AND started_at < ").push_bind(before);
    }
    if let Some(position) = &filter.after {
        query.push(" AND (started_at, interaction_id) < (").push_bind(position.started_at.as_millis());
        query.push(", ").push_bind(position.interaction_id.clone()).push(")");
    }
    query.push(" ORDER BY started_at DESC, interaction_id DESC LIMIT ").push_bind(i64::from(limit));
    query.push(") AS i ").push(JOINS);
    query
}

/// Interactions, newest first, at most `limit`.
pub async fn list(
    connection: &mut PgConnection,
    tenant: &str,
    filter: &Filter,
    limit: u16,
) -> sqlx::Result<Vec<Interaction>> {
    list_query(tenant, filter, limit).build_query_as().fetch_all(connection).await
}

/// One interaction.
pub async fn find(
    connection: &mut PgConnection,
    tenant: &str,
    interaction_id: &str,
) -> sqlx::Result<Option<Interaction>> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query.push_bind(tenant.to_owned()).push(" AND interaction_id = ").push_bind(interaction_id.to_owned());
    query.push(") AS i ").push(JOINS);
    query.build_query_as().fetch_optional(connection).await
}

/// Customer and case of an interaction.
pub async fn owner(
    connection: &mut PgConnection,
    tenant: &str,
    interaction_id: &str,
) -> sqlx::Result<Option<(String, String)>> {
    sqlx::query_as(
        "SELECT customer_id, case_id FROM crm.interaction WHERE tenant_id = $1 AND interaction_id = $2",
    )
    .bind(tenant)
    .bind(interaction_id)
    .fetch_optional(connection)
    .await
}
