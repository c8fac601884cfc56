//! Between the published language and the core's own: events in, effects out, views for people.

pub(crate) mod inputs;
pub(crate) mod outputs;
pub(crate) mod views;

use contract::interaction::v1 as interaction;
use uuid::Uuid;

use crate::core::{Channel, InteractionId, MessageId};

/// The core's channel of a published one; none when it is not said.
pub(crate) fn channel(number: i32) -> Option<Channel> {
    Some(match interaction::Channel::try_from(number).ok()? {
        interaction::Channel::Unspecified => return None,
        interaction::Channel::Voice => Channel::Voice,
        interaction::Channel::Chat => Channel::Chat,
        interaction::Channel::Email => Channel::Email,
        interaction::Channel::Sms => Channel::Sms,
        interaction::Channel::Social => Channel::Social,
        interaction::Channel::Video => Channel::Video,
        interaction::Channel::Fax => Channel::Fax,
    })
}

/// The published number of a channel.
pub(crate) const fn channel_number(channel: Channel) -> i32 {
    (match channel {
        Channel::Voice => interaction::Channel::Voice,
        Channel::Chat => interaction::Channel::Chat,
        Channel::Email => interaction::Channel::Email,
        Channel::Sms => interaction::Channel::Sms,
        Channel::Social => interaction::Channel::Social,
        Channel::Video => interaction::Channel::Video,
        Channel::Fax => interaction::Channel::Fax,
    }) as i32
}

/// The 128 bits of an interaction's UUID; none when it is no UUID.
pub(crate) fn interaction_id(text: &str) -> Option<InteractionId> {
    Uuid::try_parse(text).ok().map(|id| InteractionId(id.as_u128()))
}

/// The UUID as everybody else writes it.
pub(crate) fn interaction_text(id: InteractionId) -> String {
    Uuid::from_u128(id.0).to_string()
}

/// 128 bits of any message id: a UUID's own, else those derived from the text.
pub(crate) fn message_id(text: &str) -> MessageId {
    let id = Uuid::try_parse(text).unwrap_or_else(|_| Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()));
    MessageId(id.as_u128())
}
