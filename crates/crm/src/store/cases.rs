//! `crm.support_case` and `crm.case_counter`: what customers come about.

use contract::Timestamp;
use sqlx::PgConnection;

use crate::core::case::OpenCase;

/// `switchboard.crm.v1.CaseState.CASE_STATE_OPEN`
pub const OPEN: i16 = 1;
/// `switchboard.crm.v1.CaseState.CASE_STATE_RESOLVED`
pub const RESOLVED: i16 = 2;

/// A row. Moments are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Case {
    pub case_id: String,
    pub number: i64,
    pub customer_id: String,
    pub state: i16,
    pub opened_at: i64,
    pub resolved_at: Option<i64>,
}

/// The open cases of a customer with the latest activity, at most 20.
pub async fn open_of(
    connection: &mut PgConnection,
    tenant: &str,
    customer_id: &str,
) -> sqlx::Result<Vec<OpenCase>> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT case_id, last_activity_at FROM crm.support_case
         WHERE tenant_id = $1 AND customer_id = $2 AND state = 1
         ORDER BY last_activity_at DESC LIMIT 20 FOR UPDATE",
    )
    .bind(tenant)
    .bind(customer_id)
    .fetch_all(connection)
    .await?;
    let cases = rows.into_iter().map(|(case_id, last_activity_at)| OpenCase {
        case_id,
        last_activity_at: Timestamp::from_millis(last_activity_at),
    });
    Ok(cases.collect())
}

/// Opens a case with the tenant's next number, which stays taken only if the transaction commits.
pub async fn open(
    connection: &mut PgConnection,
    tenant: &str,
    case_id: &str,
    customer_id: &str,
    opened_at: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "WITH next AS (
           INSERT INTO crm.case_counter AS counter (tenant_id, last_number) VALUES ($1, 1)
           ON CONFLICT (tenant_id) DO UPDATE SET last_number = counter.last_number + 1
           RETURNING last_number
         )
         INSERT INTO crm.support_case
           (tenant_id, case_id, number, customer_id, state, opened_at, last_activity_at)
         SELECT $1, $2, last_number, $3, 1, $4, $4 FROM next",
    )
    .bind(tenant)
    .bind(case_id)
    .bind(customer_id)
    .bind(opened_at)
    .execute(connection)
    .await?;
    Ok(())
}

/// Remembers that something happened in each of `cases`, given with the moment it happened.
pub async fn touch(connection: &mut PgConnection, tenant: &str, cases: &[(String, i64)]) -> sqlx::Result<()> {
    let (ids, moments): (Vec<String>, Vec<i64>) = cases.iter().cloned().unzip();
    sqlx::query(
        "UPDATE crm.support_case c SET last_activity_at = GREATEST(c.last_activity_at, touched.at)
         FROM (SELECT id, max(at) AS at FROM UNNEST($2::text[], $3::bigint[]) AS t (id, at) GROUP BY id) AS touched
         WHERE c.tenant_id = $1 AND c.case_id = touched.id",
    )
    .bind(tenant)
    .bind(ids)
    .bind(moments)
    .execute(connection)
    .await?;
    Ok(())
}

/// Resolves a case; one that is resolved already stays as it is. Nothing when there is none.
pub async fn resolve(
    connection: &mut PgConnection,
    tenant: &str,
    case_id: &str,
    at: i64,
) -> sqlx::Result<Option<Case>> {
    sqlx::query_as(
        "UPDATE crm.support_case SET state = 2, resolved_at = COALESCE(resolved_at, $3)
         WHERE tenant_id = $1 AND case_id = $2
         RETURNING case_id, number, customer_id, state, opened_at, resolved_at",
    )
    .bind(tenant)
    .bind(case_id)
    .bind(at)
    .fetch_optional(connection)
    .await
}

/// The cases of a customer, newest first, at most `limit`.
pub async fn of_customer(
    connection: &mut PgConnection,
    tenant: &str,
    customer_id: &str,
    limit: u16,
) -> sqlx::Result<Vec<Case>> {
    sqlx::query_as(
        "SELECT case_id, number, customer_id, state, opened_at, resolved_at FROM crm.support_case
         WHERE tenant_id = $1 AND customer_id = $2 ORDER BY opened_at DESC LIMIT $3",
    )
    .bind(tenant)
    .bind(customer_id)
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await
}
