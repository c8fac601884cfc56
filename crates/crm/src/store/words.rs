//! `crm.search_word`: the words customers are found under.

use sqlx::PgConnection;

/// Makes `words` the words of a customer.
pub async fn replace(
    connection: &mut PgConnection,
    tenant: &str,
    customer_id: &str,
    words: &[String],
) -> sqlx::Result<()> {
    sqlx::query(
        "DELETE FROM crm.search_word WHERE tenant_id = $1 AND customer_id = $2 AND word <> ALL($3::text[])",
    )
    .bind(tenant)
    .bind(customer_id)
    .bind(words)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO crm.search_word (tenant_id, word, customer_id)
         SELECT $1, word, $2 FROM UNNEST($3::text[]) AS new (word) ON CONFLICT DO NOTHING",
    )
    .bind(tenant)
    .bind(customer_id)
    .bind(words)
    .execute(connection)
    .await?;
    Ok(())
}
