//! Flows against a real Postgres, a real NATS and a real directory, over gRPC.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod advance;
mod apply;
mod outside;
mod support;
