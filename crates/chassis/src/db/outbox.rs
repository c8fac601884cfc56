//! Facts written beside the state they tell of, in the same transaction.

use contract::Envelope;

/// A row of the outbox.
pub(super) struct Row {
    pub message_id: String,
    pub interaction_id: String,
    pub subject: String,
    pub envelope: Vec<u8>,
}

impl Row {
    pub(super) fn of(envelope: &Envelope) -> Self {
        let (context, name) = envelope.event.subject_tokens();
        Self {
            message_id: envelope.message_id.clone(),
            interaction_id: envelope.interaction_id.clone(),
            subject: contract::subject::event(context, name, &envelope.tenant_id),
            envelope: contract::wrap(envelope),
        }
    }
}

/// Appends rows in one statement, in order. A message id that is there already stays as it is.
pub(super) async fn append(
    connection: &mut sqlx::PgConnection,
    schema: &str,
    rows: Vec<Row>,
) -> Result<(), sqlx::Error> {
    let mut message_ids = Vec::with_capacity(rows.len());
    let mut interaction_ids = Vec::with_capacity(rows.len());
    let mut subjects = Vec::with_capacity(rows.len());
    let mut envelopes = Vec::with_capacity(rows.len());
    for row in rows {
        message_ids.push(row.message_id);
        interaction_ids.push(row.interaction_id);
        subjects.push(row.subject);
        envelopes.push(row.envelope);
    }
    // The order of UNNEST is the order of the identity: rows are inserted as they are read.
    let statement = format!(
        "INSERT INTO {schema}.outbox (message_id, interaction_id, subject, envelope)
         SELECT * FROM UNNEST($1::text[], $2::text[], $3::text[], $4::bytea[])
         ON CONFLICT (message_id) DO NOTHING"
    );
    sqlx::query(sqlx::AssertSqlSafe(statement))
        .bind(message_ids)
        .bind(interaction_ids)
        .bind(subjects)
        .bind(envelopes)
        .execute(connection)
        .await?;
    Ok(())
}
