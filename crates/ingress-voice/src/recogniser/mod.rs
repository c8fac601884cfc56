//! Understanding spoken answers: one of a few phrases, or none.

mod sphinx;

use std::{io, pin::Pin, sync::Arc};

use thiserror::Error;

pub use sphinx::Sphinx;

/// How spoken answers are understood.
#[derive(Debug, Clone, Default)]
pub struct RecogniserConfig {
    /// Recognisers at work at once; 0: none at all.
    pub at_once: usize,
    /// Python 3.
    pub command: String,
    /// Folder of its packages; empty: where it looks by itself.
    pub packages: String,
}

/// What comes of listening: the phrase that was said, or nothing that was understood.
pub type Understanding<'a> =
    Pin<Box<dyn Future<Output = Result<Option<String>, RecogniserError>> + Send + 'a>>;

/// Something that understands speech.
pub trait Recogniser: Send + Sync {
    /// Whether it is there at all.
    fn is_ready(&self) -> bool;

    /// Finds the phrase in 8,000 samples a second of speech. Phrases it has no words for are never found.
    fn understand<'a>(&'a self, samples: Vec<i16>, phrases: &'a [String]) -> Understanding<'a>;
}

/// Why nothing came of it.
#[derive(Debug, Error)]
pub enum RecogniserError {
    /// All recognisers are at work, and went on for too long.
    #[error("all recognisers are busy")]
    Busy,
    /// The process can't be started, or died.
    #[error("the recogniser does not run")]
    Run(#[source] io::Error),
    /// It took too long.
    #[error("the recogniser took longer than 4 s")]
    TooSlow,
    /// What it answered makes no sense.
    #[error("the recogniser answered nonsense")]
    Nonsense(#[source] serde_json::Error),
    /// Its package is not installed.
    #[error("the package pocketsphinx is not installed")]
    Missing,
}

impl RecogniserError {
    /// Its outcome in the metrics.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Busy => "busy",
            _ => "failed",
        }
    }
}

/// Starts what is configured; it is ready a little later, if it can be had.
#[must_use]
pub fn start(config: &RecogniserConfig) -> Option<Arc<dyn Recogniser>> {
    if config.at_once == 0 {
        tracing::info!("menus are answered by keys alone: no recognisers are configured");
        return None;
    }
    let sphinx = Arc::new(Sphinx::new(config));
    tokio::spawn(Arc::clone(&sphinx).warm_up());
    Some(sphinx)
}
