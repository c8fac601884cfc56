//! What a consumer gave up on: kept, listed, and handed back to that consumer on request.

use async_nats::{
    HeaderMap,
    jetstream::consumer::{DeliverPolicy, pull::OrderedConfig},
};
use contract::{Timestamp, subject};
use futures::StreamExt as _;

use super::{Bus, BusError};

const CONSUMER: &str = "Switchboard-Consumer";
const ERROR: &str = "Switchboard-Error";
const ATTEMPTS: &str = "Switchboard-Attempts";

/// A message nobody could handle.
#[derive(Clone, Debug, PartialEq)]
pub struct DeadLetter {
    /// Position in the stream of dead letters.
    pub sequence: u64,
    /// Service that gave up.
    pub service: String,
    /// Durable name of its consumer.
    pub consumer: String,
    /// Where the message was published.
    pub subject: String,
    pub message_id: String,
    pub tenant_id: String,
    pub interaction_id: String,
    /// Why, for people.
    pub error: String,
    pub attempts: u32,
    pub died_at: Timestamp,
}

/// The stream of dead letters.
pub struct DeadLetters {
    bus: Bus,
}

impl DeadLetters {
    /// The dead letters of `bus`.
    pub fn new(bus: Bus) -> Self {
        Self { bus }
    }

    /// Leaves a letter. The same message of the same consumer is one letter.
    pub(super) async fn bury(
        &self,
        service: &str,
        consumer: &str,
        message: &async_nats::jetstream::Message,
        message_id: &str,
        error: &str,
        attempts: u32,
    ) -> Result<(), BusError> {
        let mut headers = HeaderMap::new();
        headers.insert(async_nats::header::NATS_MESSAGE_ID, format!("dlq:{consumer}:{message_id}").as_str());
        headers.insert(CONSUMER, consumer);
        headers
            .insert(ERROR, error.replace(['\r', '\n'], " ").chars().take(500).collect::<String>().as_str());
        headers.insert(ATTEMPTS, attempts.to_string().as_str());
        let subject = subject::dead_letter(service, &message.subject);
        self.bus
            .jetstream()
            .publish_with_headers(subject, headers, message.payload.clone())
            .await
            .map_err(BusError::unavailable)?
            .await
            .map_err(BusError::unavailable)?;
        Ok(())
    }

    /// Letters after a sequence, oldest first, of one service or of all when `service` is empty; at most `limit`.
    pub async fn list(&self, service: &str, after: u64, limit: usize) -> Result<Vec<DeadLetter>, BusError> {
        let stream =
            self.bus.jetstream().get_stream(subject::DEAD_LETTERS).await.map_err(BusError::unavailable)?;
        let last = stream.cached_info().state.last_sequence;
        let mut letters = Vec::new();
        if stream.cached_info().state.messages == 0 || after >= last {
            return Ok(letters);
        }
        let config = OrderedConfig {
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: after + 1 },
            ..OrderedConfig::default()
        };
        let consumer = stream.create_consumer(config).await.map_err(BusError::unavailable)?;
        let mut messages = consumer.messages().await.map_err(BusError::unavailable)?;
        while letters.len() < limit {
            let Some(message) = messages.next().await else { break };
            let message = message.map_err(BusError::unavailable)?;
            let sequence = message.info().map_err(BusError::unavailable)?.stream_sequence;
            if let Some(letter) = read(&message)
                && (service.is_empty() || letter.service == service)
            {
                letters.push(letter);
            }
            if sequence >= last {
                break;
            }
        }
        Ok(letters)
    }

    /// Hands one letter back to the consumer that gave it up, and removes it. False when there is none of that sequence.
    pub async fn replay(&self, sequence: u64) -> Result<bool, BusError> {
        let stream = self
            .bus
            .jetstream()
            .get_stream_no_info(subject::DEAD_LETTERS)
            .await
            .map_err(BusError::unavailable)?;
        let Ok(raw) = stream.get_raw_message(sequence).await else { return Ok(false) };
        let consumer = raw.headers.get(CONSUMER).map(ToString::to_string).unwrap_or_default();
        let tenant = contract::decode(&raw.payload).map(|envelope| envelope.tenant_id).unwrap_or_default();
        if consumer.is_empty() || tenant.is_empty() {
            return Ok(false);
        }
        self.bus
            .send(
                &subject::event("replay", &consumer, &tenant),
                &format!("replay:{sequence}:{consumer}"),
                raw.payload.to_vec(),
            )
            .await?
            .await?;
        stream.delete_message(sequence).await.map_err(BusError::unavailable)?;
        Ok(true)
    }
}

fn read(message: &async_nats::jetstream::Message) -> Option<DeadLetter> {
    let (service, original) = subject::parse_dead_letter(&message.subject)?;
    let header = |name: &str| {
        message
            .headers
            .as_ref()
            .and_then(|headers| headers.get(name))
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    let info = message.info().ok()?;
    let envelope = contract::decode(&message.payload).ok();
    Some(DeadLetter {
        sequence: info.stream_sequence,
        service: service.to_owned(),
        consumer: header(CONSUMER),
        subject: original.to_owned(),
        message_id: envelope.as_ref().map(|envelope| envelope.message_id.clone()).unwrap_or_default(),
        tenant_id: envelope.as_ref().map(|envelope| envelope.tenant_id.clone()).unwrap_or_default(),
        interaction_id: envelope.map(|envelope| envelope.interaction_id).unwrap_or_default(),
        error: header(ERROR),
        attempts: header(ATTEMPTS).parse().unwrap_or_default(),
        died_at: Timestamp::from_millis((info.published.unix_timestamp_nanos() / 1_000_000) as i64),
    })
}
