//! A process: which services it has, and how they are started.

use std::{
    collections::BTreeMap,
    future::Future,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    pin::Pin,
};

use anyhow::Context as _;
use sqlx::migrate::Migrator;
use tokio_util::sync::CancellationToken;

use super::Running;
use crate::{
    auth::Auth,
    bus::Bus,
    clock::Clock,
    config::{self, ConfigError, Settings},
    db::{self, Db},
    grpc::{self, Peers},
    health::Health,
    service::{Context, Parts, Service},
};

type Starting = Pin<Box<dyn Future<Output = anyhow::Result<Parts>> + Send>>;

struct Entry {
    name: &'static str,
    table: String,
    defaults: &'static str,
    migrations: fn() -> Option<Migrator>,
    start: fn(&Settings, &str, Context) -> Result<Starting, ConfigError>,
}

fn start<S: Service>(settings: &Settings, table: &str, context: Context) -> Result<Starting, ConfigError> {
    let config = settings.service::<S::Config>(table)?;
    Ok(Box::pin(S::start(config, context)))
}

/// The services of a process, not started yet.
pub struct Process {
    name: String,
    clock: Clock,
    entries: Vec<Entry>,
}

/// A service that has its parts.
pub(super) struct Started {
    pub name: &'static str,
    pub parts: Parts,
    pub db: Db,
    pub bus: Bus,
}

impl Process {
    /// A process named `name`: the prefix of its environment, its name in logs and traces.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), clock: Clock::system(), entries: Vec::new() }
    }

    /// Adds a service.
    #[must_use]
    pub fn with<S: Service>(mut self) -> Self {
        self.entries.push(Entry {
            name: S::NAME,
            table: S::NAME.replace('-', "_"),
            defaults: S::DEFAULTS,
            migrations: S::migrations,
            start: start::<S>,
        });
        self
    }

    /// Sets the clock, for tests.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Loads the settings: defaults, `file`, environment.
    pub fn load(&self, file: Option<&Path>) -> Result<Settings, ConfigError> {
        let defaults: Vec<(String, &str)> =
            self.entries.iter().map(|entry| (entry.table.clone(), entry.defaults)).collect();
        config::load(&self.name, &defaults, file)
    }

    /// Starts everything. Settings are checked before a port is bound; the process is ready when this returns.
    pub async fn start(self, settings: Settings) -> anyhow::Result<Running> {
        check(&settings)?;
        let instance = instance_name(&settings);
        let auth = Auth::new(settings.auth.secret.clone(), self.clock.clone());
        let http = grpc::bind("http.listen", settings.http.listen).await?;
        let grpc = grpc::bind("grpc.listen", settings.grpc.listen).await?;
        let peers = Peers::new(
            with_self(&settings, grpc.local_addr()?),
            settings.grpc.deadline.0,
            auth.clone(),
            self.clock.clone(),
        )?;
        let pool = db::open(&settings.postgres).await.context("postgres.url")?;
        let bus = Bus::connect(&settings.nats, &instance, self.clock.clone()).await.context("nats.url")?;
        let mut owner = db::connect_owner(&settings.postgres).await.context("postgres.url")?;
        let health = Health::default();
        let stop = CancellationToken::new();

        let mut started = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            let migrations = (entry.migrations)();
            db::prepare(&mut owner, &entry.table, &settings.postgres.app_role, migrations.as_ref()).await?;
            let bus = bus.for_service(entry.name);
            let db = Db::new(pool.clone(), &entry.table, bus.producer(), self.clock.clone());
            let context = Context {
                instance: instance.clone(),
                clock: self.clock.clone(),
                ids: crate::clock::Ids,
                db: db.clone(),
                bus: bus.clone(),
                peers: peers.for_service(entry.name),
                auth: auth.clone(),
                health: health.clone(),
                stop: stop.clone(),
            };
            let parts = (entry.start)(&settings, &entry.table, context)?
                .await
                .with_context(|| format!("{} can't start", entry.name))?;
            started.push(Started { name: entry.name, parts, db, bus });
        }
        drop(owner);
        Ok(Running::new(started, http, grpc, auth, health, pool, bus, stop).await?)
    }
}

/// The peers' URLs, with "self" put as the address this process listens on.
fn with_self(settings: &Settings, own: SocketAddr) -> BTreeMap<String, String> {
    let own =
        if own.ip().is_unspecified() { SocketAddr::new(Ipv4Addr::LOCALHOST.into(), own.port()) } else { own };
    let url = |url: &String| if url == "self" { format!("http://{own}") } else { url.clone() };
    settings.peers.iter().map(|(name, peer)| (name.clone(), url(peer))).collect()
}

fn check(settings: &Settings) -> Result<(), ConfigError> {
    let error = |key: &str, reason: &str| ConfigError::Key { key: key.to_owned(), reason: reason.to_owned() };
    if settings.auth.secret.reveal().len() < 32 {
        return Err(error("auth.secret", "must have at least 32 characters"));
    }
    if settings.postgres.url.is_empty() {
        return Err(error("postgres.url", "is not set"));
    }
    if settings.nats.url.is_empty() {
        return Err(error("nats.url", "is not set"));
    }
    let role = &settings.postgres.app_role;
    if role.is_empty() || !role.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
    {
        return Err(error("postgres.app_role", "may contain letters, digits and \"_\""));
    }
    Ok(())
}

fn instance_name(settings: &Settings) -> String {
    if settings.instance.is_empty() {
        rustix::system::uname().nodename().to_string_lossy().replace(['.', ' ', '*', '>'], "-")
    } else {
        settings.instance.clone()
    }
}
