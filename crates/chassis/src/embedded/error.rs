//! Why the embedded servers could not be started: each message names the thing to change.

use std::{io, path::PathBuf};

/// Why [`Embedded::start`](super::Embedded::start) failed.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// A centre already runs on this data folder.
    #[error("a centre already runs on {}: process {pid}, ports {ports}; stop it or choose another --data", data_dir.display())]
    InUse {
        /// The folder both want.
        data_dir: PathBuf,
        /// Who holds it.
        pid: u32,
        /// What it listens on, as `name port, name port`.
        ports: String,
    },
    /// A server program was not found anywhere it is looked for.
    #[error("{part} is not installed: `make` puts it into {}, and {also} is looked for too", parts_dir.display())]
    PartMissing {
        /// The program.
        part: &'static str,
        /// Where `make` puts it.
        parts_dir: PathBuf,
        /// The other places.
        also: &'static str,
    },
    /// A server program was found, and is older than what works.
    #[error("{} is version {found}, and {part} {needed} or newer is needed", program.display())]
    TooOld {
        /// The product.
        part: &'static str,
        /// The program that was found.
        program: PathBuf,
        /// Its version.
        found: String,
        /// The oldest version that works.
        needed: &'static str,
    },
    /// The cluster in the data folder was made by a Postgres that is not installed.
    #[error("{} was made by Postgres {wanted}, which is not installed (found: {found})", data_dir.display())]
    WrongPostgres {
        /// The cluster.
        data_dir: PathBuf,
        /// Its major version.
        wanted: u32,
        /// The major versions at hand.
        found: String,
    },
    /// A port that was asked for is in use.
    #[error("port {port} for {name} is taken by another program")]
    PortTaken {
        /// Which server wants it.
        name: &'static str,
        /// The port.
        port: u16,
    },
    /// No free port was found.
    #[error("no free port between {from} and {to} on 127.0.0.1 for {name}")]
    NoFreePort {
        /// Which server wants one.
        name: &'static str,
        /// First port tried from.
        from: u16,
        /// Last port.
        to: u16,
    },
    /// Started by root, and the unprivileged user that Postgres runs as can't get at a folder.
    #[error(
        "postgres does not run as root, and user {uid} can't enter {}: choose a --data outside it, or chmod o+x it",
        closed.display()
    )]
    Unreachable {
        /// The unprivileged user.
        uid: u32,
        /// The folder that is closed to others.
        closed: PathBuf,
    },
    /// The folder belongs to another user.
    #[error("{} belongs to user {owner} and this process runs as {uid}: start it as that user or root", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who we are.
        uid: u32,
    },
    /// A server ended, or was not ready in time.
    #[error("{name} did not start: {reason}; the end of its log:\n{log}")]
    Failed {
        /// Which server.
        name: &'static str,
        /// Exit status or time-out.
        reason: String,
        /// Last lines of its log.
        log: String,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file with ports and passwords does not say what it should.
    #[error("{} can't be read: {reason}", path.display())]
    Memory {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The runtime went away while the servers started.
    #[error("the start was interrupted")]
    Interrupted,
}

impl EmbeddedError {
    /// Puts the path into an I/O error: `fs::read(p).map_err(EmbeddedError::io(p))`.
    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
