//! A small softphone: just enough SIP over UDP for callers and registered agents, and real audio.
//!
//! One [`Phones`] holds one UDP socket for all telephones of a process. [`Call::dial`] makes a call; what rings a registered
//! line comes as [`Incoming`]. A [`Network`] is what the centre calls out to. Requests are repeated until they are answered, as RFC 3261 wants it over UDP.

mod audio;
mod call;
mod incoming;
pub mod message;
mod network;
mod registration;
mod switchboard;

pub use audio::{Heard, Voice};
pub use call::{Call, CallError};
pub use incoming::Incoming;
pub use network::Network;
pub use registration::RegisterError;
pub use switchboard::Phones;
