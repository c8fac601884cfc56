//! The embedded Postgres: made once, then started on the same port with the same roles.
//!
//! Roles: `switchboard` (superuser, owns the database `switchboard`, runs migrations) and `switchboard_app`
//! (login only, so that row-level security applies to it). Every login needs its password; nothing but 127.0.0.1
//! and a socket in the data folder is listened on. We ourselves use the socket, which costs less than TCP.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use rustix::process::Signal;

use super::{
    EmbeddedError, EmbeddedOptions,
    child::{Spec, Supervised, is_ours, read_pid, stop_stale},
    folder::{Folder, Memory, write_private},
    parts::{self, PostgresPart},
    privilege::RunAs,
    start_with_port,
};

const NAME: &str = "postgres";
/// Fast shutdown, then immediate shutdown, then none at all: each recovers at the next start.
const STOP: &[(Signal, Duration)] = &[
    (Signal::INT, Duration::from_secs(20)),
    (Signal::QUIT, Duration::from_secs(5)),
    (Signal::KILL, Duration::from_secs(5)),
];

/// Settings for a laptop or one small server; valid from Postgres 15 on.
const SETTINGS: &str = "\
listen_addresses = '127.0.0.1'
max_connections = 200
shared_buffers = 128MB
work_mem = 8MB
effective_cache_size = 1GB
random_page_cost = 1.1
wal_compression = on
max_wal_size = 1GB
min_wal_size = 80MB
checkpoint_timeout = 10min
jit = off
password_encryption = scram-sha-256
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
log_checkpoints = off
";

/// Who may come from where.
const HBA: &[u8] = b"local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n";
/// The longest path of a socket (`sockaddr_un`), bytes.
const LONGEST_SOCKET: usize = 107;

/// For tests: a killed process still loses nothing, only a power cut does.
const NOT_DURABLE: &str = "\
fsync = off
full_page_writes = off
";

/// A cluster that is made and configured, and the command that runs it: for a starter that keeps it itself, as
/// the tests do with the one they share.
pub struct Prepared {
    /// Runs the server in the foreground; it dies with the thread that spawns it.
    pub command: Command,
    /// As [`Embedded::postgres_url`](super::Embedded::postgres_url).
    pub postgres_url: String,
    /// As [`Embedded::postgres_app_url`](super::Embedded::postgres_app_url).
    pub postgres_app_url: String,
    cluster: PathBuf,
}

impl Prepared {
    /// Whether a server on this cluster takes connections.
    pub fn is_ready(&self) -> bool {
        let pid_file = self.cluster.join("postmaster.pid");
        read_pid(&pid_file).is_some_and(|pid| is_ours(pid, &self.cluster) && is_ready(&pid_file, pid))
    }
}

/// Prepares the Postgres of a data folder without starting it, and leaves one alone that already runs there.
pub fn prepare_postgres(options: &EmbeddedOptions) -> Result<Prepared, EmbeddedError> {
    let mut folder = Folder::lock(&options.data_dir)?;
    let run_as = RunAs::choose(folder.path())?;
    let server = Server::find(&folder, options)?;
    let port = match folder.memory().ports.get(NAME) {
        Some(port) if server.runs() => *port,
        _ => {
            server.make(folder.memory(), &run_as)?;
            folder.port(NAME, options.postgres_port)?
        }
    };
    server.configure(port, &run_as)?;
    // Whoever runs there already may have no socket.
    let (postgres_url, postgres_app_url) = urls(folder.memory(), "127.0.0.1", port);
    Ok(Prepared {
        command: server.command(&run_as)?,
        postgres_url,
        postgres_app_url,
        cluster: server.cluster,
    })
}

/// Starts it and gives the URLs of the owner and of the unprivileged role.
pub(super) fn start(
    folder: &mut Folder,
    options: &EmbeddedOptions,
    run_as: &RunAs,
) -> Result<(Supervised, String, String), EmbeddedError> {
    let server = Server::find(folder, options)?;
    if let Some(pid) = read_pid(&server.pid_file()) {
        stop_stale(NAME, pid, &server.cluster, STOP);
    }
    server.make(folder.memory(), run_as)?;
    server.forget_stranger()?;

    let (child, port) = start_with_port(folder, NAME, options.postgres_port, |_, _, port| {
        server.configure(port, run_as)?;
        let pid_file = server.pid_file();
        Supervised::start(Spec {
            name: NAME,
            command: server.command(run_as)?,
            log: run_as.create_log(&server.home)?,
            ready: Box::new(move |pid| is_ready(&pid_file, pid)),
            stop: STOP,
        })
    })?;

    let (owner, app) = urls(folder.memory(), &server.host(port), port);
    Ok((child, owner, app))
}

/// Of the owner and of the unprivileged role.
fn urls(memory: &Memory, host: &str, port: u16) -> (String, String) {
    let url = |user: &str, password: &str| format!("postgres://{user}:{password}@{host}:{port}/switchboard");
    (url("switchboard", &memory.owner_password), url("switchboard_app", &memory.app_password))
}

/// One cluster and the programs that run it.
struct Server {
    part: PostgresPart,
    home: PathBuf,
    cluster: PathBuf,
    durable: bool,
}

impl Server {
    fn find(folder: &Folder, options: &EmbeddedOptions) -> Result<Self, EmbeddedError> {
        let home = folder.path().join("postgres");
        let cluster = home.join("data");
        let part = parts::postgres(&options.parts_dir(), &cluster)?;
        Ok(Self { part, home, cluster, durable: options.durable })
    }

    fn pid_file(&self) -> PathBuf {
        self.cluster.join("postmaster.pid")
    }

    /// Where we reach it: the socket, or TCP where the folder's path is too long for one.
    fn host(&self, port: u16) -> String {
        self.socket_folder(port).map_or_else(
            || "127.0.0.1".to_owned(),
            |folder| percent_encode(folder.as_bytes(), NON_ALPHANUMERIC).to_string(),
        )
    }

    /// Where the socket lies, if its path can be one. Postgres parts folders by commas.
    fn socket_folder(&self, port: u16) -> Option<&str> {
        let folder = self.home.to_str().filter(|folder| !folder.contains([',', '\n', '"']))?;
        let socket = format!("{folder}/.s.PGSQL.{port}");
        (self.home.is_absolute() && socket.len() <= LONGEST_SOCKET).then_some(folder)
    }

    fn runs(&self) -> bool {
        read_pid(&self.pid_file()).is_some_and(|pid| is_ours(pid, &self.cluster))
    }

    fn command(&self, run_as: &RunAs) -> Result<Command, EmbeddedError> {
        let mut command = run_as.command(&self.part.bin.join("postgres"), &[&self.cluster], "INT")?;
        command.arg("-D").arg(&self.cluster);
        Ok(command)
    }

    fn configure(&self, port: u16, run_as: &RunAs) -> Result<(), EmbeddedError> {
        let path = self.cluster.join("postgresql.conf");
        let extra = if self.durable { "" } else { NOT_DURABLE };
        let sockets = self.socket_folder(port).map(|folder| folder.replace('\'', "''")).unwrap_or_default();
        let settings = format!("{SETTINGS}{extra}port = {port}\nunix_socket_directories = '{sockets}'\n");
        write_private(&path, settings.as_bytes())?;
        run_as.own(&path)?;

        let path = self.cluster.join("pg_hba.conf");
        write_private(&path, HBA)?;
        run_as.own(&path)?;
        if self.runs() { Ok(()) } else { self.forget_socket(port) }
    }

    /// A pid file that names a stranger (ids are used again, as in a container) would keep Postgres from starting.
    fn forget_stranger(&self) -> Result<(), EmbeddedError> {
        let pid_file = self.pid_file();
        let alive = |pid: u32| Path::new("/proc").join(pid.to_string()).exists();
        match read_pid(&pid_file) {
            Some(pid) if alive(pid) && !is_ours(pid, &self.cluster) => {
                fs::remove_file(&pid_file).map_err(EmbeddedError::io(&pid_file))
            }
            _ => Ok(()),
        }
    }

    /// So would what a killed Postgres leaves of its socket, while its id is another's or still in the table of processes.
    fn forget_socket(&self, port: u16) -> Result<(), EmbeddedError> {
        for name in [format!(".s.PGSQL.{port}"), format!(".s.PGSQL.{port}.lock")] {
            let path = self.home.join(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(EmbeddedError::io(&path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Makes the cluster if there is none, beside its place, and moves it there whole: a start cut short leaves no
    /// half one.
    fn make(&self, memory: &Memory, run_as: &RunAs) -> Result<(), EmbeddedError> {
        run_as.create_dir(&self.home)?;
        if self.cluster.join("PG_VERSION").exists() {
            return Ok(());
        }
        tracing::info!(postgres = self.part.major, "creating the embedded postgres cluster");
        let new = self.home.join("data.new");
        if new.exists() {
            fs::remove_dir_all(&new).map_err(EmbeddedError::io(&new))?;
        }
        let password_file = self.home.join("password");
        write_private(&password_file, memory.owner_password.as_bytes())?;
        run_as.own(&password_file)?;

        let mut initdb = run_as.command(&self.part.bin.join("initdb"), &[&new], "KILL")?;
        initdb.arg("-D").arg(&new).arg("--pwfile").arg(&password_file).args([
            "--username=switchboard",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            "--no-instructions",
        ]);
        run(initdb, "")?;
        fs::remove_file(&password_file).map_err(EmbeddedError::io(&password_file))?;

        // In single-user mode a line is a statement, no password is asked for, and no port is open.
        let mut single = run_as.command(&self.part.bin.join("postgres"), &[&new], "KILL")?;
        single.args(["--single", "-D"]).arg(&new).arg("postgres");
        let statements = format!(
            "CREATE ROLE switchboard_app LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '{}'\n\
             CREATE DATABASE switchboard OWNER switchboard\n",
            memory.app_password
        );
        run(single, &statements)?;

        fs::rename(&new, &self.cluster).map_err(EmbeddedError::io(&self.cluster))?;
        if self.durable {
            let dir = fs::File::open(&self.cluster).map_err(EmbeddedError::io(&self.cluster))?;
            // Meanwhile the start goes on: this flushes everything that the machine has not written yet.
            std::thread::spawn(move || rustix::fs::syncfs(&dir));
        }
        Ok(())
    }
}

/// Runs one of Postgres' own tools to its end.
fn run(mut command: Command, input: &str) -> Result<(), EmbeddedError> {
    let failed = |reason: String, log: &[u8]| EmbeddedError::Failed {
        name: "initdb",
        reason,
        log: String::from_utf8_lossy(log).trim_end().to_owned(),
    };
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(error.to_string(), &[]))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A tool that reads nothing closes the pipe: its exit status tells the rest.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().map_err(|error| failed(error.to_string(), &[]))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() || said.contains("ERROR:") || said.contains("FATAL:") {
        return Err(failed(output.status.to_string(), &output.stderr));
    }
    Ok(())
}

/// The eighth line of the pid file is Postgres' own word on whether it takes connections (`pg_ctl -w` reads it).
fn is_ready(pid_file: &Path, pid: u32) -> bool {
    let text = fs::read_to_string(pid_file).unwrap_or_default();
    let mut lines = text.lines();
    lines.next().and_then(|line| line.trim().parse().ok()) == Some(pid)
        && lines.nth(6).is_some_and(|status| status.trim() == "ready")
}
