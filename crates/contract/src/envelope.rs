//! Wrapping facts for the bus, and reading them back.

use prost::Name;

use crate::{Event, Timestamp, wire};

/// A fact with everything that is known about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// Unique for ever: a consumer that has seen it does nothing.
    pub message_id: String,
    /// Slug of the tenant.
    pub tenant_id: String,
    /// UUIDv7, empty for facts about configuration and agents.
    pub interaction_id: String,
    /// `message_id` of the cause, empty at the edge.
    pub causation_id: String,
    /// When it happened, by the producer's clock.
    pub occurred_at: Timestamp,
    /// Service and instance: `ingress-voice/voice-0`.
    pub producer: String,
    /// W3C trace context of the producer, may be empty.
    pub traceparent: String,
    /// What happened.
    pub event: Event,
}

/// A message that can travel in an [`Envelope`]; implemented for every payload of [`Event`].
pub trait Message: prost::Message + Name + Default {
    /// Snake-case name, the token of the subject: `offer_made`.
    const NAME: &'static str;
    /// Context that publishes it, the token of the subject: `router`.
    const CONTEXT: &'static str;
}

/// Why bytes from the bus are not an [`Envelope`].
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not protobuf, or not this message.
    #[error("the message does not decode")]
    Malformed(#[source] prost::DecodeError),
    /// A field that must be there is not.
    #[error("{0} is missing")]
    Missing(&'static str),
}

/// Encodes an envelope for bus, outbox and Kafka.
pub fn wrap(envelope: &Envelope) -> Vec<u8> {
    prost::Message::encode_to_vec(&wire::Envelope {
        message_id: envelope.message_id.clone(),
        tenant_id: envelope.tenant_id.clone(),
        interaction_id: envelope.interaction_id.clone(),
        causation_id: envelope.causation_id.clone(),
        occurred_at: Some(envelope.occurred_at.to_proto()),
        producer: envelope.producer.clone(),
        traceparent: envelope.traceparent.clone(),
        payload: Some(envelope.event.to_any()),
    })
}

/// Reads an envelope from bus, outbox or Kafka. A payload of a type unknown here becomes [`Event::Unknown`].
pub fn decode(bytes: &[u8]) -> Result<Envelope, DecodeError> {
    let wire = <wire::Envelope as prost::Message>::decode(bytes).map_err(DecodeError::Malformed)?;
    if wire.message_id.is_empty() {
        return Err(DecodeError::Missing("message_id"));
    }
    if wire.tenant_id.is_empty() {
        return Err(DecodeError::Missing("tenant_id"));
    }
    let payload = wire.payload.ok_or(DecodeError::Missing("payload"))?;
    Ok(Envelope {
        message_id: wire.message_id,
        tenant_id: wire.tenant_id,
        interaction_id: wire.interaction_id,
        causation_id: wire.causation_id,
        occurred_at: wire.occurred_at.map(Timestamp::from).unwrap_or_default(),
        producer: wire.producer,
        traceparent: wire.traceparent,
        event: Event::from_any(&payload).map_err(DecodeError::Malformed)?,
    })
}
