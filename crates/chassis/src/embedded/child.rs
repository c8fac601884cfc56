//! One supervised child process: started again with back-off when it dies, stopped in order, never left behind.
//!
//! A thread starts the child and waits for it. It must be one thread for the whole life of the child, because the
//! parent-death signal is sent when the *thread* that started it ends.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use super::EmbeddedError;

const BACKOFF_FIRST: Duration = Duration::from_millis(100);
const BACKOFF_MOST: Duration = Duration::from_secs(5);
/// A child that lived this long starts afresh with the shortest back-off.
const SETTLED: Duration = Duration::from_secs(30);
/// Recovery after a crash reads back what was written since the last checkpoint.
const READY_WITHIN: Duration = Duration::from_mins(5);
const POLL: Duration = Duration::from_millis(5);
/// The log starts anew, keeping one old one, when it is longer than this at a start.
const LOG_MOST: u64 = 10 * 1024 * 1024;
const LOG_TAIL: usize = 2_000;

/// What to run and how to know it.
pub(super) struct Spec {
    pub name: &'static str,
    pub command: Command,
    /// Takes standard output and standard error.
    pub log: PathBuf,
    /// Whether the process with this id takes requests.
    pub ready: Box<dyn Fn(u32) -> bool + Send>,
    /// Signals that end it, mildest first, each with the time it gets.
    pub stop: &'static [(Signal, Duration)],
}

#[derive(Debug, Default)]
struct State {
    pid: Option<u32>,
    /// Why it last ended.
    ended: Option<String>,
    stopping: bool,
    /// Set once the child was ready: from then on it is started again.
    kept: bool,
    /// The thread is through.
    gone: bool,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    /// Waits until `done` or the time is over; says whether it is done.
    fn wait(&self, within: Duration, mut done: impl FnMut(&State) -> bool) -> bool {
        let state = self.lock();
        let (state, _) = self
            .changed
            .wait_timeout_while(state, within, |state| !done(state))
            .unwrap_or_else(PoisonError::into_inner);
        done(&state)
    }
}

/// A running child. Dropping it stops it and waits.
#[derive(Debug)]
pub(super) struct Supervised {
    name: &'static str,
    stop: &'static [(Signal, Duration)],
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Supervised {
    /// Starts the child and returns when it is ready.
    pub fn start(spec: Spec) -> Result<Self, EmbeddedError> {
        let Spec { name, command, log, ready, stop } = spec;
        let shared = Arc::new(Shared::default());
        let thread = thread::Builder::new()
            .name(format!("embedded-{name}"))
            .spawn({
                let (shared, log) = (shared.clone(), log.clone());
                move || keep(name, command, &log, &shared)
            })
            .map_err(EmbeddedError::io(&log))?;
        let child = Self { name, stop, shared, thread: Some(thread) };

        let started = Instant::now();
        loop {
            let (pid, ended) = {
                let state = child.shared.lock();
                (state.pid, state.ended.clone())
            };
            if let Some(reason) = ended {
                return Err(EmbeddedError::Failed { name, reason, log: tail(&log) });
            }
            if pid.is_some_and(&ready) {
                child.shared.change(|state| state.kept = true);
                tracing::info!(
                    child = name,
                    ready_ms = started.elapsed().as_millis() as u64,
                    "embedded server ready"
                );
                return Ok(child);
            }
            if started.elapsed() > READY_WITHIN {
                let reason = format!("it was not ready within {} s", READY_WITHIN.as_secs());
                return Err(EmbeddedError::Failed { name, reason, log: tail(&log) });
            }
            thread::sleep(POLL);
        }
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    pub fn pid(&self) -> Option<u32> {
        self.shared.lock().pid
    }

    /// Sends the mildest stop signal and does not wait.
    pub fn ask_to_stop(&self) {
        self.shared.change(|state| state.stopping = true);
        if let (Some(pid), Some((signal, _))) = (self.pid(), self.stop.first()) {
            send(pid, *signal);
        }
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        self.ask_to_stop();
        for (attempt, (signal, within)) in self.stop.iter().enumerate() {
            if let (Some(pid), true) = (self.pid(), attempt > 0) {
                tracing::warn!(child = self.name, "embedded server does not stop, trying harder");
                send(pid, *signal);
            }
            if self.shared.wait(*within, |state| state.gone) {
                break;
            }
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The thread of one child: start, wait, and start again until told to stop.
fn keep(name: &'static str, mut command: Command, log: &Path, shared: &Shared) {
    let mut backoff = BACKOFF_FIRST;
    loop {
        let started = Instant::now();
        let ended = match spawn(&mut command, log, shared) {
            Ok(Some(mut child)) => {
                let status = child.wait();
                describe(status)
            }
            Ok(None) => "it was stopped".to_owned(),
            Err(error) => format!("it can't be run: {error}"),
        };
        let mut again = false;
        shared.change(|state| {
            state.pid = None;
            state.ended = Some(ended.clone());
            again = state.kept && !state.stopping;
            state.gone = !again;
        });
        if !again {
            return;
        }
        if started.elapsed() > SETTLED {
            backoff = BACKOFF_FIRST;
        }
        tracing::warn!(child = name, reason = %ended, backoff_ms = backoff.as_millis() as u64, "embedded server died, starting it again");
        if shared.wait(backoff, |state| state.stopping) {
            shared.change(|state| state.gone = true);
            return;
        }
        backoff = (backoff * 2).min(BACKOFF_MOST);
    }
}

/// Starts the child unless a stop came first; the lock is held over it, so that no stop misses it.
fn spawn(command: &mut Command, log: &Path, shared: &Shared) -> io::Result<Option<Child>> {
    let output = open_log(log)?;
    let mut state = shared.lock();
    if state.stopping {
        return Ok(None);
    }
    let child = command.stdout(output.try_clone()?).stderr(output).spawn()?;
    state.pid = Some(child.id());
    Ok(Some(child))
}

fn describe(status: io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) => status.to_string(),
        Err(error) => format!("it can't be waited for: {error}"),
    }
}

fn open_log(log: &Path) -> io::Result<File> {
    if fs::metadata(log).is_ok_and(|meta| meta.len() > LOG_MOST) {
        fs::rename(log, log.with_extension("log.old"))?;
    }
    OpenOptions::new().create(true).append(true).open(log)
}

fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    String::from_utf8_lossy(&text[text.len().saturating_sub(LOG_TAIL)..]).trim_end().to_owned()
}

fn send(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// Ends a server that a killed parent left running. Only a process whose command line names `marker` (its own
/// folder) is touched: process ids are used again.
pub(super) fn stop_stale(name: &'static str, pid: u32, marker: &Path, stop: &[(Signal, Duration)]) {
    for (signal, within) in stop {
        if !is_ours(pid, marker) {
            return;
        }
        tracing::warn!(child = name, pid, "stopping an embedded server that outlived its centre");
        send(pid, *signal);
        let asked = Instant::now();
        while asked.elapsed() < *within && is_ours(pid, marker) {
            thread::sleep(POLL);
        }
    }
}

/// Whether the process is alive and was started with `marker` in its arguments.
pub(super) fn is_ours(pid: u32, marker: &Path) -> bool {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let marker = marker.as_os_str().as_encoded_bytes();
    line.windows(marker.len()).any(|part| part == marker)
}

/// The number on the first line of a pid file.
pub(super) fn read_pid(path: &Path) -> Option<u32> {
    fs::read_to_string(path).ok()?.lines().next()?.trim().parse().ok()
}
