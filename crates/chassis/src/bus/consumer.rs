//! Durable consumers: at least once, in stream order, one transaction a batch, an inbox that makes it once.
//!
//! The position in the stream is a row of the same transaction, so that a restart reads on exactly there; the bus keeps no
//! acknowledgements that could get ahead of what was committed. A batch that fails is done again message by message; a message that keeps failing waits in place, with back-off, so
//! that nothing overtakes it, and is buried as a dead letter in the end.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use contract::{Event, subject};
use sqlx::AssertSqlSafe;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::{Bus, DeadLetters, Received, Start, Tail, delivery::Delivery};
use crate::{
    db::{Db, Tx, TxError},
    metrics, telemetry,
};

/// Messages handled in one transaction, at most.
const BATCH: usize = 512;
/// Messages passed over before the position is noted all the same, so that a restart reads no more than these again.
const PASSED: usize = 1_000;
/// Spans of producers that a batch's span is linked to, at most.
const LINKS: usize = 32;
/// Tries before a message is buried.
const ATTEMPTS: u32 = 8;
/// How long a lease of a dead replica keeps its consumer idle.
const LEASE: Duration = Duration::from_secs(3);

/// Why a handler did not handle a message.
#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// Something it needs is away: tried again for as long as it takes.
    #[error("something the handler needs is away")]
    Away(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It may work next time: tried a few times, then buried.
    #[error("the message could not be handled")]
    Retry(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It never works: buried at once.
    #[error("the message can't be handled")]
    Dead(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl HandleError {
    /// To be tried a few times more.
    pub fn retry(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Retry(source.into())
    }

    /// Never to be tried again.
    pub fn dead(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Dead(source.into())
    }

    /// To be tried until what it needs is back.
    pub fn away(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Away(source.into())
    }
}

impl From<sqlx::Error> for HandleError {
    fn from(error: sqlx::Error) -> Self {
        if is_away(&error) { Self::Away(Box::new(error)) } else { Self::Retry(Box::new(error)) }
    }
}

impl From<TxError> for HandleError {
    fn from(TxError::Database(error): TxError) -> Self {
        error.into()
    }
}

/// True when the server is the trouble and not the statement: no connection, shutting down, out of resources.
fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(database) => database.code().is_some_and(|code| {
            code.starts_with("08")
                || code.starts_with("53")
                || code.starts_with("57")
                || code.starts_with("40")
        }),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        _ => false,
    }
}

/// Handles the messages of a consumer inside the transaction that also marks them as seen.
pub trait Handler: Send + Sync + 'static {
    /// Handles one message that has not been handled before. `tx` is entered for its tenant.
    fn handle(
        &self,
        tx: &mut Tx,
        received: &Received,
    ) -> impl Future<Output = Result<(), HandleError>> + Send;

    /// False for what concerns this handler in nothing: it costs no transaction.
    fn wants(&self, received: &Received) -> bool {
        let _ = received;
        true
    }

    /// Handles several, in order; override it to save statements. `tx` must be entered for each message's tenant.
    fn handle_batch(
        &self,
        tx: &mut Tx,
        batch: &[&Received],
    ) -> impl Future<Output = Result<(), HandleError>> + Send {
        async move {
            for received in batch {
                tx.enter(&received.envelope.tenant_id).await?;
                self.handle(tx, received).await?;
            }
            Ok(())
        }
    }

    /// Told after the transaction of these messages committed: for caches and watchers.
    fn committed(&self, batch: &[&Received]) {
        let _ = batch;
    }
}

type Handling<'a> = Pin<Box<dyn Future<Output = Result<(), HandleError>> + Send + 'a>>;

trait AnyHandler: Send + Sync + 'static {
    fn is_wanted(&self, received: &Received) -> bool;
    fn handle_all<'a>(&'a self, tx: &'a mut Tx, batch: &'a [&'a Received]) -> Handling<'a>;
    fn told(&self, batch: &[&Received]);
}

impl<H: Handler> AnyHandler for H {
    fn is_wanted(&self, received: &Received) -> bool {
        self.wants(received)
    }

    fn handle_all<'a>(&'a self, tx: &'a mut Tx, batch: &'a [&'a Received]) -> Handling<'a> {
        Box::pin(self.handle_batch(tx, batch))
    }

    fn told(&self, batch: &[&Received]) {
        self.committed(batch);
    }
}

/// A durable consumer of some facts. Its position and inbox are kept under its name: never change it.
pub struct Consumer {
    name: &'static str,
    facts: Vec<(&'static str, &'static str)>,
    handler: Arc<dyn AnyHandler>,
    pace: Duration,
}

impl Consumer {
    /// Consumes the facts `(context, name)`: `("router", "offer_made")`, or `("router", "*")` for all of a context.
    pub fn new(name: &'static str, facts: &[(&'static str, &'static str)], handler: impl Handler) -> Self {
        Self { name, facts: facts.to_vec(), handler: Arc::new(handler), pace: Duration::ZERO }
    }

    /// Begins transactions at least `pace` apart, unless one is full. A lone message is handled at once; under load what
    /// arrives meanwhile shares one transaction, because a transaction costs far more than the messages in it.
    #[must_use]
    pub fn paced(mut self, pace: Duration) -> Self {
        self.pace = pace;
        self
    }
}

/// A consumer at work in a process.
pub(crate) struct ConsumerTask {
    service: &'static str,
    durable: String,
    consumer: Consumer,
    db: Db,
    bus: Bus,
}

impl ConsumerTask {
    pub(crate) fn new(service: &'static str, consumer: Consumer, db: Db, bus: Bus) -> Self {
        Self { service, durable: format!("{service}-{}", consumer.name), consumer, db, bus }
    }

    /// Runs until `stop`: takes the lease, then batches, for ever.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let lease = self.bus.lease(&format!("consumer/{}", self.durable), LEASE);
        while !stop.is_cancelled() {
            let held = tokio::select! {
                () = stop.cancelled() => return,
                held = lease.acquire() => held,
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = held.lost() => {}
                outcome = self.consume() => if let Err(error) = outcome {
                    tracing::debug!(consumer = self.durable, error = &error as &dyn std::error::Error, "a consumer begins again");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                },
            }
            held.release().await;
        }
    }

    /// Reads on from where the last committed transaction stood. What was read and not committed is read again.
    async fn consume(&self) -> Result<(), HandleError> {
        let mut filters: Vec<String> =
            self.consumer.facts.iter().map(|(context, name)| subject::events_named(context, name)).collect();
        filters.push(subject::events_named("replay", &self.durable));
        let mut start = self.position().await?.map_or(Start::Beginning, Start::After);
        if let Start::After(position) = start
            && position > self.bus.last_sequence().await.map_err(HandleError::away)?
        {
            tracing::warn!(
                consumer = self.durable,
                position,
                "the stream is younger than this consumer, which reads it from its beginning"
            );
            start = Start::Beginning;
        }
        let mut tail = self.bus.tail(filters, start);
        let mut not_before = tokio::time::Instant::now();
        let mut passed = 0;
        loop {
            let mut messages = vec![tail.next_delivery().await];
            gather(&mut tail, &mut messages, not_before).await;
            not_before = tokio::time::Instant::now() + self.consumer.pace;
            if self.take(&messages, passed >= PASSED).await {
                passed = 0;
            } else {
                passed += messages.len();
            }
        }
    }

    async fn position(&self) -> Result<Option<u64>, HandleError> {
        let statement =
            format!("SELECT sequence FROM {}.consumer_position WHERE consumer = $1", self.db.schema());
        let row: Option<(i64,)> = sqlx::query_as(AssertSqlSafe(statement))
            .bind(self.consumer.name)
            .fetch_optional(self.db.pool())
            .await?;
        Ok(row.and_then(|(sequence,)| u64::try_from(sequence).ok()))
    }

    /// Handles a batch for good: when this returns, each message is handled, known before, unknown, unwanted, or buried.
    /// Returns whether the position was noted; `note` asks for it though nothing is wanted.
    async fn take(&self, messages: &[Arc<Delivery>], note: bool) -> bool {
        let mut known = Vec::with_capacity(messages.len());
        for message in messages {
            match message.received() {
                Ok(received) if matches!(received.envelope.event, Event::Unknown(_)) => {
                    self.count("unknown", 1);
                }
                Ok(received) if !note && !self.consumer.handler.is_wanted(&received) => {
                    self.count("unwanted", 1);
                }
                Ok(received) => known.push((message, received)),
                Err(error) => self.bury(message, &message.message.subject, &error, 1).await,
            }
        }
        let batch: Vec<&Received> = known.iter().map(|(_, received)| received.as_ref()).collect();
        if batch.is_empty() {
            return false;
        }
        let span = tracing::info_span!(
            "consume",
            consumer = self.durable,
            messages = batch.len(),
            interaction.id = tracing::field::Empty
        );
        if let [only] = batch.as_slice() {
            span.record("interaction.id", only.envelope.interaction_id.as_str());
        }
        for received in batch.iter().take(LINKS) {
            telemetry::link(&span, &received.envelope.traceparent);
        }
        match self.handle(&batch).instrument(span).await {
            Ok(()) => {}
            Err(error) if batch.len() > 1 => {
                tracing::debug!(
                    consumer = self.durable,
                    error = &error as &dyn std::error::Error,
                    "handling a batch message by message"
                );
                for (message, received) in &known {
                    self.take_one(message, received).await;
                }
            }
            Err(_) => {
                if let Some((message, received)) = known.first() {
                    self.take_one(message, received).await;
                }
            }
        }
        true
    }

    async fn take_one(&self, message: &Delivery, received: &Received) {
        let mut attempt = 1;
        let mut pause = Duration::from_millis(20);
        loop {
            let error = match self.handle(&[received]).await {
                Ok(()) => return,
                Err(error) => error,
            };
            metrics::RETRIES.with_label_values(&[self.service, self.consumer.name]).inc();
            let give_up = match &error {
                HandleError::Away(_) => false,
                HandleError::Retry(_) => attempt >= ATTEMPTS,
                HandleError::Dead(_) => true,
            };
            if give_up {
                let text = with_sources(&error);
                return self.bury(message, &received.envelope.message_id, &text, attempt).await;
            }
            tracing::warn!(
                consumer = self.durable,
                attempt,
                message.id = received.envelope.message_id,
                interaction.id = received.envelope.interaction_id,
                error = &error as &dyn std::error::Error,
                "a message is tried again"
            );
            attempt += 1;
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    /// One transaction: inbox, handler, position.
    async fn handle(&self, batch: &[&Received]) -> Result<(), HandleError> {
        let Some(last) = batch.last() else { return Ok(()) };
        let mut tx = self.db.begin_for_every_tenant().await?;
        let message_ids: Vec<String> =
            batch.iter().map(|received| received.envelope.message_id.clone()).collect();
        let mut unseen = tx.first_times(self.consumer.name, &message_ids).await?;
        // `remove`: the same message twice in one batch is handled once.
        let new: Vec<&Received> =
            batch.iter().copied().filter(|received| unseen.remove(&received.envelope.message_id)).collect();
        if !new.is_empty() {
            self.consumer.handler.handle_all(&mut tx, &new).await?;
        }
        tx.advance(self.consumer.name, last.sequence).await?;
        tx.commit().await?;
        if !new.is_empty() {
            self.consumer.handler.told(&new);
        }
        self.count("handled", new.len());
        self.count("duplicate", batch.len() - new.len());
        Ok(())
    }

    /// Buries a message; waits for the bus as long as it takes, because a letter is all that is left of it.
    async fn bury(&self, message: &Delivery, message_id: &str, error: &str, attempts: u32) {
        let letters = DeadLetters::new(self.bus.clone());
        tracing::error!(
            consumer = self.durable,
            message.id = message_id,
            attempts,
            error,
            "a message is buried as a dead letter"
        );
        while let Err(error) =
            letters.bury(self.service, &self.durable, &message.message, message_id, error, attempts).await
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "a dead letter waits for the bus");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        self.count("dead", 1);
    }

    fn count(&self, outcome: &str, messages: usize) {
        if messages > 0 {
            metrics::CONSUMED
                .with_label_values(&[self.service, self.consumer.name, outcome])
                .inc_by(messages as u64);
        }
    }
}

/// Adds what arrives until `until`, and what lies ready then, up to a batch.
async fn gather(tail: &mut Tail, messages: &mut Vec<Arc<Delivery>>, until: tokio::time::Instant) {
    while messages.len() < BATCH {
        if let Some(message) = tail.ready_delivery() {
            messages.push(message);
        } else if let Ok(message) = tokio::time::timeout_at(until, tail.next_delivery()).await {
            messages.push(message);
        } else {
            return;
        }
    }
}

fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
