//! `ingress_chat.conversation`.

use std::collections::HashMap;

use contract::{Timestamp, chat::v1::ConversationState as State, interaction::v1::EndReason};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::core::{Conversation, Marks, Phase};

const COLUMNS: &str = "c.tenant_id, c.interaction_id, c.entry_point, c.flow, c.visitor_id, c.customer_name, c.customer_email,
    c.phase, c.queue, c.agent_id, c.agent_name, c.offer_id, c.end_reason, c.script, c.last_sequence, c.customer_delivered,
    c.customer_seen, c.agent_seen, c.started_at, c.ended_at, c.active_at, c.online_until, c.due_at, c.version,
    c.parked";

#[derive(sqlx::FromRow)]
struct Row {
    tenant_id: String,
    interaction_id: Uuid,
    entry_point: String,
    flow: String,
    visitor_id: Uuid,
    customer_name: String,
    customer_email: String,
    phase: i16,
    queue: String,
    agent_id: String,
    agent_name: String,
    offer_id: String,
    end_reason: i16,
    script: Option<Vec<u8>>,
    last_sequence: i64,
    customer_delivered: i64,
    customer_seen: i64,
    agent_seen: i64,
    started_at: i64,
    ended_at: Option<i64>,
    active_at: i64,
    online_until: i64,
    due_at: Option<i64>,
    version: i64,
    parked: bool,
}

impl From<Row> for Conversation {
    fn from(row: Row) -> Self {
        let (agent_id, agent_name, offer_id) = (row.agent_id, row.agent_name, row.offer_id);
        let phase = match State::try_from(i32::from(row.phase)).unwrap_or_default() {
            State::Queued => Phase::Queued { queue: row.queue },
            State::WithAgent => Phase::WithAgent { agent_id, agent_name, offer_id },
            State::Ended => {
                let reason = EndReason::try_from(i32::from(row.end_reason)).unwrap_or_default();
                Phase::Ended { reason, agent_id, agent_name }
            }
            State::Flow | State::Unspecified => Phase::Flow,
        };
        Self {
            tenant: row.tenant_id,
            interaction_id: row.interaction_id.to_string(),
            entry_point: row.entry_point,
            flow: row.flow,
            visitor_id: row.visitor_id.to_string(),
            customer_name: row.customer_name,
            customer_email: row.customer_email,
            phase,
            // A script of a build that knew more is begun again by asking the flow.
            script: row.script.and_then(|script| serde_json::from_slice(&script).ok()).unwrap_or_default(),
            last_sequence: row.last_sequence,
            marks: Marks {
                customer_delivered: row.customer_delivered,
                customer_seen: row.customer_seen,
                agent_seen: row.agent_seen,
            },
            started_at: Timestamp::from_millis(row.started_at),
            ended_at: row.ended_at.map(Timestamp::from_millis),
            active_at: Timestamp::from_millis(row.active_at),
            online_until: Timestamp::from_millis(row.online_until),
            due_at: row.due_at.map(Timestamp::from_millis),
            version: row.version,
            parked: row.parked,
        }
    }
}

/// A conversation as it is; none when it is not this tenant's.
pub async fn find(
    connection: &mut PgConnection,
    tenant: &str,
    interaction_id: Uuid,
) -> Result<Option<Conversation>, sqlx::Error> {
    let statement = format!(
        "SELECT {COLUMNS} FROM ingress_chat.conversation c WHERE c.tenant_id = $1 AND c.interaction_id = $2"
    );
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(statement))
        .bind(tenant)
        .bind(interaction_id)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(Conversation::from))
}

/// A conversation, locked until the transaction ends.
pub async fn lock(
    connection: &mut PgConnection,
    tenant: &str,
    interaction_id: Uuid,
) -> Result<Option<Conversation>, sqlx::Error> {
    let statement = format!(
        "SELECT {COLUMNS} FROM ingress_chat.conversation c WHERE c.tenant_id = $1 AND c.interaction_id = $2
         FOR NO KEY UPDATE"
    );
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(statement))
        .bind(tenant)
        .bind(interaction_id)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(Conversation::from))
}

/// Many conversations, locked; those locked by somebody else are left out, so that nobody waits for anybody in a ring.
pub async fn lock_free(
    connection: &mut PgConnection,
    tenants: &[&str],
    interaction_ids: &[Uuid],
) -> Result<HashMap<Uuid, Conversation>, sqlx::Error> {
    let statement = format!(
        "SELECT {COLUMNS} FROM UNNEST($1::text[], $2::uuid[]) AS k(tenant_id, interaction_id)
         JOIN ingress_chat.conversation c ON c.tenant_id = k.tenant_id AND c.interaction_id = k.interaction_id
         FOR NO KEY UPDATE OF c SKIP LOCKED"
    );
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(statement))
        .bind(tenants)
        .bind(interaction_ids)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (row.interaction_id, Conversation::from(row))).collect())
}

/// Which of these are there, locked or not.
pub async fn existing(
    connection: &mut PgConnection,
    tenants: &[&str],
    interaction_ids: &[Uuid],
) -> Result<Vec<Uuid>, sqlx::Error> {
    let rows: Vec<(Uuid,)> = sqlx::query_as(
        "SELECT c.interaction_id FROM UNNEST($1::text[], $2::uuid[]) AS k(tenant_id, interaction_id)
         JOIN ingress_chat.conversation c ON c.tenant_id = k.tenant_id AND c.interaction_id = k.interaction_id",
    )
    .bind(tenants)
    .bind(interaction_ids)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The visitor's open conversation at an entry point.
pub async fn find_open(
    connection: &mut PgConnection,
    tenant: &str,
    visitor_id: Uuid,
    entry_point: &str,
) -> Result<Option<Uuid>, sqlx::Error> {
    let row: Option<(Uuid,)> = sqlx::query_as(
        "SELECT interaction_id FROM ingress_chat.conversation
         WHERE tenant_id = $1 AND visitor_id = $2 AND entry_point = $3 AND phase <> 4",
    )
    .bind(tenant)
    .bind(visitor_id)
    .bind(entry_point)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|(id,)| id))
}

/// Writes a new conversation; false when the visitor has an open one here already.
pub async fn insert(connection: &mut PgConnection, conversation: &Conversation) -> Result<bool, sqlx::Error> {
    let flat = Flat::of(conversation);
    let done = sqlx::query(
        "INSERT INTO ingress_chat.conversation (tenant_id, interaction_id, entry_point, flow, visitor_id, customer_name,
           customer_email, phase, queue, agent_id, agent_name, offer_id, end_reason, script, last_sequence,
           customer_delivered, customer_seen, agent_seen, started_at, active_at, online_until, due_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', '', '', '', 0, $9, 0, 0, 0, 0, $10, $11, $12, $13, 0)
         ON CONFLICT (tenant_id, visitor_id, entry_point) WHERE phase <> 4 DO NOTHING",
    )
    .bind(&conversation.tenant)
    .bind(id(&conversation.interaction_id))
    .bind(&conversation.entry_point)
    .bind(&conversation.flow)
    .bind(id(&conversation.visitor_id))
    .bind(&conversation.customer_name)
    .bind(&conversation.customer_email)
    .bind(flat.phase)
    .bind(flat.script)
    .bind(conversation.started_at.as_millis())
    .bind(conversation.active_at.as_millis())
    .bind(conversation.online_until.as_millis())
    .bind(conversation.due_at.map(Timestamp::as_millis))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes conversations that are locked by this transaction, in one statement.
pub async fn update(
    connection: &mut PgConnection,
    conversations: &[&Conversation],
) -> Result<(), sqlx::Error> {
    let flats: Vec<Flat<'_>> = conversations.iter().map(|conversation| Flat::of(conversation)).collect();
    macro_rules! column {
        ($each:expr) => {
            conversations.iter().map($each).collect::<Vec<_>>()
        };
    }
    let done = sqlx::query(
        "UPDATE ingress_chat.conversation c SET
           customer_name = u.customer_name, customer_email = u.customer_email, phase = u.phase, queue = u.queue,
           agent_id = u.agent_id, agent_name = u.agent_name, offer_id = u.offer_id, end_reason = u.end_reason,
           script = u.script, last_sequence = u.last_sequence, customer_delivered = u.customer_delivered,
           customer_seen = u.customer_seen, agent_seen = u.agent_seen, ended_at = u.ended_at, active_at = u.active_at,
           online_until = u.online_until, due_at = u.due_at, version = u.version, parked = u.parked
         FROM UNNEST($1::text[], $2::uuid[], $3::text[], $4::text[], $5::smallint[], $6::text[], $7::text[], $8::text[],
           $9::text[], $10::smallint[], $11::bytea[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[],
           $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[], $21::boolean[])
           AS u(tenant_id, interaction_id, customer_name, customer_email, phase, queue, agent_id, agent_name, offer_id,
             end_reason, script, last_sequence, customer_delivered, customer_seen, agent_seen, ended_at, active_at,
             online_until, due_at, version, parked)
         WHERE c.tenant_id = u.tenant_id AND c.interaction_id = u.interaction_id",
    )
    .bind(column!(|c| c.tenant.as_str()))
    .bind(column!(|c| id(&c.interaction_id)))
    .bind(column!(|c| c.customer_name.as_str()))
    .bind(column!(|c| c.customer_email.as_str()))
    .bind(flats.iter().map(|flat| flat.phase).collect::<Vec<_>>())
    .bind(flats.iter().map(|flat| flat.queue).collect::<Vec<_>>())
    .bind(flats.iter().map(|flat| flat.agent_id).collect::<Vec<_>>())
    .bind(flats.iter().map(|flat| flat.agent_name).collect::<Vec<_>>())
    .bind(flats.iter().map(|flat| flat.offer_id).collect::<Vec<_>>())
    .bind(flats.iter().map(|flat| flat.end_reason).collect::<Vec<_>>())
    .bind(flats.iter().map(|flat| flat.script.as_deref()).collect::<Vec<_>>())
    .bind(column!(|c| c.last_sequence))
    .bind(column!(|c| c.marks.customer_delivered))
    .bind(column!(|c| c.marks.customer_seen))
    .bind(column!(|c| c.marks.agent_seen))
    .bind(column!(|c| c.ended_at.map(Timestamp::as_millis)))
    .bind(column!(|c| c.active_at.as_millis()))
    .bind(column!(|c| c.online_until.as_millis()))
    .bind(column!(|c| c.due_at.map(Timestamp::as_millis)))
    .bind(column!(|c| c.version))
    .bind(column!(|c| c.parked))
    .execute(connection)
    .await?;
    if done.rows_affected() == conversations.len() as u64 { Ok(()) } else { Err(sqlx::Error::RowNotFound) }
}

/// Up to `limit` conversations of every tenant that are due, the longest overdue first.
pub async fn due(
    connection: &mut PgConnection,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(String, Uuid)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT tenant_id, interaction_id FROM ingress_chat.conversation WHERE due_at <= $1 ORDER BY due_at LIMIT $2",
    )
    .bind(now.as_millis())
    .bind(limit)
    .fetch_all(connection)
    .await
}

/// Stores that the visitors of these conversations are online; skips what is being changed right now.
pub async fn keep_online(
    connection: &mut PgConnection,
    tenants: &[String],
    interaction_ids: &[Uuid],
    until: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE ingress_chat.conversation c SET online_until = GREATEST(c.online_until, $3)
         FROM (SELECT c.tenant_id, c.interaction_id
               FROM UNNEST($1::text[], $2::uuid[]) AS k(tenant_id, interaction_id)
               JOIN ingress_chat.conversation c ON c.tenant_id = k.tenant_id AND c.interaction_id = k.interaction_id
               WHERE c.phase <> 4
               FOR NO KEY UPDATE OF c SKIP LOCKED) free
         WHERE c.tenant_id = free.tenant_id AND c.interaction_id = free.interaction_id",
    )
    .bind(tenants)
    .bind(interaction_ids)
    .bind(until.as_millis())
    .execute(connection)
    .await?;
    Ok(())
}

/// A phase in columns.
struct Flat<'a> {
    phase: i16,
    queue: &'a str,
    agent_id: &'a str,
    agent_name: &'a str,
    offer_id: &'a str,
    end_reason: i16,
    script: Option<Vec<u8>>,
}

impl<'a> Flat<'a> {
    fn of(conversation: &'a Conversation) -> Self {
        let mut flat = Flat {
            phase: 0,
            queue: "",
            agent_id: "",
            agent_name: "",
            offer_id: "",
            end_reason: 0,
            script: None,
        };
        let state = match &conversation.phase {
            Phase::Flow => {
                flat.script = serde_json::to_vec(&conversation.script).ok();
                State::Flow
            }
            Phase::Queued { queue } => {
                flat.queue = queue;
                State::Queued
            }
            Phase::WithAgent { agent_id, agent_name, offer_id } => {
                (flat.agent_id, flat.agent_name, flat.offer_id) = (agent_id, agent_name, offer_id);
                State::WithAgent
            }
            Phase::Ended { reason, agent_id, agent_name } => {
                (flat.agent_id, flat.agent_name, flat.end_reason) = (agent_id, agent_name, *reason as i16);
                State::Ended
            }
        };
        flat.phase = state as i16;
        flat
    }
}

/// Ids are made by this service; one that is none matches no row.
fn id(text: &str) -> Uuid {
    Uuid::parse_str(text).unwrap_or_default()
}
