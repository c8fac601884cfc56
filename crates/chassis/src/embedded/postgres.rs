//! The embedded Postgres: made once, then started on the same port with the same roles.
//!
//! Roles: `switchboard` (superuser, owns the database `switchboard`, runs migrations) and `switchboard_app`
//! (login only, so that row-level security applies to it). Every login needs its password; nothing but 127.0.0.1
//! is listened on.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

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
unix_socket_directories = ''
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

/// For tests: a killed process still loses nothing, only a power cut does.
const NOT_DURABLE: &str = "\
fsync = off
full_page_writes = off
synchronous_commit = off
";

/// Starts it and gives the URLs of the owner and of the unprivileged role.
pub(super) fn start(
    folder: &mut Folder,
    options: &EmbeddedOptions,
    run_as: &RunAs,
) -> Result<(Supervised, String, String), EmbeddedError> {
    let home = folder.path().join("postgres");
    let cluster = home.join("data");
    let part = parts::postgres(&options.parts_dir(), &cluster)?;

    run_as.create_dir(&home)?;
    clear_stale(&cluster)?;
    if !cluster.join("PG_VERSION").exists() {
        create(&part, &home, folder.memory(), run_as, options.durable)?;
    }

    let (child, port) = start_with_port(folder, NAME, options.postgres_port, |_, _, port| {
        configure(&cluster, port, options.durable, run_as)?;
        let mut command = run_as.command(&part.bin.join("postgres"), &[&cluster], "INT")?;
        command.arg("-D").arg(&cluster);
        let pid_file = cluster.join("postmaster.pid");
        Supervised::start(Spec {
            name: NAME,
            command,
            log: run_as.create_log(&home)?,
            ready: Box::new(move |pid| is_ready(&pid_file, pid)),
            stop: STOP,
        })
    })?;

    let url =
        |user: &str, password: &str| format!("postgres://{user}:{password}@127.0.0.1:{port}/switchboard");
    let memory = folder.memory();
    Ok((child, url("switchboard", &memory.owner_password), url("switchboard_app", &memory.app_password)))
}

/// Stops what a killed centre left running. A pid file that names a stranger (the id was used again, as in a
/// container) would keep Postgres from starting, so it is removed.
fn clear_stale(cluster: &Path) -> Result<(), EmbeddedError> {
    let pid_file = cluster.join("postmaster.pid");
    let Some(pid) = read_pid(&pid_file) else { return Ok(()) };
    stop_stale(NAME, pid, cluster, STOP);
    let alive = Path::new("/proc").join(pid.to_string()).exists();
    if alive && !is_ours(pid, cluster) && pid_file.exists() {
        fs::remove_file(&pid_file).map_err(EmbeddedError::io(&pid_file))?;
    }
    Ok(())
}

/// Makes the cluster beside its place and moves it there whole, so that a start cut short leaves no half one.
fn create(
    part: &PostgresPart,
    home: &Path,
    memory: &Memory,
    run_as: &RunAs,
    durable: bool,
) -> Result<(), EmbeddedError> {
    tracing::info!(postgres = part.major, "creating the embedded postgres cluster");
    let new = home.join("data.new");
    if new.exists() {
        fs::remove_dir_all(&new).map_err(EmbeddedError::io(&new))?;
    }
    let password_file = home.join("password");
    write_private(&password_file, memory.owner_password.as_bytes())?;
    run_as.own(&password_file)?;

    let mut initdb = run_as.command(&part.bin.join("initdb"), &[&new], "KILL")?;
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
    let mut single = run_as.command(&part.bin.join("postgres"), &[&new], "KILL")?;
    single.args(["--single", "-D"]).arg(&new).arg("postgres");
    let statements = format!(
        "CREATE ROLE switchboard_app LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '{}'\n\
         CREATE DATABASE switchboard OWNER switchboard\n",
        memory.app_password
    );
    run(single, &statements)?;

    let hba = new.join("pg_hba.conf");
    write_private(&hba, b"host all all 127.0.0.1/32 scram-sha-256\n")?;
    run_as.own(&hba)?;
    let cluster = home.join("data");
    fs::rename(&new, &cluster).map_err(EmbeddedError::io(&cluster))?;
    if durable {
        let dir = fs::File::open(&cluster).map_err(EmbeddedError::io(&cluster))?;
        rustix::fs::syncfs(&dir).map_err(|error| EmbeddedError::io(&cluster)(error.into()))?;
    }
    Ok(())
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

fn configure(cluster: &Path, port: u16, durable: bool, run_as: &RunAs) -> Result<(), EmbeddedError> {
    let path: PathBuf = cluster.join("postgresql.conf");
    let extra = if durable { "" } else { NOT_DURABLE };
    write_private(&path, format!("{SETTINGS}{extra}port = {port}\n").as_bytes())?;
    run_as.own(&path)
}

/// The eighth line of the pid file is Postgres' own word on whether it takes connections (`pg_ctl -w` reads it).
fn is_ready(pid_file: &Path, pid: u32) -> bool {
    let text = fs::read_to_string(pid_file).unwrap_or_default();
    let mut lines = text.lines();
    lines.next().and_then(|line| line.trim().parse().ok()) == Some(pid)
        && lines.nth(6).is_some_and(|status| status.trim() == "ready")
}
