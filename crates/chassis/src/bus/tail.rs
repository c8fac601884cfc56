//! Following the stream: in order, without gaps, without anything to acknowledge.

use std::time::Duration;

use async_nats::jetstream::{
    self,
    consumer::{
        DeliverPolicy,
        pull::{self, OrderedConfig},
    },
};
use contract::subject;
use futures::{FutureExt as _, StreamExt as _};

use super::{Bus, Received};

/// Where a tail begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With what comes from now on.
    Now,
    /// With what follows this sequence.
    After(u64),
    /// With the oldest fact the stream still has.
    Beginning,
}

/// A reader of the stream that survives restarts and reconnects of the bus.
pub struct Tail {
    bus: Bus,
    filters: Vec<String>,
    start: Start,
    messages: Option<pull::Ordered>,
    pending: Option<u64>,
}

impl Tail {
    pub(super) fn new(bus: Bus, filters: Vec<String>, start: Start) -> Self {
        Self { bus, filters, start, messages: None, pending: None }
    }

    /// Subscribes now: what is published after this returns will be delivered, also with [`Start::Now`].
    pub async fn ready(&mut self) {
        while self.messages.is_none() {
            match self.open().await {
                Ok((messages, pending)) => {
                    self.messages = Some(messages);
                    self.pending = Some(pending);
                }
                Err(error) => {
                    tracing::debug!(error = %error, "a tail waits for the bus");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
    }

    /// How many facts the stream held after the last one, when that was sent; none before [`Tail::ready`].
    pub fn pending(&self) -> Option<u64> {
        self.pending
    }

    /// The next fact. Waits for as long as it takes; what does not decode is skipped.
    pub async fn next(&mut self) -> Received {
        loop {
            let message = self.next_message().await;
            match Received::read(&message) {
                // Dead letters handed back to one consumer.
                Ok(received) if received.subject.starts_with("switchboard.evt.replay.") => {}
                Ok(received) => return received,
                Err(error) => tracing::warn!(error, "a message of the stream is no envelope"),
            }
        }
    }

    /// The next message, whatever it is.
    pub(super) async fn next_message(&mut self) -> jetstream::Message {
        let mut connections = self.bus.connections();
        connections.mark_unchanged();
        loop {
            self.ready().await;
            let Some(messages) = self.messages.as_mut() else { continue };
            let message = tokio::select! {
                message = messages.next() => message,
                // What was being received may have a gap or hang until a time-out: begin again after the last.
                _ = connections.changed() => None,
            };
            match message {
                Some(Ok(message)) => {
                    self.start = Start::After(sequence_of(&message));
                    self.pending = message.info().ok().map(|info| info.pending);
                    return message;
                }
                Some(Err(error)) => {
                    tracing::debug!(%error, "a tail begins again");
                    self.messages = None;
                }
                None => self.messages = None,
            }
        }
    }

    /// A message that is here already, if there is one.
    pub(super) fn ready_message(&mut self) -> Option<jetstream::Message> {
        match self.messages.as_mut()?.next().now_or_never()?? {
            Ok(message) => {
                self.start = Start::After(sequence_of(&message));
                self.pending = message.info().ok().map(|info| info.pending);
                Some(message)
            }
            Err(error) => {
                tracing::debug!(%error, "a tail begins again");
                self.messages = None;
                None
            }
        }
    }

    async fn open(&mut self) -> Result<(pull::Ordered, u64), Box<dyn std::error::Error + Send + Sync>> {
        // "Now" is fixed at the first subscription, so that a reconnect leaves no gap.
        if self.start == Start::Now {
            self.start = Start::After(self.bus.last_sequence().await?);
        }
        let config = OrderedConfig {
            filter_subjects: self.filters.clone(),
            deliver_policy: match self.start {
                Start::After(sequence) => DeliverPolicy::ByStartSequence { start_sequence: sequence + 1 },
                Start::Beginning | Start::Now => DeliverPolicy::All,
            },
            ..OrderedConfig::default()
        };
        let stream = self.bus.jetstream().get_stream_no_info(subject::EVENTS).await?;
        let consumer = stream.create_consumer(config).await?;
        let pending = consumer.cached_info().num_pending;
        Ok((consumer.messages().await?, pending))
    }
}

pub(super) fn sequence_of(message: &jetstream::Message) -> u64 {
    message.info().map(|info| info.stream_sequence).unwrap_or_default()
}
