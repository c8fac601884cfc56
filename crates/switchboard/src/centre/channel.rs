//! Channels by name.

use contract::interaction::v1::Channel;

use super::fields::Field;

const CHANNELS: [(&str, Channel); 7] = [
    ("voice", Channel::Voice),
    ("chat", Channel::Chat),
    ("email", Channel::Email),
    ("sms", Channel::Sms),
    ("social", Channel::Social),
    ("video", Channel::Video),
    ("fax", Channel::Fax),
];

/// The channel that a field names.
pub(super) fn of(field: &Field<'_>) -> Option<Channel> {
    field.word(&CHANNELS)
}

/// The channel of this name.
pub(super) fn named(name: &str) -> Result<Channel, String> {
    CHANNELS.iter().find(|(word, _)| *word == name).map(|(_, channel)| *channel).ok_or_else(|| {
        let known = CHANNELS.map(|(word, _)| word).join(", ");
        format!("{name:?} is not a channel, choose from {known}")
    })
}
