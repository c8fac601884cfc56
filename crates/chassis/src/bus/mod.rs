//! NATS: facts on JetStream, signals on plain subjects, leases in a key-value bucket.

mod consumer;
mod dead_letter;
mod delivery;
mod feed;
mod lease;
mod received;
mod tail;

use std::{future::Future, sync::Arc, time::Duration};

use async_nats::{
    Client, ConnectOptions, Event as ConnectionEvent,
    jetstream::{
        self,
        context::{PublishAckFuture, PublishErrorKind},
        kv,
        message::PublishMessage,
        stream,
    },
};
use contract::subject;
use futures::StreamExt as _;
use tokio::sync::watch;

use crate::{
    clock::{Clock, Ids},
    config::BusSettings,
    error::{ErrorKind, Failure},
    fact::Fact,
};

pub(crate) use consumer::ConsumerTask;
pub use consumer::{Consumer, HandleError, Handler};
pub use dead_letter::{DeadLetter, DeadLetters};
pub use lease::{Held, Lease};
pub use received::Received;
pub use tail::{Start, Tail};

/// How long a publish waits for its ack.
const ACK_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the bus did not do something.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// Not connected, or no answer in time. What was sent may have arrived: send it again with the same id.
    #[error("the bus is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Another leader has written since: whoever sent this is no longer in charge.
    #[error("the bus refused a stale writer")]
    Fenced,
    /// The URL or an option is wrong.
    #[error("the bus can't be reached as configured")]
    Misconfigured(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Failure for BusError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Unavailable(_) => ErrorKind::Unavailable,
            Self::Fenced | Self::Misconfigured(_) => ErrorKind::Internal,
        }
    }
}

impl BusError {
    pub(crate) fn unavailable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(source.into())
    }
}

/// Where a published fact stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// Position in the stream.
    pub sequence: u64,
    /// True when the bus had it already: nothing was added.
    pub duplicate: bool,
}

/// A process's connection to the bus.
#[derive(Clone)]
pub struct Bus {
    client: Client,
    jetstream: jetstream::Context,
    connections: watch::Receiver<u64>,
    producer: Arc<str>,
    instance: Arc<str>,
    clock: Clock,
    ids: Ids,
    feed: feed::Feed,
}

impl Bus {
    /// Connects, and makes streams and buckets if they are not there. Waits for a server that is still starting, at most 60 s.
    pub async fn connect(settings: &BusSettings, instance: &str, clock: Clock) -> Result<Self, BusError> {
        let (connected, connections) = watch::channel(0_u64);
        let options = options(settings.url.reveal())
            .name(format!("switchboard {instance}"))
            .retry_on_initial_connect()
            .connection_timeout(Duration::from_secs(5))
            .ping_interval(Duration::from_secs(5))
            .request_timeout(Some(ACK_TIMEOUT))
            .reconnect_delay_callback(|attempt| Duration::from_millis((50 * attempt as u64).min(1_000)))
            .event_callback(move |event| {
                match &event {
                    ConnectionEvent::Connected => connected.send_modify(|times| *times += 1),
                    ConnectionEvent::Disconnected => tracing::warn!("the bus is gone, connecting again"),
                    other => tracing::debug!(event = %other, "bus connection"),
                }
                async {}
            });
        let client = options
            .connect(without_credentials(settings.url.reveal()))
            .await
            .map_err(|error| BusError::Misconfigured(Box::new(error)))?;
        let jetstream = jetstream::context::ContextBuilder::new()
            .timeout(ACK_TIMEOUT)
            .ack_timeout(ACK_TIMEOUT)
            .max_ack_inflight(20_000)
            .build(client.clone());
        let bus = Self {
            feed: feed::Feed::start(jetstream.clone(), connections.clone()),
            client,
            jetstream,
            connections,
            producer: instance.into(),
            instance: instance.into(),
            clock,
            ids: Ids,
        };
        bus.wait_until_connected().await?;
        bus.make_streams(settings).await?;
        Ok(bus)
    }

    /// The same connection, with envelopes that name `service` as their origin.
    #[must_use]
    pub fn for_service(&self, service: &str) -> Self {
        Self { producer: format!("{service}/{}", self.instance).into(), ..self.clone() }
    }

    async fn wait_until_connected(&self) -> Result<(), BusError> {
        let mut connections = self.connections.clone();
        tokio::time::timeout(Duration::from_mins(1), connections.wait_for(|times| *times > 0))
            .await
            .map_err(BusError::unavailable)?
            .map_err(BusError::unavailable)?;
        Ok(())
    }

    async fn make_streams(&self, settings: &BusSettings) -> Result<(), BusError> {
        let common = stream::Config {
            storage: stream::StorageType::File,
            num_replicas: settings.replicas,
            allow_direct: true,
            ..stream::Config::default()
        };
        let events = stream::Config {
            name: subject::EVENTS.to_owned(),
            subjects: vec![subject::EVENTS_SUBJECTS.to_owned()],
            max_age: settings.keep.0,
            max_bytes: settings.max_bytes,
            duplicate_window: settings.duplicate_window.0,
            ..common.clone()
        };
        let dead = stream::Config {
            name: subject::DEAD_LETTERS.to_owned(),
            subjects: vec![subject::DEAD_LETTERS_SUBJECTS.to_owned()],
            max_age: settings.keep_dead_letters.0,
            max_bytes: 1 << 30,
            ..common
        };
        let mut attempts = 0;
        loop {
            let outcome = async {
                self.jetstream
                    .create_or_update_stream(events.clone())
                    .await
                    .map_err(BusError::unavailable)?;
                self.jetstream.create_or_update_stream(dead.clone()).await.map_err(BusError::unavailable)?;
                for bucket in [subject::LEASES, subject::INSTANCES] {
                    let config = kv::Config {
                        bucket: bucket.to_owned(),
                        history: 1,
                        num_replicas: settings.replicas,
                        ..kv::Config::default()
                    };
                    self.jetstream.create_or_update_key_value(config).await.map_err(BusError::unavailable)?;
                }
                Ok::<_, BusError>(())
            }
            .await;
            match outcome {
                Ok(()) => return Ok(()),
                Err(error) if attempts >= 60 => return Err(error),
                Err(error) => {
                    // Right after a connect the server may not answer yet ("no responders").
                    tracing::debug!(error = &error as &dyn std::error::Error, "making the streams again");
                    attempts += 1;
                    tokio::time::sleep(Duration::from_millis(250)).await;
                }
            }
        }
    }

    /// Publishes a fact and waits until the stream has it. The fact names its tenant, and its message id if it may be retried.
    pub async fn publish(&self, fact: &Fact) -> Result<Published, BusError> {
        let envelope = fact.clone().seal("", &self.producer, &self.clock, self.ids);
        let (context, name) = envelope.event.subject_tokens();
        let subject = subject::event(context, name, &envelope.tenant_id);
        let ack = self.send(&subject, &envelope.message_id, contract::wrap(&envelope)).await?;
        ack.await
    }

    /// Sends an encoded envelope; the future it returns resolves with the stream's ack.
    pub async fn send(
        &self,
        subject: &str,
        message_id: &str,
        envelope: Vec<u8>,
    ) -> Result<impl Future<Output = Result<Published, BusError>> + Send + use<>, BusError> {
        let message = PublishMessage::build().payload(envelope.into()).message_id(message_id);
        let ack = self.jetstream.send_publish(subject.to_owned(), message).await.map_err(publish_error)?;
        Ok(published(ack))
    }

    /// Sends a passing sign of life: at most once, to whoever listens now.
    pub async fn signal(&self, subject: String, fact: Fact) -> Result<(), BusError> {
        let envelope = fact.seal("", &self.producer, &self.clock, self.ids);
        self.client.publish(subject, contract::wrap(&envelope).into()).await.map_err(BusError::unavailable)
    }

    /// Listens to signals. What does not decode is skipped.
    pub async fn signals(
        &self,
        subject: String,
    ) -> Result<impl futures::Stream<Item = Received> + Send + Unpin + use<>, BusError> {
        let clock = self.clock.clone();
        let messages = self.client.subscribe(subject).await.map_err(BusError::unavailable)?;
        Ok(messages
            .filter_map(move |message| {
                let stored_at = clock.now();
                std::future::ready(contract::decode(&message.payload).ok().map(|envelope| Received {
                    envelope,
                    subject: message.subject.to_string(),
                    sequence: 0,
                    stored_at,
                }))
            })
            .boxed())
    }

    /// Follows the stream in order and without gaps, together with the other tails of this process: `filters` are subjects
    /// of [`contract::subject`].
    pub fn tail(&self, filters: Vec<String>, start: Start) -> Tail {
        Tail::new(self.clone(), filters, start, Some(self.feed.clone()))
    }

    /// The same for whoever reads what was and not what comes: by itself, to its end.
    pub fn past(&self, filters: Vec<String>, start: Start) -> Tail {
        Tail::new(self.clone(), filters, start, None)
    }

    /// A lease that one process holds at a time; `key` has letters, digits, "-", "_", "/" and ".".
    pub fn lease(&self, key: &str, ttl: Duration) -> Lease {
        Lease::new(self.clone(), key, ttl)
    }

    /// Counts connections to the bus: a change means that whatever was being received may have a gap.
    pub fn connections(&self) -> watch::Receiver<u64> {
        self.connections.clone()
    }

    /// True while connected.
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == async_nats::connection::State::Connected
    }

    /// Last sequence of the stream of facts.
    pub async fn last_sequence(&self) -> Result<u64, BusError> {
        let stream = self.jetstream.get_stream(subject::EVENTS).await.map_err(BusError::unavailable)?;
        Ok(stream.cached_info().state.last_sequence)
    }

    /// First and last sequence that the stream of facts holds; 0 and 0 when it never held any.
    pub async fn sequences(&self) -> Result<(u64, u64), BusError> {
        let stream = self.jetstream.get_stream(subject::EVENTS).await.map_err(BusError::unavailable)?;
        let state = &stream.cached_info().state;
        Ok((state.first_sequence, state.last_sequence))
    }

    /// Name of this process among its replicas.
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// What envelopes of this connection name as their origin: `service/instance`.
    pub fn producer(&self) -> &str {
        &self.producer
    }

    /// The connection, for request and reply.
    pub fn nats(&self) -> &Client {
        &self.client
    }

    /// JetStream, for what this type does not offer.
    pub fn jetstream(&self) -> &jetstream::Context {
        &self.jetstream
    }
}

async fn published(ack: PublishAckFuture) -> Result<Published, BusError> {
    let ack = ack.await.map_err(publish_error)?;
    Ok(Published { sequence: ack.sequence, duplicate: ack.duplicate })
}

fn publish_error(error: async_nats::jetstream::context::PublishError) -> BusError {
    match error.kind() {
        PublishErrorKind::WrongLastSequence => BusError::Fenced,
        _ => BusError::unavailable(error),
    }
}

/// Credentials of `nats://user:password@host` as options: the client ignores them in the URL of a plain connection.
fn options(url: &str) -> ConnectOptions {
    crate::embedded::nats_options(url)
}

fn without_credentials(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
        _ => url.to_owned(),
    }
}
