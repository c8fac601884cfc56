//! The embedded NATS: one server with JetStream on file storage, and a password.
//!
//! What was acknowledged survives the death of the process. The disk is flushed every few seconds, so a power cut
//! can lose the last of them; a cluster of three, as the chart deploys, does not.

use std::{
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpStream},
    path::Path,
    time::Duration,
};

use async_nats::{ConnectOptions, ServerAddr};
use rustix::process::Signal;

use super::{
    EmbeddedError, EmbeddedOptions,
    child::{Spec, Supervised, read_pid, stop_stale},
    folder::{Folder, write_private},
    parts,
    privilege::RunAs,
    start_with_port,
};

const NAME: &str = "nats";
const STOP: &[(Signal, Duration)] =
    &[(Signal::TERM, Duration::from_secs(10)), (Signal::KILL, Duration::from_secs(5))];
/// How often streams are flushed to the disk.
const SYNC: &str = "5s";
/// Bytes the streams may reserve. Without it the server reserves by what the disk has free at its start, and a centre on a
/// disk with less free than its streams' limits would not start, though they are almost empty.
const STORE: u64 = 64 << 30;
const PROBE: Duration = Duration::from_millis(500);

/// Options with the user and password of a NATS URL, which the client itself does not take from there:
/// `nats_options(url).connect(url)`.
pub fn nats_options(url: &str) -> ConnectOptions {
    let address = url.split(',').find_map(|one| one.trim().parse::<ServerAddr>().ok());
    match address.as_ref().map(|address| (address.username(), address.password())) {
        Some((Some(user), Some(password))) => {
            ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned())
        }
        _ => ConnectOptions::new(),
    }
}

/// Starts it and gives its URL.
pub(super) fn start(
    folder: &mut Folder,
    options: &EmbeddedOptions,
    run_as: &RunAs,
) -> Result<(Supervised, String), EmbeddedError> {
    let home = folder.path().join("nats");
    let program = parts::nats(&options.parts_dir())?;
    let config = home.join("server.conf");
    let pid_file = home.join("server.pid");

    run_as.create_dir(&home)?;
    if let Some(pid) = read_pid(&pid_file) {
        stop_stale(NAME, pid, &config, STOP);
    }

    let (child, port) = start_with_port(folder, NAME, options.nats_port, |folder, memory, port| {
        let server_name = format!("switchboard-{port}-{}", std::process::id());
        let text = configuration(&home, port, &server_name, &memory.nats_password);
        write_private(&config, text.as_bytes())?;
        run_as.own(&config)?;
        let mut command = run_as.command(&program, &[folder.path(), &config], "TERM")?;
        command.arg("-c").arg(&config);
        Supervised::start(Spec {
            name: NAME,
            command,
            log: run_as.create_log(&home)?,
            ready: Box::new(move |_| is_ready(port, &server_name)),
            stop: STOP,
        })
    })?;

    Ok((child, format!("nats://switchboard:{}@127.0.0.1:{port}", folder.memory().nats_password)))
}

fn configuration(home: &Path, port: u16, server_name: &str, password: &str) -> String {
    let quote = |path: &Path| serde_json::Value::String(path.display().to_string()).to_string();
    format!(
        "listen: \"127.0.0.1:{port}\"\n\
         server_name: \"{server_name}\"\n\
         pid_file: {pid}\n\
         logtime_utc: true\n\
         authorization {{ user: \"switchboard\", password: \"{password}\" }}\n\
         jetstream {{ store_dir: {store}, sync_interval: \"{SYNC}\", max_file_store: {STORE} }}\n",
        pid = quote(&home.join("server.pid")),
        store = quote(home),
    )
}

/// A server greets with one line about itself; it does so only after its streams are recovered.
fn is_ready(port: u16, server_name: &str) -> bool {
    let greeting = || {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let stream = TcpStream::connect_timeout(&address, PROBE)?;
        stream.set_read_timeout(Some(PROBE))?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        std::io::Result::Ok(line)
    };
    greeting().is_ok_and(|line| line.contains(server_name) && line.contains("\"jetstream\":true"))
}
