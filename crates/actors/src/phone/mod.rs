//! A small softphone: just enough SIP over UDP for callers and registered agents, and real audio.
//!
//! One [`Phones`] holds one UDP socket for all telephones of a process. [`Call::dial`] makes a call; what rings a registered
//! line comes as [`Incoming`]. Requests are repeated until they are answered, as RFC 3261 wants it over UDP.

mod audio;
mod call;
mod incoming;
pub mod message;
mod registration;
mod switchboard;

pub use audio::{Heard, Voice};
pub use call::{Call, CallError};
pub use incoming::Incoming;
pub use registration::RegisterError;
pub use switchboard::Phones;
