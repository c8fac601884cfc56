//! The gateway on a real bus, with the services behind it standing in at their gRPC names.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod calls;
mod chat_proxy;
mod dead_letters;
mod sessions;
mod stand_in;
mod support;
mod watch;
mod web;
