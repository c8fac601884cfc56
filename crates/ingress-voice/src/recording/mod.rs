//! Recordings: how they are encrypted, and the thread that writes them.
//!
//! - V11: what a killed process had written is playable to its last whole second.
//! - V12: nothing is written that is not encrypted, with a key of its own for every recording.

mod keys;
mod reader;
mod writer;

pub use keys::{KeyError, Keys};
pub use reader::{ReadError, Reader};
pub use writer::{BeginError, Recorder, Written};

/// First bytes of a file.
const MAGIC: &[u8; 8] = b"SWREC\0\0\x01";
/// Bytes before the first second: magic, name of the key, nonce, wrapped key with its tag.
const HEADER: usize = 8 + 8 + 12 + 48;
/// Bytes that encryption adds to a second.
const TAG: usize = 16;

/// Bytes of a channel in a second.
const BYTES_PER_SECOND: u64 = media::SAMPLE_RATE as u64;
