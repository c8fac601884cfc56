//! The chat ingress against a real Postgres and a real NATS. Its neighbours (flows, directory, router) are gRPC servers of the test that
//! answer the calls it makes; `tests/journeys` has the real ones.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod agents;
mod attachments;
mod bad_input;
mod conversation;
mod durability;
mod elsewhere;
mod instances;
mod neighbours;
mod timers;
mod visitor;
mod world;
