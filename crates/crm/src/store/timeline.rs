//! `crm.timeline`: the story of each interaction, line by line.

use sqlx::PgConnection;

/// A row. The moment is milliseconds since 1970, the sequence the position in the stream.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Line {
    pub interaction_id: String,
    pub message_id: String,
    pub sequence: i64,
    pub at: i64,
    pub kind: String,
    pub line: String,
}

/// Adds lines; one that was told before stays as it is.
pub async fn append(connection: &mut PgConnection, tenant: &str, lines: &[Line]) -> sqlx::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let column =
        |of: fn(&Line) -> &str| lines.iter().map(|line| of(line).to_owned()).collect::<Vec<String>>();
    sqlx::query(
        "INSERT INTO crm.timeline (tenant_id, interaction_id, message_id, sequence, at, kind, line)
         SELECT $1, * FROM UNNEST($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[])
         ON CONFLICT DO NOTHING",
    )
    .bind(tenant)
    .bind(column(|line| &line.interaction_id))
    .bind(column(|line| &line.message_id))
    .bind(lines.iter().map(|line| line.sequence).collect::<Vec<i64>>())
    .bind(lines.iter().map(|line| line.at).collect::<Vec<i64>>())
    .bind(column(|line| &line.kind))
    .bind(column(|line| &line.line))
    .execute(connection)
    .await?;
    Ok(())
}

/// The story of an interaction, oldest first, at most the newest `limit` lines.
pub async fn of_interaction(
    connection: &mut PgConnection,
    tenant: &str,
    interaction_id: &str,
    limit: u16,
) -> sqlx::Result<Vec<Line>> {
    let mut lines: Vec<Line> = sqlx::query_as(
        "SELECT interaction_id, message_id, sequence, at, kind, line FROM crm.timeline
         WHERE tenant_id = $1 AND interaction_id = $2 ORDER BY sequence DESC, message_id LIMIT $3",
    )
    .bind(tenant)
    .bind(interaction_id)
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    lines.reverse();
    Ok(lines)
}
