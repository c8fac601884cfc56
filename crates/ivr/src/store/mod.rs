//! The schema `ivr`.

pub mod flow;
pub mod prompt;
