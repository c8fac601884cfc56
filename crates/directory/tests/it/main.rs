//! The directory against a real Postgres and a real NATS, over its gRPC services.

mod apply;
mod lookups;
mod sessions;
mod support;
