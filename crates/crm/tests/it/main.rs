//! crm against a real Postgres and a real NATS.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod customers;
mod faults;
mod history;
mod lists;
mod recognition;
mod story;
mod tenants;
mod world;
