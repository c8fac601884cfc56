//! One thread writes all recordings: it takes seconds from the media threads, encrypts and appends them.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
};

use media::g711::Law;
use thiserror::Error;
use tokio::sync::oneshot;

use super::{BYTES_PER_SECOND, Keys, keys::FileKey};
use crate::{
    engine::{BLOCK_BYTES, Block, TapeSink, Taped},
    metrics,
};

/// Seconds that may wait for the writer, of all recordings together.
const QUEUE: usize = 4_096;
/// Seconds one recording holds in memory.
const BLOCKS: usize = 4;
/// Longest gap that is filled with silence, in seconds.
const LONGEST_GAP: u64 = 3_600;

/// Why a recording does not begin.
#[derive(Debug, Error)]
pub enum BeginError {
    /// No key is configured.
    #[error("there is no key to encrypt with")]
    NoKey,
    /// The file can't be made.
    #[error("the file can't be made")]
    File(#[source] io::Error),
}

/// What was written when a recording has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Milliseconds of sound.
    pub length_ms: u64,
}

struct Open {
    file: File,
    key: FileKey,
    next: u64,
    bytes: u64,
    back: SyncSender<Block>,
    done: Option<oneshot::Sender<Written>>,
    broken: bool,
}

/// Where recordings are begun. Cheap to share; the thread ends when the last clone and the last tape are gone.
#[derive(Clone)]
pub struct Recorder {
    inner: Arc<Inner>,
    full: SyncSender<Taped>,
}

struct Inner {
    folder: PathBuf,
    keys: Keys,
    next: AtomicU64,
    open: Mutex<HashMap<u64, Open>>,
}

impl Recorder {
    /// Starts the writer for files below `folder`.
    pub fn start(folder: PathBuf, keys: Keys) -> io::Result<Self> {
        let (full, filled) = sync_channel(QUEUE);
        let inner = Arc::new(Inner { folder, keys, next: AtomicU64::new(1), open: Mutex::default() });
        let of_the_thread = Arc::clone(&inner);
        std::thread::Builder::new().name("recorder".to_owned()).spawn(move || of_the_thread.run(&filled))?;
        Ok(Self { inner, full })
    }

    /// The keys, for reading.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.inner.keys
    }

    /// Where a recording's file is.
    #[must_use]
    pub fn path(&self, relative: &str) -> PathBuf {
        self.inner.folder.join(relative)
    }

    /// Makes the file of a recording; its end is told. Touches the disk: not for a call's own task.
    pub fn begin(
        &self,
        recording_id: &str,
        relative: &str,
    ) -> Result<(TapeSink, oneshot::Receiver<Written>), BeginError> {
        let mut random = [0; 44];
        rand::fill(&mut random);
        let (key, header) = self.inner.keys.seal(recording_id, random).ok_or(BeginError::NoKey)?;
        let path = self.path(relative);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(BeginError::File)?;
        }
        let mut file =
            OpenOptions::new().append(true).create_new(true).open(&path).map_err(BeginError::File)?;
        file.write_all(&header).map_err(BeginError::File)?;
        let tape = self.inner.next.fetch_add(1, Ordering::Relaxed);
        let (back, empty) = sync_channel(BLOCKS);
        for _ in 0..BLOCKS {
            // The channel has just been made with this much room.
            let _ = back.try_send(Block::default());
        }
        let (done, told) = oneshot::channel();
        let open = Open { file, key, next: 0, bytes: 0, back, done: Some(done), broken: false };
        self.inner.lock().insert(tape, open);
        Ok((TapeSink { tape, full: self.full.clone(), empty }, told))
    }

    /// Ends a recording whose tape never came to be or lost its end.
    pub fn end(&self, tape: u64) {
        if let Some(open) = self.inner.lock().remove(&tape) {
            open.finish();
        }
    }
}

impl Inner {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, filled: &Receiver<Taped>) {
        while let Ok(taped) = filled.recv() {
            match taped {
                Taped::Block { tape, block } => {
                    // Out of the map while it is written: beginning a recording never waits for the disk.
                    let Some(mut open) = self.lock().remove(&tape) else { continue };
                    open.write(block);
                    self.lock().insert(tape, open);
                }
                Taped::End { tape } => {
                    let ended = self.lock().remove(&tape);
                    if let Some(open) = ended {
                        open.finish();
                    }
                }
            }
        }
    }
}

impl Open {
    fn write(&mut self, mut block: Block) {
        if !self.broken
            && let Err(error) = self.append(&block)
        {
            // The call goes on; what was written so far stays playable.
            tracing::error!(%error, "a recording can't be written");
            metrics::RECORDINGS.with_label_values(&["broken"]).inc();
            self.broken = true;
        }
        block.bytes.fill(Law::Mu.silence());
        let _ = self.back.try_send(block);
    }

    fn append(&mut self, block: &Block) -> io::Result<()> {
        let gap = block.number.saturating_sub(self.next).min(LONGEST_GAP);
        for _ in 0..gap {
            self.second(vec![Law::Mu.silence(); BLOCK_BYTES])?;
        }
        let length = block.length.min(BLOCK_BYTES);
        self.second(block.bytes[..length].to_vec())
    }

    fn second(&mut self, mut bytes: Vec<u8>) -> io::Result<()> {
        let length = bytes.len() as u64;
        if !self.key.encrypt(self.next, &mut bytes) {
            return Err(io::Error::other("encryption failed"));
        }
        // One write a second: a killed process leaves whole seconds, or a last one that is known to be broken.
        self.file.write_all(&bytes)?;
        self.next += 1;
        self.bytes += length;
        Ok(())
    }

    fn finish(mut self) {
        if let Err(error) = self.file.sync_data() {
            tracing::warn!(%error, "a recording was not flushed to the disk");
        }
        if let Some(done) = self.done.take() {
            let _ = done.send(Written { length_ms: self.bytes * 1_000 / (2 * BYTES_PER_SECOND) });
        }
    }
}
