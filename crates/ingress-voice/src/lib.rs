//! Telephone calls: SIP signalling, call control and media.

pub mod core;
pub mod engine;
