//! `analytics.agent` and `analytics.agent_state`: how agents stand, and every state they were in.

use contract::Timestamp;
use sqlx::{PgConnection, types::Json};

use crate::core::live::Agent;

/// A state an agent has entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    pub agent_id: String,
    /// For people; empty: not said.
    pub name: String,
    pub status: i16,
    pub aux_code: String,
    pub state: i16,
    pub since: i64,
    /// Channel, used, slots.
    pub loads: Vec<(i32, i32, i32)>,
    /// Position in the stream.
    pub sequence: i64,
    /// When the bus took the fact.
    pub stored_at: i64,
}

/// Keeps what is configured of an agent, unless a later configuration is known.
pub async fn configure(
    connection: &mut PgConnection,
    tenant: &str,
    agent_id: &str,
    name: &str,
    profile: &str,
    stored_at: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO analytics.agent AS known (tenant_id, agent_id, name, profile, configured_at, revision)
         VALUES ($1, $2, $3, $4, $5, nextval('analytics.revision'))
         ON CONFLICT (tenant_id, agent_id) DO UPDATE SET name = excluded.name, profile = excluded.profile,
           removed = false, configured_at = excluded.configured_at, revision = excluded.revision
         WHERE known.configured_at <= excluded.configured_at",
    )
    .bind(tenant)
    .bind(agent_id)
    .bind(name)
    .bind(profile)
    .bind(stored_at)
    .execute(connection)
    .await?;
    Ok(())
}

/// Marks an agent as removed, unless a later configuration is known.
pub async fn remove(
    connection: &mut PgConnection,
    tenant: &str,
    agent_id: &str,
    stored_at: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO analytics.agent AS known (tenant_id, agent_id, removed, configured_at, revision)
         VALUES ($1, $2, true, $3, nextval('analytics.revision'))
         ON CONFLICT (tenant_id, agent_id) DO UPDATE SET removed = true, configured_at = excluded.configured_at,
           revision = excluded.revision
         WHERE known.configured_at <= excluded.configured_at",
    )
    .bind(tenant)
    .bind(agent_id)
    .bind(stored_at)
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps states in their history, and the newest of each agent as how the agent stands.
pub async fn enter(connection: &mut PgConnection, tenant: &str, states: &[Entered]) -> sqlx::Result<()> {
    if states.is_empty() {
        return Ok(());
    }
    let text = |of: fn(&Entered) -> &str| states.iter().map(of).collect::<Vec<&str>>();
    let big = |of: fn(&Entered) -> i64| states.iter().map(of).collect::<Vec<i64>>();
    let small = |of: fn(&Entered) -> i16| states.iter().map(of).collect::<Vec<i16>>();
    sqlx::query(
        "INSERT INTO analytics.agent_state (tenant_id, agent_id, since, sequence, status, aux_code, state)
         SELECT $1, * FROM UNNEST($2::text[], $3::bigint[], $4::bigint[], $5::smallint[], $6::text[], $7::smallint[])
         ON CONFLICT DO NOTHING",
    )
    .bind(tenant)
    .bind(text(|state| &state.agent_id))
    .bind(big(|state| state.since))
    .bind(big(|state| state.sequence))
    .bind(small(|state| state.status))
    .bind(text(|state| &state.aux_code))
    .bind(small(|state| state.state))
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO analytics.agent AS known (tenant_id, agent_id, name, status, aux_code, state, since, loads,
           changed_at, revision)
         SELECT $1, agent_id, name, status, aux_code, state, since, loads, stored_at, nextval('analytics.revision')
         FROM (
           SELECT DISTINCT ON (agent_id) * FROM UNNEST($2::text[], $3::text[], $4::smallint[], $5::text[],
             $6::smallint[], $7::bigint[], $8::jsonb[], $9::bigint[], $10::bigint[])
             AS entered (agent_id, name, status, aux_code, state, since, loads, stored_at, sequence)
           ORDER BY agent_id, stored_at DESC, sequence DESC
         ) AS newest
         ON CONFLICT (tenant_id, agent_id) DO UPDATE SET status = excluded.status, aux_code = excluded.aux_code,
           state = excluded.state, since = excluded.since, loads = excluded.loads,
           changed_at = excluded.changed_at, revision = excluded.revision,
           name = CASE WHEN known.name = '' THEN excluded.name ELSE known.name END
         WHERE known.changed_at <= excluded.changed_at",
    )
    .bind(tenant)
    .bind(text(|state| &state.agent_id))
    .bind(text(|state| &state.name))
    .bind(small(|state| state.status))
    .bind(text(|state| &state.aux_code))
    .bind(small(|state| state.state))
    .bind(big(|state| state.since))
    .bind(states.iter().map(|state| Json(&state.loads)).collect::<Vec<Json<&Vec<(i32, i32, i32)>>>>())
    .bind(big(|state| state.stored_at))
    .bind(big(|state| state.sequence))
    .execute(connection)
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Row {
    agent_id: String,
    name: String,
    profile: String,
    removed: bool,
    status: i16,
    aux_code: String,
    state: i16,
    since: Option<i64>,
    loads: Json<Vec<(i32, i32, i32)>>,
    revision: i64,
}

/// Agents changed after revision `after`, each with the key, and the newest revision seen.
pub async fn after(
    connection: &mut PgConnection,
    tenant: &str,
    after: i64,
) -> sqlx::Result<(Vec<(String, Agent)>, i64)> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT agent_id, name, profile, removed, status, aux_code, state, since, loads, revision
         FROM analytics.agent WHERE tenant_id = $1 AND revision > $2",
    )
    .bind(tenant)
    .bind(after)
    .fetch_all(connection)
    .await?;
    let newest = rows.iter().map(|row| row.revision).max().unwrap_or(after);
    let agents = rows.into_iter().map(|row| {
        let name = if row.name.is_empty() { row.agent_id.clone() } else { row.name };
        let agent = Agent {
            name,
            profile: row.profile,
            removed: row.removed,
            status: row.status.into(),
            aux_code: row.aux_code,
            state: row.state.into(),
            since: row.since.map(Timestamp::from_millis),
            loads: row.loads.0,
        };
        (row.agent_id, agent)
    });
    Ok((agents.collect(), newest))
}
