//! `crm.message`: what was said.

use serde_json::Value;
use sqlx::PgConnection;

/// A row. The moment is milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, sqlx::FromRow)]
pub struct Message {
    pub interaction_id: String,
    pub sequence: i64,
    pub message_id: String,
    /// The number of `switchboard.interaction.v1.Party`.
    pub author: i16,
    pub author_id: String,
    pub author_name: String,
    pub text: String,
    /// Array of objects with the fields of `Attachment`; none: null.
    pub attachments: Option<Value>,
    /// Array of objects with the fields of `Option`; none: null.
    pub options: Option<Value>,
    pub sent_at: i64,
    pub client_message_id: String,
}

/// Adds messages in one statement; one whose interaction and sequence are known stays as it is. Returns how many were
/// new.
pub async fn append(connection: &mut PgConnection, tenant: &str, messages: &[Message]) -> sqlx::Result<u64> {
    if messages.is_empty() {
        return Ok(0);
    }
    let column = |of: fn(&Message) -> &str| messages.iter().map(of).collect::<Vec<&str>>();
    let done = sqlx::query(
        "INSERT INTO crm.message (tenant_id, interaction_id, sequence, message_id, author, author_id, author_name,
           text, attachments, options, sent_at, client_message_id)
         SELECT $1, * FROM UNNEST($2::text[], $3::bigint[], $4::text[], $5::smallint[], $6::text[], $7::text[],
           $8::text[], $9::jsonb[], $10::jsonb[], $11::bigint[], $12::text[])
         ON CONFLICT DO NOTHING",
    )
    .bind(tenant)
    .bind(column(|message| &message.interaction_id))
    .bind(messages.iter().map(|message| message.sequence).collect::<Vec<i64>>())
    .bind(column(|message| &message.message_id))
    .bind(messages.iter().map(|message| message.author).collect::<Vec<i16>>())
    .bind(column(|message| &message.author_id))
    .bind(column(|message| &message.author_name))
    .bind(column(|message| &message.text))
    .bind(messages.iter().map(|message| message.attachments.clone()).collect::<Vec<Option<Value>>>())
    .bind(messages.iter().map(|message| message.options.clone()).collect::<Vec<Option<Value>>>())
    .bind(messages.iter().map(|message| message.sent_at).collect::<Vec<i64>>())
    .bind(column(|message| &message.client_message_id))
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// The messages of an interaction, oldest first: the newest `limit` of them, fewer when their text exceeds `bytes`.
pub async fn of_interaction(
    connection: &mut PgConnection,
    tenant: &str,
    interaction_id: &str,
    limit: u16,
    bytes: i64,
) -> sqlx::Result<Vec<Message>> {
    let mut messages: Vec<Message> = sqlx::query_as(
        "SELECT * FROM (
           SELECT interaction_id, sequence, message_id, author, author_id, author_name, text, attachments, options,
             sent_at, client_message_id, sum(octet_length(text)) OVER (ORDER BY sequence DESC) AS bytes
           FROM crm.message WHERE tenant_id = $1 AND interaction_id = $2 ORDER BY sequence DESC LIMIT $3
         ) AS newest WHERE bytes <= $4 ORDER BY sequence DESC",
    )
    .bind(tenant)
    .bind(interaction_id)
    .bind(i64::from(limit))
    .bind(bytes)
    .fetch_all(connection)
    .await?;
    messages.reverse();
    Ok(messages)
}
