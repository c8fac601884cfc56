//! `ingress_chat.attachment`.

use std::collections::HashMap;

use contract::{Timestamp, interaction::v1::Attachment};
use sqlx::PgConnection;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Row {
    attachment_id: Uuid,
    interaction_id: Uuid,
    file_name: String,
    content_type: String,
    size_bytes: i64,
}

impl From<Row> for Attachment {
    fn from(row: Row) -> Self {
        Self {
            attachment_id: row.attachment_id.to_string(),
            file_name: row.file_name,
            content_type: row.content_type,
            size_bytes: row.size_bytes,
        }
    }
}

/// Writes a file unless the conversation's files would pass `limit` bytes; false then.
pub async fn insert(
    connection: &mut PgConnection,
    tenant: &str,
    interaction_id: Uuid,
    attachment: &Attachment,
    content: &[u8],
    now: Timestamp,
    limit: i64,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO ingress_chat.attachment
           (tenant_id, attachment_id, interaction_id, file_name, content_type, size_bytes, content, created_at)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8
         WHERE $6 + (SELECT COALESCE(SUM(size_bytes), 0) FROM ingress_chat.attachment
                     WHERE tenant_id = $1 AND interaction_id = $3) <= $9",
    )
    .bind(tenant)
    .bind(Uuid::parse_str(&attachment.attachment_id).unwrap_or_default())
    .bind(interaction_id)
    .bind(&attachment.file_name)
    .bind(&attachment.content_type)
    .bind(attachment.size_bytes)
    .bind(content)
    .bind(now.as_millis())
    .bind(limit)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Descriptions of files, with the conversation each belongs to.
pub async fn describe(
    connection: &mut PgConnection,
    tenants: &[&str],
    attachment_ids: &[Uuid],
) -> Result<HashMap<Uuid, (Uuid, Attachment)>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT a.attachment_id, a.interaction_id, a.file_name, a.content_type, a.size_bytes
         FROM UNNEST($1::text[], $2::uuid[]) AS k(tenant_id, attachment_id)
         JOIN ingress_chat.attachment a ON a.tenant_id = k.tenant_id AND a.attachment_id = k.attachment_id",
    )
    .bind(tenants)
    .bind(attachment_ids)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.attachment_id, (row.interaction_id, Attachment::from(row)))).collect())
}

/// A file of a conversation with its content.
pub async fn read(
    connection: &mut PgConnection,
    tenant: &str,
    interaction_id: Uuid,
    attachment_id: Uuid,
) -> Result<Option<(Attachment, Vec<u8>)>, sqlx::Error> {
    let row: Option<(String, String, i64, Vec<u8>)> = sqlx::query_as(
        "SELECT file_name, content_type, size_bytes, content FROM ingress_chat.attachment
         WHERE tenant_id = $1 AND attachment_id = $2 AND interaction_id = $3",
    )
    .bind(tenant)
    .bind(attachment_id)
    .bind(interaction_id)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|(file_name, content_type, size_bytes, content)| {
        let attachment_id = attachment_id.to_string();
        (Attachment { attachment_id, file_name, content_type, size_bytes }, content)
    }))
}
