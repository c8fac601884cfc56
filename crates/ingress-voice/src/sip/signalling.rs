//! What carries a phone's or a trunk's SIP.

use rsipstack::sip::Transport;
use serde::Deserialize;

/// The carrier of SIP messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Signalling {
    /// Datagrams.
    #[default]
    Udp,
    /// A connection.
    Tcp,
    /// A connection that nobody else reads.
    Tls,
}

impl Signalling {
    /// As the stack calls it.
    #[must_use]
    pub fn transport(self) -> Transport {
        match self {
            Self::Udp => Transport::Udp,
            Self::Tcp => Transport::Tcp,
            Self::Tls => Transport::Tls,
        }
    }

    /// Of a transport; none for those that are not spoken here.
    #[must_use]
    pub fn of(transport: Transport) -> Option<Self> {
        [Self::Udp, Self::Tcp, Self::Tls].into_iter().find(|one| one.transport() == transport)
    }
}
