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

impl Received {
    /// Reads a message of the stream; none when it is no envelope, with the reason.
    pub(super) fn read(message: &async_nats::jetstream::Message) -> Result<Self, String> {
        let info = message.info().map_err(|error| error.to_string())?;
        let envelope = contract::decode(&message.payload).map_err(|error| error.to_string())?;
        Ok(Self {
            envelope,
            subject: message.subject.to_string(),
            sequence: info.stream_sequence,
            stored_at: Timestamp::from_millis((info.published.unix_timestamp_nanos() / 1_000_000) as i64),
        })
    }
}
