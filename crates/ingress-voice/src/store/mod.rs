//! The service's tables, one file each.

pub mod live_calls;
pub mod registrations;
