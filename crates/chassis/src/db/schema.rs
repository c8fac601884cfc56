//! Makes a service's schema ready: role, outbox, inbox, migrations, grants. Safe to run from several processes at once.

use sqlx::{AssertSqlSafe, Executor as _, PgConnection, migrate::Migrator};

/// Key of the advisory lock that serialises preparations: "swbd".
const PREPARE_LOCK: i64 = 0x7377_6264;

/// Why a schema could not be made ready.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The server refused a statement.
    #[error("the schema {schema} could not be prepared")]
    Sql {
        schema: String,
        #[source]
        source: sqlx::Error,
    },
    /// A migration failed or does not match what was applied before.
    #[error("the migrations of {schema} failed")]
    Migration {
        schema: String,
        #[source]
        source: sqlx::migrate::MigrateError,
    },
}

/// Prepares `schema`, run as the owner: what all schemas share, then the service's own migrations.
pub async fn prepare(
    owner: &mut PgConnection,
    schema: &str,
    app_role: &str,
    migrations: Option<&Migrator>,
) -> Result<(), PrepareError> {
    let sql = |source| PrepareError::Sql { schema: schema.to_owned(), source };
    sqlx::query("SELECT pg_advisory_lock($1)").bind(PREPARE_LOCK).execute(&mut *owner).await.map_err(sql)?;
    let outcome = prepare_locked(owner, schema, app_role, migrations).await;
    sqlx::query("SELECT pg_advisory_unlock($1)")
        .bind(PREPARE_LOCK)
        .execute(&mut *owner)
        .await
        .map_err(sql)?;
    outcome
}

async fn prepare_locked(
    owner: &mut PgConnection,
    schema: &str,
    app_role: &str,
    migrations: Option<&Migrator>,
) -> Result<(), PrepareError> {
    let sql = |source| PrepareError::Sql { schema: schema.to_owned(), source };
    let shared = include_str!("schema.sql").replace("{schema}", schema).replace("{role}", app_role);
    owner.execute(AssertSqlSafe(shared)).await.map_err(sql)?;
    if let Some(migrations) = migrations {
        migrations
            .run_direct(None, &mut *owner, false)
            .await
            .map_err(|source| PrepareError::Migration { schema: schema.to_owned(), source })?;
    }
    let grants = format!(
        "GRANT USAGE ON SCHEMA {schema} TO \"{app_role}\";
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO \"{app_role}\";
         GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO \"{app_role}\";
         GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO \"{app_role}\";"
    );
    owner.execute(AssertSqlSafe(grants)).await.map_err(sql)?;
    Ok(())
}
