//! A program of this workspace as a child that never outlives the test, even a killed one.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};

use crate::scratch::build_dir;

const LOG_TAIL: usize = 4_000;
/// A centre finishes what it has at hand before it ends.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// A running program. Dropping it ends it; when the test has failed, the end of its log is printed.
#[derive(Debug)]
pub(crate) struct Program {
    name: String,
    log: PathBuf,
    pid: Arc<Mutex<Option<u32>>>,
    ended: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Program {
    /// Starts `target/<profile>/<name>`; its output goes to `<logs>/<name>.log`.
    pub fn start(name: &str, arguments: &[String], logs: &Path) -> anyhow::Result<Self> {
        Self::outside(&path_of(name)?, arguments, logs)
    }

    /// Starts a program that is not of this workspace, by its path or where the shell would find it.
    pub fn outside(path: &Path, arguments: &[String], logs: &Path) -> anyhow::Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let log = logs.join(format!("{name}.log"));
        let output = OpenOptions::new().create(true).append(true).open(&log)?;
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig=KILL", "--"])
            .arg(path)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);

        // The parent-death signal comes when the thread that started the child ends, so one thread does both.
        let pid = Arc::new(Mutex::new(None));
        let (started, start) = mpsc::channel();
        let (ending, ended) = mpsc::channel();
        let thread = thread::spawn({
            let pid = pid.clone();
            move || {
                let spawned = command.spawn().inspect(|child| {
                    *pid.lock().unwrap_or_else(PoisonError::into_inner) = Some(child.id());
                });
                match spawned {
                    Ok(mut child) => {
                        let _ = started.send(Ok(()));
                        let _ = child.wait();
                        *pid.lock().unwrap_or_else(PoisonError::into_inner) = None;
                    }
                    Err(error) => drop(started.send(Err(error))),
                }
                let _ = ending.send(());
            }
        });
        start.recv()?.with_context(|| format!("starting {}", path.display()))?;
        Ok(Self { name, log, pid, ended, thread: Some(thread) })
    }

    /// Whether it still runs.
    pub fn is_running(&self) -> bool {
        self.pid.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Sends a signal; nothing happens when it has ended.
    pub fn signal(&self, signal: Signal) {
        let pid = self.pid.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pid) = pid.and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw) {
            let _ = kill_process(pid, signal);
        }
    }

    /// Waits until it has ended; says whether it has.
    pub fn wait(&self, within: Duration) -> bool {
        self.ended.recv_timeout(within) != Err(RecvTimeoutError::Timeout)
    }

    /// The end of what it printed.
    pub fn log(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&text[text.len().saturating_sub(LOG_TAIL)..]).into_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.signal(Signal::TERM);
        if !self.wait(STOP_WITHIN) {
            self.signal(Signal::KILL);
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        if thread::panicking() {
            let _ = writeln!(std::io::stderr(), "── the end of {}'s log ──\n{}", self.name, self.log());
        }
    }
}

/// Where a program of the workspace lies.
pub(crate) fn path_of(name: &str) -> anyhow::Result<PathBuf> {
    let path = build_dir()?.join(name);
    anyhow::ensure!(path.exists(), "{} is not built: cargo build --workspace --bins", path.display());
    Ok(path)
}
