//! The pure part: what a call does next, and what is read out of numbers and session descriptions.

pub mod call;
pub mod number;
pub mod registration;
pub mod sdp;
pub mod session_timer;
pub mod speech;
pub mod srtp;
pub mod trunk;
