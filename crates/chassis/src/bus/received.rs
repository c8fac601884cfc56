//! A fact as it came from the bus.

use contract::{Envelope, Timestamp};

/// A fact with its place in the stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// What happened, and to whom.
    pub envelope: Envelope,
    /// Subject it came on.
    pub subject: String,
    /// Position in the stream, 0 for signals.
    pub sequence: u64,
    /// When the stream took it, by the bus's clock.
    pub stored_at: Timestamp,
}
