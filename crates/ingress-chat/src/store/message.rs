//! `ingress_chat.message`.

use std::collections::HashMap;

use contract::{
    Timestamp,
    interaction::v1::{Message, Party},
};
use prost::Message as _;
use sqlx::PgConnection;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Row {
    interaction_id: Uuid,
    sequence: i64,
    message_id: Uuid,
    author: i16,
    author_id: String,
    author_name: String,
    text: String,
    extra: Option<Vec<u8>>,
    sent_at: i64,
    client_message_id: String,
}

impl From<Row> for Message {
    fn from(row: Row) -> Self {
        let extra = row.extra.and_then(|extra| Self::decode(extra.as_slice()).ok()).unwrap_or_default();
        Self {
            message_id: row.message_id.to_string(),
            sequence: row.sequence,
            author: i32::from(row.author),
            author_id: row.author_id,
            author_name: row.author_name,
            text: row.text,
            attachments: extra.attachments,
            options: extra.options,
            sent_at: Some(Timestamp::from_millis(row.sent_at).to_proto()),
            client_message_id: row.client_message_id,
        }
    }
}

/// A new message and where it belongs.
pub struct New<'a> {
    /// Slug of the tenant.
    pub tenant: &'a str,
    /// Conversation.
    pub interaction_id: Uuid,
    /// What was said.
    pub message: &'a Message,
}

/// What makes a message the same message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientKey {
    /// Conversation.
    pub interaction_id: Uuid,
    /// Which side made the id.
    pub author: Party,
    /// The sender's id.
    pub client_message_id: String,
}

/// Writes messages in one statement.
pub async fn insert(connection: &mut PgConnection, new: &[New<'_>]) -> Result<(), sqlx::Error> {
    macro_rules! column {
        ($each:expr) => {
            new.iter().map($each).collect::<Vec<_>>()
        };
    }
    sqlx::query(
        "INSERT INTO ingress_chat.message (tenant_id, interaction_id, sequence, message_id, author, author_id, author_name,
           text, extra, sent_at, client_message_id)
         SELECT * FROM UNNEST($1::text[], $2::uuid[], $3::bigint[], $4::uuid[], $5::smallint[], $6::text[], $7::text[],
           $8::text[], $9::bytea[], $10::bigint[], $11::text[])",
    )
    .bind(column!(|n| n.tenant))
    .bind(column!(|n| n.interaction_id))
    .bind(column!(|n| n.message.sequence))
    .bind(column!(|n| Uuid::parse_str(&n.message.message_id).unwrap_or_default()))
    .bind(column!(|n| n.message.author as i16))
    .bind(column!(|n| n.message.author_id.as_str()))
    .bind(column!(|n| n.message.author_name.as_str()))
    .bind(column!(|n| n.message.text.as_str()))
    .bind(column!(|n| extra(n.message)))
    .bind(column!(|n| n.message.sent_at.map_or(0, |at| Timestamp::from(at).as_millis())))
    .bind(column!(|n| n.message.client_message_id.as_str()))
    .execute(connection)
    .await?;
    Ok(())
}

/// Messages that are there already, by what the sender calls them.
pub async fn find_by_client_ids(
    connection: &mut PgConnection,
    tenants: &[&str],
    keys: &[ClientKey],
) -> Result<HashMap<ClientKey, Message>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT m.interaction_id, m.sequence, m.message_id, m.author, m.author_id, m.author_name, m.text, m.extra, m.sent_at,
           m.client_message_id
         FROM UNNEST($1::text[], $2::uuid[], $3::smallint[], $4::text[])
           AS k(tenant_id, interaction_id, author, client_message_id)
         JOIN ingress_chat.message m ON m.tenant_id = k.tenant_id AND m.interaction_id = k.interaction_id
           AND m.author = k.author AND m.client_message_id = k.client_message_id AND m.client_message_id <> ''",
    )
    .bind(tenants)
    .bind(keys.iter().map(|key| key.interaction_id).collect::<Vec<_>>())
    .bind(keys.iter().map(|key| key.author as i16).collect::<Vec<_>>())
    .bind(keys.iter().map(|key| key.client_message_id.as_str()).collect::<Vec<_>>())
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let interaction_id = row.interaction_id;
            let message = Message::from(row);
            let client_message_id = message.client_message_id.clone();
            (ClientKey { interaction_id, author: message.author(), client_message_id }, message)
        })
        .collect())
}

/// Up to `limit` messages with a higher sequence than `after`, in order.
pub async fn list(
    connection: &mut PgConnection,
    tenant: &str,
    interaction_id: Uuid,
    after: i64,
    limit: i64,
) -> Result<Vec<Message>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT interaction_id, sequence, message_id, author, author_id, author_name, text, extra, sent_at, client_message_id
         FROM ingress_chat.message WHERE tenant_id = $1 AND interaction_id = $2 AND sequence > $3
         ORDER BY sequence LIMIT $4",
    )
    .bind(tenant)
    .bind(interaction_id)
    .bind(after)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Message::from).collect())
}

fn extra(message: &Message) -> Option<Vec<u8>> {
    if message.attachments.is_empty() && message.options.is_empty() {
        return None;
    }
    let extra = Message {
        attachments: message.attachments.clone(),
        options: message.options.clone(),
        ..Message::default()
    };
    Some(extra.encode_to_vec())
}
