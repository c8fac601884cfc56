//! SIP as the rest of the service sees it: a running stack, who calls, digest, agents rung.
//!
//! The stack is `rsipstack`; its types stay inside this module and `edge/sip`, so that it can be replaced.

pub mod address;
pub mod caller;
pub mod digest;
pub mod directions;
pub mod refer;
pub mod register;
pub mod reliable;
pub mod ring;
pub mod screen;
pub mod session;
pub mod sign_in;
pub mod signalling;
pub mod spelling;
pub mod stack;
pub mod streams;
pub mod translated;
pub mod trunk;
