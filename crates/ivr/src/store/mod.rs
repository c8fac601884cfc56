//! The schema `ivr`.

pub mod flow;
