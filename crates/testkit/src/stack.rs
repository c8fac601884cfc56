//! What a test needs to run against, started for it alone and gone with it.

use std::time::{Duration, Instant};

use anyhow::Context;
use chassis::{
    Process, Running,
    config::{Secret, Settings},
    embedded::{Embedded, EmbeddedOptions, nats_options},
};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::{fresh_database, scratch_dir};

const BACK_WITHIN: Duration = Duration::from_secs(20);

/// A database and a NATS of its own. Dropping it stops and removes both.
#[derive(Debug)]
pub struct Stack {
    /// As the owner, for migrations.
    pub postgres_url: String,
    /// As the role to which row-level security applies.
    pub postgres_app_url: String,
    /// With user and password: connect with [`Stack::nats`] or `chassis::embedded::nats_options`.
    pub nats_url: String,
    embedded: Embedded,
    // After the servers in it.
    _scratch: TempDir,
}

impl Stack {
    /// A fresh database on the shared Postgres, and a NATS server with empty streams.
    ///
    /// # Panics
    /// When either can't be had; the message says why.
    pub async fn infra() -> Self {
        let database = fresh_database().await;
        Self::start(|options| {
            options.postgres_url = Some(database.url);
            options.postgres_app_url = Some(database.app_url);
        })
        .await
        .expect("postgres and nats for the test")
    }

    /// A Postgres and a NATS that nobody shares, for tests that kill them; takes about a second.
    ///
    /// # Panics
    /// As [`Stack::infra`].
    pub async fn own() -> Self {
        Self::start(|_| ()).await.expect("postgres and nats for the test")
    }

    async fn start(change: impl FnOnce(&mut EmbeddedOptions)) -> anyhow::Result<Self> {
        // Built with the whole workspace, the tests' HTTP clients know TLS and want to be told whose; the first one told stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let scratch = tokio::task::spawn_blocking(scratch_dir).await??;
        let mut options = EmbeddedOptions { durable: false, ..EmbeddedOptions::new(scratch.path()) };
        change(&mut options);
        let embedded = Embedded::start(options).await?;
        Ok(Self {
            postgres_url: embedded.postgres_url.clone(),
            postgres_app_url: embedded.postgres_app_url.clone(),
            nats_url: embedded.nats_url.clone(),
            embedded,
            _scratch: scratch,
        })
    }

    /// Settings of a process on this stack: free ports on 127.0.0.1, one secret, itself as its only peer.
    ///
    /// # Panics
    /// When the defaults of a service do not load; the message names the key.
    pub fn settings(&self, process: &Process) -> Settings {
        let mut settings = process.load(None).expect("the defaults load");
        settings.postgres.url = Secret::new(self.postgres_url.as_str());
        settings.nats.url = Secret::new(self.nats_url.as_str());
        settings.auth.secret = Secret::new("a secret of thirty-two characters or more");
        settings.http.listen = ([127, 0, 0, 1], 0).into();
        settings.grpc.listen = ([127, 0, 0, 1], 0).into();
        settings
    }

    /// Runs services in this process on the stack: `stack.run(Process::new("test").with::<Crm>())`.
    ///
    /// # Panics
    /// When a service does not start; the message says why.
    pub async fn run(&self, process: Process) -> Running {
        let settings = self.settings(&process);
        process.start(settings).await.expect("the services start")
    }

    /// A client of the stack's NATS.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn nats(&self) -> async_nats::Client {
        nats_options(&self.nats_url).connect(&self.nats_url).await.expect("a connection to nats")
    }

    /// Kills (`SIGKILL`) the server `postgres` or `nats` of a stack made by [`Stack::own`] (`nats` of any) and
    /// returns when its successor runs; it may need another moment to take connections.
    pub async fn kill(&self, server: &str) -> anyhow::Result<()> {
        let killed = self.pid(server).with_context(|| format!("this stack runs no {server} of its own"))?;
        let pid = Pid::from_raw(i32::try_from(killed)?).context("a process id")?;
        kill_process(pid, Signal::KILL)?;
        let started = Instant::now();
        while self.pid(server).is_none_or(|pid| pid == killed) {
            anyhow::ensure!(started.elapsed() < BACK_WITHIN, "{server} did not come back");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    fn pid(&self, server: &str) -> Option<u32> {
        self.embedded.children().into_iter().find(|(name, _)| *name == server).map(|(_, pid)| pid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stack_has_a_bus_that_nobody_else_hears() {
        let (one, two) = tokio::join!(Stack::infra(), Stack::infra());

        assert_ne!(one.nats_url, two.nats_url);
        assert_ne!(one.postgres_url, two.postgres_url);
        async_nats::jetstream::new(one.nats().await).query_account().await.unwrap();
    }

    #[tokio::test]
    async fn a_killed_server_of_a_stack_comes_back() {
        let stack = Stack::infra().await;

        stack.kill("nats").await.unwrap();

        assert!(stack.kill("postgres").await.is_err(), "the shared one is not to be killed");
    }
}
