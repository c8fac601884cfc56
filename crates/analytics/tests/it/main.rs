//! analytics against a real Postgres and a real NATS.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod days;
mod directory;
mod faults;
mod flows;
mod live;
mod rows;
mod story;
mod tenants;
mod watching;
mod world;
