//! The router against real Postgres and NATS.
