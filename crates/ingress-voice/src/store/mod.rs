//! The service's tables, one file each.

pub mod attempts;
pub mod cut_off;
pub mod live_calls;
pub mod recordings;
pub mod registrations;
