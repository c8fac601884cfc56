//! Decisions without I/O: who somebody is, which case it is about, what the facts add up to, how people search.

pub mod case;
pub mod history;
pub mod identity;
pub mod page;
pub mod recognition;
pub mod replay;
pub mod search;
pub mod text;
pub mod timeline;
