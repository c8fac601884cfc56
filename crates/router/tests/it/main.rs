//! The router against real Postgres and NATS, in this process and as processes that are killed.

mod commands;
mod failover;
mod log;
mod processes;
mod world;
