//! One Postgres for all test processes, and a database of its own for each test.
//!
//! The first test process starts it, the others find it. Every process that uses it holds a shared lock on a file;
//! a small shell process beside the server waits until it can have that lock alone, a while after the last of them
//! has ended, however it ended, and then stops the server.

use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use chassis::embedded::{EmbeddedOptions, Prepared, prepare_postgres};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::scratch::{self, is_alive};

/// Runs the server (`$2…`) until nobody has held the lock file (`$1`) for ten seconds.
const KEEPER: &str = r#"
users=$1; shift
"$@" & server=$!
while kill -0 $server 2>/dev/null; do
  flock -x "$users" true
  sleep 10
  flock -x -n "$users" sh -c "kill -INT $server; while kill -0 $server 2>/dev/null; do sleep 0.05; done" && break
done
wait $server
"#;

const READY_WITHIN: Duration = Duration::from_secs(30);
const ATTEMPTS: u32 = 3;

/// A database that no other test sees.
#[derive(Debug, Clone)]
pub struct TestDatabase {
    /// As the owner and superuser `switchboard`.
    pub url: String,
    /// As the unprivileged `switchboard_app`, to whom row-level security applies.
    pub app_url: String,
}

struct Cluster {
    url: String,
    app_url: String,
    /// Held for the life of this process.
    _user: File,
}

/// Creates a database on the shared Postgres, which is started when this is the first test.
///
/// # Panics
/// When Postgres can't be started; the message says why.
pub async fn fresh_database() -> TestDatabase {
    try_fresh_database().await.expect("a database for the test")
}

async fn try_fresh_database() -> anyhow::Result<TestDatabase> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let cluster = tokio::task::spawn_blocking(cluster).await?;
    let name = format!("t_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));

    let mut connection =
        PgConnection::connect(&cluster.url).await.context("connecting to the shared postgres")?;
    drop_orphans(&mut connection).await?;
    // The name is made of numbers.
    for statement in
        [format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"), format!("CREATE DATABASE {name}")]
    {
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await
            .context("creating a database")?;
    }
    connection.close().await?;

    let in_database =
        |url: &str| url.rsplit_once('/').map_or_else(String::new, |(server, _)| format!("{server}/{name}"));
    Ok(TestDatabase { url: in_database(&cluster.url), app_url: in_database(&cluster.app_url) })
}

/// Drops the databases of test processes that are gone.
async fn drop_orphans(connection: &mut PgConnection) -> anyhow::Result<()> {
    let names: Vec<String> =
        sqlx::query_scalar("SELECT datname FROM pg_catalog.pg_database WHERE datname LIKE 't\\_%'")
            .fetch_all(&mut *connection)
            .await?;
    for name in names {
        let owner = name.split('_').nth(1).and_then(|pid| pid.parse().ok());
        if owner.is_some_and(|pid| !is_alive(pid)) {
            let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            // Another process may be dropping it too.
            let _ = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *connection).await;
        }
    }
    Ok(())
}

fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| join().expect("the postgres that the tests share"))
}

fn join() -> anyhow::Result<Cluster> {
    let home = scratch::root()?.join("postgres");
    fs::create_dir_all(&home)?;
    let users = home.join("users");
    let user = File::create(&users)?;
    // Waits while the keeper, who found nobody here, stops the server.
    user.lock_shared()?;
    let starting = File::create(home.join("starting"))?;
    starting.lock()?;

    let options = EmbeddedOptions { durable: false, ..EmbeddedOptions::new(home.join("cluster")) };
    for _ in 0..ATTEMPTS {
        let prepared = prepare_postgres(&options)?;
        if prepared.is_ready() || start(&prepared, &users, &home.join("server.log"))? {
            let Prepared { postgres_url, postgres_app_url, .. } = prepared;
            return Ok(Cluster { url: postgres_url, app_url: postgres_app_url, _user: user });
        }
    }
    anyhow::bail!("it was not ready within {READY_WITHIN:?}: see {}", home.join("server.log").display())
}

fn start(prepared: &Prepared, users: &Path, log: &Path) -> anyhow::Result<bool> {
    let log = File::create(log)?;
    Command::new("setsid")
        .args(["--fork", "sh", "-c", KEEPER, "postgres-for-tests"])
        .arg(users)
        .arg(prepared.command.get_program())
        .args(prepared.command.get_args())
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .status()
        .context("starting the keeper of the shared postgres")?;

    let started = Instant::now();
    while !prepared.is_ready() {
        if started.elapsed() > READY_WITHIN {
            return Ok(false);
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_test_has_a_database_of_its_own() {
        let (one, two) = (fresh_database().await, fresh_database().await);

        let mut in_one = PgConnection::connect(&one.url).await.unwrap();
        sqlx::raw_sql("CREATE TABLE mine (id int)").execute(&mut in_one).await.unwrap();

        let mut in_two = PgConnection::connect(&two.url).await.unwrap();
        assert!(sqlx::raw_sql("SELECT * FROM mine").execute(&mut in_two).await.is_err());
        assert!(PgConnection::connect(&two.app_url).await.is_ok());
    }
}
