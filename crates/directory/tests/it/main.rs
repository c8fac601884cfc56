//! The directory against a real Postgres and a real NATS, over its gRPC services.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod apply;
mod edits;
mod lookups;
mod sessions;
mod support;
