//! Postgres: one file a table. Everything takes a transaction of its caller.

pub mod attachment;
pub mod conversation;
pub mod message;
