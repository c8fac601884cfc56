//! `crm.customer`: the people.

use sqlx::PgConnection;

use super::identities;
use crate::core::{identity::Identity, search::upper_bound};

/// A row, with the identities of the customer. Moments are milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Customer {
    pub customer_id: String,
    pub name: String,
    pub first_seen_at: i64,
    pub last_seen_at: i64,
    pub interactions: i32,
    /// Strongest first.
    #[sqlx(skip)]
    pub identities: Vec<Identity>,
}

/// A customer who was seen for the first time.
pub struct Newcomer<'a> {
    pub customer_id: &'a str,
    pub name: &'a str,
    pub seen_at: i64,
    /// Those somebody owns meanwhile stay where they are.
    pub identities: &'a [Identity],
    /// What they are found under.
    pub words: &'a [String],
}

/// Adds a customer with all that is known of them, in one statement.
pub async fn insert(connection: &mut PgConnection, tenant: &str, new: Newcomer<'_>) -> sqlx::Result<()> {
    let (kinds, values) = identities::columns(new.identities);
    sqlx::query(
        "WITH customer AS (
           INSERT INTO crm.customer (tenant_id, customer_id, name, first_seen_at, last_seen_at, interactions)
           VALUES ($1, $2, $3, $4, $4, 1)
         ), identity AS (
           INSERT INTO crm.identity (tenant_id, kind, value, customer_id)
           SELECT $1, kind, value, $2 FROM UNNEST($5::smallint[], $6::text[]) AS new (kind, value)
           ON CONFLICT DO NOTHING
         )
         INSERT INTO crm.search_word (tenant_id, word, customer_id) SELECT $1, word, $2 FROM UNNEST($7::text[]) AS new (word)",
    )
    .bind(tenant)
    .bind(new.customer_id)
    .bind(new.name)
    .bind(new.seen_at)
    .bind(kinds)
    .bind(values)
    .bind(new.words)
    .execute(connection)
    .await?;
    Ok(())
}

/// Counts another interaction of a customer, who gets `name` if nobody knows theirs yet. Returns the name before and
/// after; nothing when there is no such customer.
pub async fn seen(
    connection: &mut PgConnection,
    tenant: &str,
    customer_id: &str,
    name: &str,
    seen_at: i64,
) -> sqlx::Result<Option<(String, String)>> {
    sqlx::query_as(
        "UPDATE crm.customer c
         SET interactions = c.interactions + 1,
             first_seen_at = LEAST(c.first_seen_at, $4),
             last_seen_at = GREATEST(c.last_seen_at, $4),
             name = CASE WHEN c.name = '' THEN $3 ELSE c.name END
         FROM crm.customer before
         WHERE c.tenant_id = $1 AND c.customer_id = $2
           AND before.tenant_id = $1 AND before.customer_id = $2
         RETURNING before.name, c.name",
    )
    .bind(tenant)
    .bind(customer_id)
    .bind(name)
    .bind(seen_at)
    .fetch_optional(connection)
    .await
}

/// Renames a customer. False when there is none.
pub async fn rename(
    connection: &mut PgConnection,
    tenant: &str,
    customer_id: &str,
    name: &str,
) -> sqlx::Result<bool> {
    let done = sqlx::query("UPDATE crm.customer SET name = $3 WHERE tenant_id = $1 AND customer_id = $2")
        .bind(tenant)
        .bind(customer_id)
        .bind(name)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// One customer with all identities.
pub async fn find(
    connection: &mut PgConnection,
    tenant: &str,
    customer_id: &str,
) -> sqlx::Result<Option<Customer>> {
    let customer: Option<Customer> = sqlx::query_as(
        "SELECT customer_id, name, first_seen_at, last_seen_at, interactions
         FROM crm.customer WHERE tenant_id = $1 AND customer_id = $2",
    )
    .bind(tenant)
    .bind(customer_id)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(customer) = customer else { return Ok(None) };
    Ok(with_identities(connection, tenant, vec![customer]).await?.pop())
}

/// Keeps a customer as it is until the transaction ends. False when there is none.
pub async fn lock(connection: &mut PgConnection, tenant: &str, customer_id: &str) -> sqlx::Result<bool> {
    let found: Option<(i32,)> =
        sqlx::query_as("SELECT 1 FROM crm.customer WHERE tenant_id = $1 AND customer_id = $2 FOR UPDATE")
            .bind(tenant)
            .bind(customer_id)
            .fetch_optional(connection)
            .await?;
    Ok(found.is_some())
}

/// Customers of whom every one of `prefixes` begins a word, or to whom the case belongs; last seen first, at most
/// `limit`.
pub async fn search(
    connection: &mut PgConnection,
    tenant: &str,
    prefixes: &[String],
    case_number: Option<i64>,
    limit: u16,
) -> sqlx::Result<Vec<Customer>> {
    let mut query = sqlx::QueryBuilder::new("WITH found (customer_id) AS (");
    let mut parts = 0;
    if let Some(number) = case_number {
        query.push("SELECT customer_id FROM crm.support_case WHERE tenant_id = ").push_bind(tenant);
        query.push(" AND number = ").push_bind(number);
        parts += 1;
    }
    for (place, prefix) in prefixes.iter().enumerate() {
        query.push(match (place, parts) {
            (0, 0) => "(",
            (0, _) => " UNION (",
            _ => " INTERSECT ",
        });
        query.push("SELECT customer_id FROM crm.search_word WHERE tenant_id = ").push_bind(tenant);
        query.push(" AND word >= ").push_bind(prefix);
        query.push(" AND word < ").push_bind(upper_bound(prefix));
        parts += 1;
    }
    if parts == 0 {
        return Ok(Vec::new());
    }
    if !prefixes.is_empty() {
        query.push(")");
    }
    query.push(
        ") SELECT c.customer_id, c.name, c.first_seen_at, c.last_seen_at, c.interactions
           FROM found f JOIN crm.customer c ON c.customer_id = f.customer_id AND c.tenant_id = ",
    );
    query.push_bind(tenant).push(" ORDER BY c.last_seen_at DESC, c.customer_id LIMIT ");
    query.push_bind(i64::from(limit));
    let customers = query.build_query_as().fetch_all(&mut *connection).await?;
    with_identities(connection, tenant, customers).await
}

async fn with_identities(
    connection: &mut PgConnection,
    tenant: &str,
    mut customers: Vec<Customer>,
) -> sqlx::Result<Vec<Customer>> {
    let ids: Vec<String> = customers.iter().map(|customer| customer.customer_id.clone()).collect();
    let mut identities = identities::of_customers(connection, tenant, &ids).await?;
    for customer in &mut customers {
        customer.identities = identities.remove(&customer.customer_id).unwrap_or_default();
    }
    Ok(customers)
}
