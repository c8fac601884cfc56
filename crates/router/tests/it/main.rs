//! The router against real Postgres and NATS, in this process and as processes that are killed.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod by_hand;
mod commands;
mod failover;
mod history;
mod log;
mod processes;
mod proxy;
mod recovery;
mod sound;
mod world;
