//! The rules of a centre, pure: what is valid, what differs, when hours are open, who may try to sign in.

pub use contract::hours;

pub mod check;
pub mod closure;
pub mod describe;
pub mod diff;
pub mod edit;
pub mod entity;
pub mod normal;
#[cfg(test)]
pub mod sample;
pub mod throttle;
