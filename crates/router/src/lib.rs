//! The automatic contact distributor: which agent is offered which interaction, and why.

pub mod core;
pub mod simulation;
