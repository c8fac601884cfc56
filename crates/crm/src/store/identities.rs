//! `crm.identity`: which customer an identity names.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use crate::core::identity::{Identity, Kind};

/// The customers who own any of `identities`.
pub async fn owners(
    connection: &mut PgConnection,
    tenant: &str,
    identities: &[Identity],
) -> sqlx::Result<BTreeMap<Identity, String>> {
    let (kinds, values) = columns(identities);
    let rows: Vec<(i16, String, String)> = sqlx::query_as(
        "SELECT i.kind, i.value, i.customer_id
         FROM UNNEST($2::smallint[], $3::text[]) AS asked (kind, value)
         JOIN crm.identity i ON i.tenant_id = $1 AND i.kind = asked.kind AND i.value = asked.value",
    )
    .bind(tenant)
    .bind(kinds)
    .bind(values)
    .fetch_all(connection)
    .await?;
    let owned = rows.into_iter().filter_map(|(kind, value, customer_id)| {
        Some((Identity { kind: Kind::from_number(kind)?, value }, customer_id))
    });
    Ok(owned.collect())
}

/// Gives a customer identities that nobody owns; those somebody owns meanwhile stay where they are. Returns how many
/// the customer got.
pub async fn learn(
    connection: &mut PgConnection,
    tenant: &str,
    customer_id: &str,
    identities: &[Identity],
) -> sqlx::Result<u64> {
    let (kinds, values) = columns(identities);
    let done = sqlx::query(
        "INSERT INTO crm.identity (tenant_id, kind, value, customer_id)
         SELECT $1, kind, value, $4 FROM UNNEST($2::smallint[], $3::text[]) AS new (kind, value)
         ON CONFLICT DO NOTHING",
    )
    .bind(tenant)
    .bind(kinds)
    .bind(values)
    .bind(customer_id)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// The identities of each of `customers`, strongest first.
pub async fn of_customers(
    connection: &mut PgConnection,
    tenant: &str,
    customers: &[String],
) -> sqlx::Result<BTreeMap<String, Vec<Identity>>> {
    let rows: Vec<(String, i16, String)> = sqlx::query_as(
        "SELECT customer_id, kind, value FROM crm.identity WHERE tenant_id = $1 AND customer_id = ANY($2)",
    )
    .bind(tenant)
    .bind(customers)
    .fetch_all(connection)
    .await?;
    let mut found: BTreeMap<String, Vec<Identity>> = BTreeMap::new();
    for (customer_id, kind, value) in rows {
        if let Some(kind) = Kind::from_number(kind) {
            found.entry(customer_id).or_default().push(Identity { kind, value });
        }
    }
    for identities in found.values_mut() {
        identities.sort();
    }
    Ok(found)
}

/// Kinds and values, side by side.
pub(super) fn columns(identities: &[Identity]) -> (Vec<i16>, Vec<String>) {
    identities.iter().map(|identity| (identity.kind.number(), identity.value.clone())).unzip()
}
