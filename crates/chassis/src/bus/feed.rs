//! One reading of the stream for all tails of a process: what several of its services follow comes over the wire, and is
//! decoded, once.
//!
//! A tail takes a *seat* with its filters and is told the position from which it misses nothing; what was before, it reads
//! by itself. Who does not keep up loses the seat, not a message: it reads on by itself and comes back.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_nats::jetstream::{
    self,
    consumer::{DeliverPolicy, pull, pull::OrderedConfig},
};
use contract::subject;
use futures::StreamExt as _;
use tokio::sync::{mpsc, oneshot, watch};

use super::delivery::Delivery;

/// Messages that wait for one tail before it loses its seat.
const ROOM: usize = 4_096;
/// Subjects whose listeners are remembered.
const SUBJECTS: usize = 4_096;
/// Tails that wait for a seat.
const JOINS: usize = 64;
/// Between two attempts to read on.
const PAUSE: Duration = Duration::from_millis(200);

/// Where tails take their seats.
#[derive(Clone)]
pub(super) struct Feed {
    joins: mpsc::Sender<Join>,
}

/// A tail's place in the feed.
pub(super) struct Seat {
    /// Everything after this position comes through the seat.
    pub after: u64,
    /// Ends when the tail did not keep up.
    pub deliveries: mpsc::Receiver<Arc<Delivery>>,
}

struct Join {
    filters: Vec<String>,
    deliveries: mpsc::Sender<Arc<Delivery>>,
    seated: oneshot::Sender<u64>,
}

struct Listener {
    filters: Vec<String>,
    deliveries: mpsc::Sender<Arc<Delivery>>,
}

struct Reader {
    jetstream: jetstream::Context,
    connections: watch::Receiver<u64>,
    joins: mpsc::Receiver<Join>,
    listeners: Vec<Listener>,
    /// What is asked of the stream: the filters of the listeners, none within another.
    wanted: Vec<String>,
    /// Position up to which everything wanted was passed on.
    passed: u64,
    /// Who listens to a subject, by their number; forgotten when listeners change.
    of_subject: HashMap<String, Vec<usize>>,
}

impl Feed {
    /// Starts reading when the first tail joins; ends with the last handle.
    pub(super) fn start(jetstream: jetstream::Context, connections: watch::Receiver<u64>) -> Self {
        let (joins, joining) = mpsc::channel(JOINS);
        let reader = Reader {
            jetstream,
            connections,
            joins: joining,
            listeners: Vec::new(),
            wanted: Vec::new(),
            passed: 0,
            of_subject: HashMap::new(),
        };
        tokio::spawn(reader.run());
        Self { joins }
    }

    /// A seat for these filters; none when the process is ending.
    pub(super) async fn join(&self, filters: Vec<String>) -> Option<Seat> {
        let (sender, deliveries) = mpsc::channel(ROOM);
        let (seated, seat) = oneshot::channel();
        self.joins.send(Join { filters, deliveries: sender, seated }).await.ok()?;
        let after = seat.await.ok()?;
        Some(Seat { after, deliveries })
    }
}

impl Reader {
    async fn run(mut self) {
        while let Some(join) = self.joins.recv().await {
            self.passed = self.newest().await;
            self.seat(join);
            self.read().await;
        }
    }

    /// Reads for as long as somebody listens.
    async fn read(&mut self) {
        loop {
            self.connections.mark_unchanged();
            let mut messages = match self.open().await {
                Ok(messages) => messages,
                Err(error) => {
                    tracing::debug!(%error, "the feed waits for the bus");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            loop {
                tokio::select! {
                    biased;
                    join = self.joins.recv() => {
                        let Some(join) = join else { return };
                        let mut widened = self.seat(join);
                        while let Ok(join) = self.joins.try_recv() {
                            widened |= self.seat(join);
                        }
                        if widened {
                            break;
                        }
                    }
                    // What was being received may have a gap or hang until a time-out: begin again after the last.
                    _ = self.connections.changed() => break,
                    message = messages.next() => match message {
                        Some(Ok(message)) => self.pass(message),
                        Some(Err(error)) => {
                            tracing::debug!(%error, "the feed begins again");
                            tokio::time::sleep(PAUSE).await;
                            break;
                        }
                        None => {
                            tokio::time::sleep(PAUSE).await;
                            break;
                        }
                    }
                }
                if self.listeners.is_empty() {
                    self.wanted.clear();
                    return;
                }
            }
        }
    }

    async fn newest(&self) -> u64 {
        loop {
            match self.jetstream.get_stream(subject::EVENTS).await {
                Ok(stream) => return stream.cached_info().state.last_sequence,
                Err(error) => {
                    tracing::debug!(%error, "the feed waits for the stream");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn open(&self) -> Result<pull::Ordered, Box<dyn std::error::Error + Send + Sync>> {
        let config = OrderedConfig {
            filter_subjects: self.wanted.clone(),
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: self.passed + 1 },
            ..OrderedConfig::default()
        };
        let stream = self.jetstream.get_stream_no_info(subject::EVENTS).await?;
        Ok(stream.create_consumer(config).await?.messages().await?)
    }

    /// Gives a seat; true when more is wanted of the stream than before.
    fn seat(&mut self, join: Join) -> bool {
        let Join { filters, deliveries, seated } = join;
        if seated.send(self.passed).is_err() {
            return false;
        }
        self.listeners.push(Listener { filters, deliveries });
        self.of_subject.clear();
        let before = self.wanted.clone();
        self.wanted = union(self.listeners.iter().flat_map(|listener| &listener.filters));
        self.wanted != before
    }

    fn pass(&mut self, message: jetstream::Message) {
        let Some(delivery) = Delivery::of(message) else { return };
        self.passed = delivery.sequence;
        let subject = delivery.message.subject.as_str();
        if !self.of_subject.contains_key(subject) {
            if self.of_subject.len() >= SUBJECTS {
                self.of_subject.clear();
            }
            let wants = |listener: &Listener| listener.filters.iter().any(|filter| covers(filter, subject));
            let listening = self.listeners.iter().enumerate().filter(|(_, listener)| wants(listener));
            let numbers = listening.map(|(number, _)| number).collect();
            self.of_subject.insert(subject.to_owned(), numbers);
        }
        let mut lost = Vec::new();
        for number in self.of_subject.get(subject).into_iter().flatten() {
            if let Err(error) = self.listeners[*number].deliveries.try_send(Arc::clone(&delivery)) {
                if matches!(error, mpsc::error::TrySendError::Full(_)) {
                    tracing::debug!(sequence = delivery.sequence, "a tail does not keep up with the feed");
                }
                lost.push(*number);
            }
        }
        for number in lost.into_iter().rev() {
            self.listeners.swap_remove(number);
            self.of_subject.clear();
        }
    }
}

/// The widest of the filters, each once: the server refuses filters of which one contains another.
fn union<'a>(filters: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut widest: Vec<String> = Vec::new();
    for filter in filters {
        if !widest.iter().any(|wide| covers(wide, filter)) {
            widest.retain(|wide| !covers(filter, wide));
            widest.push(filter.clone());
        }
    }
    widest.sort_unstable();
    if widest.iter().enumerate().any(|(at, one)| widest[at + 1..].iter().any(|other| meet(one, other))) {
        return vec![subject::EVENTS_SUBJECTS.to_owned()];
    }
    widest
}

/// Whether everything that `narrow`, a subject or a filter, can be is also `wide`.
fn covers(wide: &str, narrow: &str) -> bool {
    let (mut wide, mut narrow) = (wide.split('.'), narrow.split('.'));
    loop {
        match (wide.next(), narrow.next()) {
            (Some(">"), Some(_)) | (None, None) => return true,
            (Some("*"), Some(token)) if token != ">" => {}
            (Some(one), Some(other)) if one == other => {}
            _ => return false,
        }
    }
}

/// Whether some subject is both.
fn meet(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.split('.'), other.split('.'));
    loop {
        match (one.next(), other.next()) {
            (Some(">"), Some(_)) | (Some(_), Some(">")) | (None, None) => return true,
            (Some(left), Some(right)) if left == right || left == "*" || right == "*" => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_covers_its_subjects_and_narrower_filters() {
        assert!(covers("switchboard.evt.>", "switchboard.evt.router.v1.offer_made.3.demo"));
        assert!(covers("a.*.c", "a.b.c") && covers("a.*.>", "a.b.c.d") && covers("a.*.c", "a.*.c"));
        assert!(covers("a.>", "a.b.>") && covers("a.>", "a.>"));
        assert!(!covers("a.*", "a.>") && !covers("a.b.>", "a.>") && !covers("a.*", "a.b.c"));
        assert!(!covers("a.>", "a") && !covers("a.b", "a.*"));
    }

    #[test]
    fn what_is_asked_of_the_stream_has_no_filter_within_another() {
        let of = |filters: &[&str]| {
            union(filters.iter().map(|filter| (*filter).to_owned()).collect::<Vec<_>>().iter())
        };

        assert_eq!(of(&["e.router.made.>", "e.crm.told.>"]), ["e.crm.told.>", "e.router.made.>"]);
        assert_eq!(of(&["e.router.made.>", "e.router.*.>", "e.router.made.>"]), ["e.router.*.>"]);
        assert_eq!(
            of(&["e.*.made.>", "e.router.*.>"]),
            [subject::EVENTS_SUBJECTS],
            "neither is within the other"
        );
    }
}
