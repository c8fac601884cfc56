//! Following the stream: in order, without gaps, without anything to acknowledge.
//!
//! What a tail has missed it reads by itself; then it takes a seat in the process's [`Feed`](super::feed), so that what
//! several follow comes over the wire once.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream::consumer::{
    DeliverPolicy,
    pull::{self, OrderedConfig},
};
use contract::subject;
use futures::{FutureExt as _, StreamExt as _};

use super::{
    Bus, Received,
    delivery::Delivery,
    feed::{Feed, Seat},
};

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
    feed: Option<Feed>,
    source: Source,
    pending: Option<u64>,
}

/// Where a tail reads.
enum Source {
    /// Nowhere yet, or no more.
    Closed,
    /// A reading of its own; with the seat that it takes when it has caught up.
    Own(Box<pull::Ordered>, Option<Seat>),
    /// The process's.
    Feed(Seat),
}

impl Tail {
    pub(super) fn new(bus: Bus, filters: Vec<String>, start: Start, feed: Option<Feed>) -> Self {
        Self { bus, filters, start, feed, source: Source::Closed, pending: None }
    }

    /// Subscribes now: what is published after this returns will be delivered, also with [`Start::Now`].
    pub async fn ready(&mut self) {
        while matches!(self.source, Source::Closed) {
            if let Err(error) = self.open().await {
                tracing::debug!(error = %error, "a tail waits for the bus");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }

    /// How many facts the stream held after the last one, when that was sent; none before [`Tail::ready`].
    pub fn pending(&self) -> Option<u64> {
        self.pending
    }

    /// The next fact. Waits for as long as it takes; what does not decode is skipped.
    pub async fn next(&mut self) -> Arc<Received> {
        loop {
            let delivery = self.next_delivery().await;
            match delivery.received() {
                // Dead letters handed back to one consumer.
                Ok(received) if received.subject.starts_with("switchboard.evt.replay.") => {}
                Ok(received) => return received,
                Err(error) => tracing::warn!(error, "a message of the stream is no envelope"),
            }
        }
    }

    /// The next message, whatever it is.
    pub(super) async fn next_delivery(&mut self) -> Arc<Delivery> {
        let mut connections = self.bus.connections();
        connections.mark_unchanged();
        loop {
            self.ready().await;
            let delivery = match &mut self.source {
                Source::Closed => continue,
                Source::Feed(seat) => seat.deliveries.recv().await,
                Source::Own(messages, _) => tokio::select! {
                    message = messages.next() => match message {
                        Some(Ok(message)) => Delivery::of(message),
                        Some(Err(error)) => {
                            tracing::debug!(%error, "a tail begins again");
                            None
                        }
                        None => None,
                    },
                    // What was being received may have a gap or hang until a time-out: begin again after the last.
                    _ = connections.changed() => None,
                },
            };
            match delivery {
                Some(delivery) => {
                    if let Some(delivery) = self.taken(delivery) {
                        return delivery;
                    }
                }
                None => self.source = Source::Closed,
            }
        }
    }

    /// A message that is here already, if there is one.
    pub(super) fn ready_delivery(&mut self) -> Option<Arc<Delivery>> {
        loop {
            let delivery = match &mut self.source {
                Source::Closed => return None,
                Source::Feed(seat) => match seat.deliveries.try_recv() {
                    Ok(delivery) => Some(delivery),
                    Err(tokio::sync::mpsc::error::TryRecvError::Empty) => return None,
                    Err(tokio::sync::mpsc::error::TryRecvError::Disconnected) => None,
                },
                Source::Own(messages, _) => match messages.next().now_or_never()? {
                    Some(Ok(message)) => Delivery::of(message),
                    _ => None,
                },
            };
            let Some(delivery) = delivery else {
                self.source = Source::Closed;
                return None;
            };
            if let Some(delivery) = self.taken(delivery) {
                return Some(delivery);
            }
        }
    }

    /// Notes where it stands, and changes to the feed when that has the rest; none for what was read before.
    fn taken(&mut self, delivery: Arc<Delivery>) -> Option<Arc<Delivery>> {
        if let Start::After(last) = self.start
            && delivery.sequence <= last
        {
            return None;
        }
        self.start = Start::After(delivery.sequence);
        match &mut self.source {
            Source::Own(_, seat) => {
                self.pending = Some(delivery.pending);
                if (delivery.pending == 0
                    || seat.as_ref().is_some_and(|seat| delivery.sequence >= seat.after))
                    && let Some(seat) = seat.take()
                {
                    self.source = Source::Feed(seat);
                }
            }
            Source::Feed(seat) => self.pending = Some(seat.deliveries.len() as u64),
            Source::Closed => {}
        }
        Some(delivery)
    }

    async fn open(&mut self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        // "Now" is fixed at the first subscription, so that a reconnect leaves no gap.
        if self.start == Start::Now {
            self.start = Start::After(self.bus.last_sequence().await?);
        }
        // The seat first: what its position leaves out is in the stream before the own reading begins.
        let seat = match &self.feed {
            Some(feed) => feed.join(self.filters.clone()).await,
            None => None,
        };
        let seat = match (seat, self.start) {
            (Some(seat), Start::After(last)) if last >= seat.after => {
                self.pending = Some(0);
                self.source = Source::Feed(seat);
                return Ok(());
            }
            (seat, _) => seat,
        };
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
        self.pending = Some(pending);
        self.source = match seat {
            Some(seat) if pending == 0 => Source::Feed(seat),
            seat => Source::Own(Box::new(consumer.messages().await?), seat),
        };
        Ok(())
    }
}
