//! The chassis against real servers: nothing lost, nothing doubled, order kept, whoever is killed.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod consumers;
mod leases;
mod outbox;
mod processes;
mod support;
mod tails;
mod traces;
