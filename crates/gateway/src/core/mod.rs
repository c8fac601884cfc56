//! The decisions of the edge: what is public, who is interested in what, who has to wait. Pure.

pub mod interest;
pub mod parked;
pub mod public;
pub mod rate_limit;
pub mod recent;
