//! A real relay for browsers that reach nothing else: coturn with the configuration of `deploy/coturn`.

use std::{
    net::{IpAddr, SocketAddr, TcpStream},
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Context as _;

use crate::{ports::free_ports, program::Program, scratch_dir};

const CONFIGURATION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/coturn/turnserver.conf");
const READY_WITHIN: Duration = Duration::from_secs(10);

/// A running relay; it ends when this is dropped.
#[derive(Debug)]
pub struct TurnServer {
    /// Where it listens, UDP and TCP.
    pub at: SocketAddr,
    // Dropped before its folder.
    _program: Program,
    _folder: tempfile::TempDir,
}

impl TurnServer {
    /// At this address; whoever shows credentials made with `secret` is relayed.
    ///
    /// # Errors
    /// When it does not start: it is the Debian package coturn.
    pub fn start(address: IpAddr, secret: &str) -> anyhow::Result<Self> {
        let port = *free_ports(1)?.first().context("a port")?;
        Self::start_at(SocketAddr::new(address, port), secret)
    }

    /// The same, with another secret for instance.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_at(at: SocketAddr, secret: &str) -> anyhow::Result<Self> {
        let folder = scratch_dir()?;
        let (address, port) = (at.ip(), at.port());
        let beside = |name: &str| folder.path().join(name).display().to_string();
        let arguments = [
            "-c".to_owned(),
            CONFIGURATION.to_owned(),
            format!("--listening-ip={address}"),
            format!("--relay-ip={address}"),
            format!("--listening-port={port}"),
            format!("--static-auth-secret={secret}"),
            format!("--pidfile={}", beside("turn.pid")),
            format!("--userdb={}", beside("turn.db")),
        ];
        let program = Program::outside(Path::new("turnserver"), &arguments, folder.path());
        let program = program.context("turnserver (Debian package coturn)")?;
        let started = Instant::now();
        while TcpStream::connect(at).is_err() {
            anyhow::ensure!(program.is_running(), "the relay ended:\n{}", program.log());
            anyhow::ensure!(started.elapsed() < READY_WITHIN, "no relay within {READY_WITHIN:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(Self { at, _program: program, _folder: folder })
    }
}
