//! PocketSphinx, in processes of its own: what goes wrong there harms no call, and they give way to the media threads.
//!
//! A process is kept from one answer to the next, and is ended when it fails, is too slow or nonsensical; the next answer
//! starts another. Requests are a line of JSON and the samples, answers a line of JSON.

use std::{
    io,
    process::Stdio,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use media::wide;
use serde::Deserialize;
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::Semaphore,
    time::{sleep, timeout},
};

use super::{Recogniser, RecogniserConfig, RecogniserError, Understanding};
use crate::metrics;

const PROGRAM: &str = include_str!("listen.py");
/// Its exit code when the package is not there.
const MISSING: i32 = 3;
/// How long its models may take to load.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How long an answer may take, and how long it may wait for its turn.
const LIMIT: Duration = Duration::from_secs(4);
const TURN: Duration = Duration::from_secs(3);
/// Between two tries to start the first one.
const PAUSE: Duration = Duration::from_secs(30);
/// Longest answer, bytes.
const MAX_ANSWER: u64 = 10_000;

/// PocketSphinx.
pub struct Sphinx {
    config: RecogniserConfig,
    turns: Semaphore,
    idle: Mutex<Vec<Process>>,
    ready: AtomicBool,
}

struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
struct Answer {
    /// Empty: none of the phrases.
    heard: String,
    /// Words it does not know.
    #[serde(default)]
    unknown: Vec<String>,
}

impl Sphinx {
    /// Nothing is started yet.
    #[must_use]
    pub fn new(config: &RecogniserConfig) -> Self {
        Self {
            turns: Semaphore::new(config.at_once),
            config: config.clone(),
            idle: Mutex::default(),
            ready: AtomicBool::new(false),
        }
    }

    /// Starts the first process, again and again until one runs; gives up when it is not installed.
    pub async fn warm_up(self: Arc<Self>) {
        metrics::LISTENS.with_label_values::<&str>(&[]).set(0);
        loop {
            match Process::start(&self.config).await {
                Ok(process) => {
                    self.idle().push(process);
                    self.ready.store(true, Ordering::Relaxed);
                    metrics::LISTENS.with_label_values::<&str>(&[]).set(1);
                    tracing::info!(at_once = self.config.at_once, "menus may be answered by speaking");
                    return;
                }
                Err(RecogniserError::Missing) => {
                    tracing::info!(
                        "menus are answered by keys alone: the package pocketsphinx is not installed"
                    );
                    return;
                }
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "menus are answered by keys alone: a recogniser does not start"
                    );
                    sleep(PAUSE).await;
                }
            }
        }
    }

    async fn hear(&self, samples: Vec<i16>, phrases: &[String]) -> Result<Option<String>, RecogniserError> {
        let turn = timeout(TURN, self.turns.acquire()).await;
        let Ok(Ok(_turn)) = turn else { return Err(RecogniserError::Busy) };
        let idle = self.idle().pop();
        let mut process = match idle {
            Some(process) => process,
            None => Process::start(&self.config).await?,
        };
        // Filtering takes a millisecond or two.
        let samples = tokio::task::spawn_blocking(move || wide::double(&samples)).await.unwrap_or_default();
        // A process that fails, or whose answer is not waited for, is dropped and thereby killed.
        let answer = timeout(LIMIT, process.ask(&samples, phrases)).await;
        let answer = answer.map_err(|_| RecogniserError::TooSlow)??;
        self.idle().push(process);
        if !answer.unknown.is_empty() {
            tracing::warn!(words = answer.unknown.join(" "), "words of a menu are not in the dictionary");
        }
        Ok(phrases.iter().find(|phrase| **phrase == answer.heard).cloned())
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Process>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recogniser for Sphinx {
    fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    fn understand<'a>(&'a self, samples: Vec<i16>, phrases: &'a [String]) -> Understanding<'a> {
        Box::pin(self.hear(samples, phrases))
    }
}

impl Process {
    async fn start(config: &RecogniserConfig) -> Result<Self, RecogniserError> {
        let mut command = Command::new(&config.command);
        if !config.packages.is_empty() {
            command.env("PYTHONPATH", &config.packages);
        }
        let mut child = command
            .args(["-u", "-c", PROGRAM])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(RecogniserError::Run)?;
        let gone = || RecogniserError::Run(io::ErrorKind::BrokenPipe.into());
        let input = child.stdin.take().ok_or_else(gone)?;
        let output = child.stdout.take().ok_or_else(gone)?;
        let mut process = Self { child, input, output: BufReader::new(output) };
        let ready = timeout(START_LIMIT, process.line()).await.map_err(|_| RecogniserError::TooSlow)?;
        match ready {
            Ok(_) => Ok(process),
            Err(error) => match process.child.wait().await {
                Ok(status) if status.code() == Some(MISSING) => Err(RecogniserError::Missing),
                _ => Err(error),
            },
        }
    }

    async fn ask(&mut self, samples: &[i16], phrases: &[String]) -> Result<Answer, RecogniserError> {
        let mut request = json!({ "phrases": phrases, "samples": samples.len() }).to_string().into_bytes();
        request.push(b'\n');
        request.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        self.input.write_all(&request).await.map_err(RecogniserError::Run)?;
        let line = self.line().await?;
        serde_json::from_str(&line).map_err(RecogniserError::Nonsense)
    }

    async fn line(&mut self) -> Result<String, RecogniserError> {
        let mut line = String::new();
        let read = (&mut self.output).take(MAX_ANSWER).read_line(&mut line).await;
        match read.map_err(RecogniserError::Run)? {
            0 => Err(RecogniserError::Run(io::ErrorKind::UnexpectedEof.into())),
            _ => Ok(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(command: &str) -> Sphinx {
        Sphinx::new(&RecogniserConfig { at_once: 1, command: command.into(), packages: "/nowhere".into() })
    }

    #[tokio::test]
    async fn what_can_not_be_run_is_an_error_and_no_hindrance() {
        let missing = with("/nowhere/python3").hear(vec![0; 800], &["yes".into()]).await;
        assert!(matches!(missing, Err(RecogniserError::Run(_))), "{missing:?}");

        let dies = with("/bin/true").hear(vec![0; 800], &["yes".into()]).await;
        assert!(matches!(dies, Err(RecogniserError::Run(_))), "{dies:?}");
        assert!(!with("/bin/true").is_ready());
    }
}
