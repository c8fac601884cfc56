//! A message of the stream as every reader in the process shares it: parsed and decoded once.

use std::sync::{Arc, OnceLock};

use async_nats::jetstream;
use contract::Timestamp;

use super::Received;

/// One message.
#[derive(Debug)]
pub(super) struct Delivery {
    pub message: jetstream::Message,
    /// Position in the stream.
    pub sequence: u64,
    /// How many its consumer had still to deliver.
    pub pending: u64,
    stored_at: Timestamp,
    received: OnceLock<Result<Arc<Received>, String>>,
}

impl Delivery {
    /// Of a message as the stream sent it; none for what is not of a stream.
    pub(super) fn of(message: jetstream::Message) -> Option<Arc<Self>> {
        let info = message.info().ok()?;
        let (sequence, pending) = (info.stream_sequence, info.pending);
        let stored_at = Timestamp::from_millis((info.published.unix_timestamp_nanos() / 1_000_000) as i64);
        Some(Arc::new(Self { message, sequence, pending, stored_at, received: OnceLock::new() }))
    }

    /// The fact; the reason when it is no envelope.
    pub(super) fn received(&self) -> Result<Arc<Received>, String> {
        self.received
            .get_or_init(|| {
                let envelope = contract::decode(&self.message.payload).map_err(|error| error.to_string())?;
                Ok(Arc::new(Received {
                    envelope,
                    subject: self.message.subject.to_string(),
                    sequence: self.sequence,
                    stored_at: self.stored_at,
                }))
            })
            .clone()
    }
}
