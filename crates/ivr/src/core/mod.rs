//! The interpreter of flows, pure: what a channel does next, and which flows may run at all.

pub mod advance;
pub mod check;
pub mod condition;
pub mod diff;
pub mod plan;
pub mod run;
pub mod session;
mod shape;
pub mod spoken;
pub mod text;
pub mod verbs;

#[cfg(test)]
pub mod sample;
