//! Flows against a real Postgres, a real NATS and a real directory, over gRPC.

mod advance;
mod apply;
mod support;
