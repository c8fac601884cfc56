//! Channels as small numbers, sets of them, and values per channel.

use std::ops::{Index, IndexMut};

use serde::{Deserialize, Serialize};

/// How many channels there are.
pub const CHANNELS: usize = 7;

/// The kind of line between customer and centre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Channel {
    /// Telephone.
    Voice,
    /// Web and app chat.
    Chat,
    /// Electronic mail.
    Email,
    /// Text messages.
    Sms,
    /// Social networks and messengers.
    Social,
    /// Video call.
    Video,
    /// Facsimile.
    Fax,
}

impl Channel {
    /// Every channel, in the order of their numbers.
    pub const ALL: [Self; CHANNELS] =
        [Self::Voice, Self::Chat, Self::Email, Self::Sms, Self::Social, Self::Video, Self::Fax];

    /// Lower-case name: `voice`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Voice => "voice",
            Self::Chat => "chat",
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Social => "social",
            Self::Video => "video",
            Self::Fax => "fax",
        }
    }
}

/// A set of channels in one byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelSet(u8);

impl ChannelSet {
    /// No channel.
    pub const EMPTY: Self = Self(0);
    /// Every channel.
    pub const ALL: Self = Self((1 << CHANNELS) - 1);

    /// The set of the given channels.
    pub fn of(channels: &[Channel]) -> Self {
        channels.iter().fold(Self::EMPTY, |set, channel| set.with(*channel))
    }

    /// The set and `channel`.
    #[must_use]
    pub const fn with(self, channel: Channel) -> Self {
        Self(self.0 | 1 << channel as u8)
    }

    /// What is in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is here and not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether `channel` is in the set.
    pub const fn has(self, channel: Channel) -> bool {
        self.0 & (1 << channel as u8) != 0
    }

    /// Whether nothing is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// One value for each channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerChannel<T>(pub [T; CHANNELS]);

impl<T> Index<Channel> for PerChannel<T> {
    type Output = T;

    fn index(&self, channel: Channel) -> &T {
        &self.0[channel as usize]
    }
}

impl<T> IndexMut<Channel> for PerChannel<T> {
    fn index_mut(&mut self, channel: Channel) -> &mut T {
        &mut self.0[channel as usize]
    }
}
