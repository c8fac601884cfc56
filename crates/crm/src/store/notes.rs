//! `crm.note`: what people wrote down about customers.

use sqlx::PgConnection;

/// A row. The moment is milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Note {
    pub note_id: String,
    pub customer_id: String,
    pub interaction_id: String,
    pub author_id: String,
    pub text: String,
    pub written_at: i64,
}

/// Adds a note. False, and nothing added, when the request (if it was named) has added one before.
pub async fn insert(
    connection: &mut PgConnection,
    tenant: &str,
    note: &Note,
    request_id: &str,
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO crm.note
           (tenant_id, note_id, customer_id, interaction_id, author_id, text, written_at, request_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, NULLIF($8, ''))
         ON CONFLICT (tenant_id, request_id) DO NOTHING",
    )
    .bind(tenant)
    .bind(&note.note_id)
    .bind(&note.customer_id)
    .bind(&note.interaction_id)
    .bind(&note.author_id)
    .bind(&note.text)
    .bind(note.written_at)
    .bind(request_id)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The note a request has added.
pub async fn of_request(
    connection: &mut PgConnection,
    tenant: &str,
    request_id: &str,
) -> sqlx::Result<Option<Note>> {
    sqlx::query_as(
        "SELECT note_id, customer_id, interaction_id, author_id, text, written_at FROM crm.note
         WHERE tenant_id = $1 AND request_id = $2",
    )
    .bind(tenant)
    .bind(request_id)
    .fetch_optional(connection)
    .await
}

/// The notes about a customer, newest first, at most `limit`.
pub async fn of_customer(
    connection: &mut PgConnection,
    tenant: &str,
    customer_id: &str,
    limit: u16,
) -> sqlx::Result<Vec<Note>> {
    sqlx::query_as(
        "SELECT note_id, customer_id, interaction_id, author_id, text, written_at FROM crm.note
         WHERE tenant_id = $1 AND customer_id = $2 ORDER BY written_at DESC LIMIT $3",
    )
    .bind(tenant)
    .bind(customer_id)
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await
}
