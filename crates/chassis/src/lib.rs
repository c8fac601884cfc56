//! What makes a library a process: configuration, telemetry, Postgres, outbox and inbox, bus, gRPC, auth, health, shutdown.

pub mod embedded;
