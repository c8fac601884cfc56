//! Postgres: one schema a service, one tenant a transaction.

mod outbox;
mod relay;
mod schema;
mod tx;

use std::{str::FromStr, sync::Arc, time::Duration};

use sqlx::{
    Executor as _, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::sync::Notify;

use crate::{
    clock::{Clock, Ids},
    config::PostgresSettings,
};

pub use relay::Relay;
pub use schema::prepare;
pub use tx::{Tx, TxError};

/// Tenant setting that lets a transaction see every tenant: resolving addresses, relaying, sweeping.
const EVERY_TENANT: &str = "*";

/// A service's way to its schema.
#[derive(Clone)]
pub struct Db {
    pool: PgPool,
    schema: Arc<str>,
    producer: Arc<str>,
    clock: Clock,
    ids: Ids,
    outbox_written: Arc<Notify>,
}

impl Db {
    /// The service's schema `schema` behind `pool`. `producer` is what its envelopes name as their origin.
    pub fn new(pool: PgPool, schema: &str, producer: &str, clock: Clock) -> Self {
        Self {
            pool,
            schema: schema.into(),
            producer: producer.into(),
            clock,
            ids: Ids,
            outbox_written: Arc::new(Notify::new()),
        }
    }

    /// Begins a transaction that sees and writes one tenant's rows only.
    pub async fn begin(&self, tenant: &str) -> Result<Tx, TxError> {
        Tx::begin(self.clone(), tenant).await
    }

    /// Begins a transaction that sees the rows of every tenant.
    pub async fn begin_for_every_tenant(&self) -> Result<Tx, TxError> {
        Tx::begin(self.clone(), EVERY_TENANT).await
    }

    /// The connections, for `LISTEN` and the like; row-level security hides every tenant from them.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Name of the schema.
    pub fn schema(&self) -> &str {
        &self.schema
    }
}

/// Opens the pool all services of a process share; every connection works as the unprivileged role.
///
/// Waits for a server that is still starting, at most 60 s.
pub async fn open(settings: &PostgresSettings) -> Result<PgPool, sqlx::Error> {
    let role = settings.app_role.clone();
    let timeout_ms = settings.statement_timeout.as_millis();
    let pool = PgPoolOptions::new()
        .max_connections(settings.max_connections)
        .acquire_timeout(settings.acquire_timeout.0)
        .idle_timeout(Duration::from_mins(5))
        .test_before_acquire(false)
        .after_connect(move |connection, _| {
            let setup =
                format!("SET ROLE \"{role}\"; SET statement_timeout = {timeout_ms}; SET TIME ZONE 'UTC'");
            Box::pin(async move {
                connection.execute(sqlx::AssertSqlSafe(setup)).await?;
                Ok(())
            })
        })
        .connect_lazy_with(options(settings)?);
    Ok(pool)
}

/// Connects as the schema's owner, for migrations. Retries for at most 60 s.
pub async fn connect_owner(settings: &PostgresSettings) -> Result<sqlx::PgConnection, sqlx::Error> {
    use sqlx::Connection as _;

    let options = options(settings)?;
    let mut attempts = 0;
    loop {
        match sqlx::PgConnection::connect_with(&options).await {
            Ok(connection) => return Ok(connection),
            Err(error) if attempts >= 120 => return Err(error),
            Err(error) => {
                if attempts % 10 == 0 {
                    tracing::warn!(%error, "waiting for postgres");
                }
                attempts += 1;
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }
}

fn options(settings: &PostgresSettings) -> Result<PgConnectOptions, sqlx::Error> {
    Ok(PgConnectOptions::from_str(settings.url.reveal())?
        .application_name("switchboard")
        .statement_cache_capacity(512))
}
