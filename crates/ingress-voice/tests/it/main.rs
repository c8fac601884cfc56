//! The voice service against real Postgres, NATS and SIP phones.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod calls;
mod centre;
mod control;
mod peers;
#[path = "../../../../tests/phones/driver.rs"]
mod phone;
mod raw;
mod recordings;
mod refusals;
mod registrations;
mod rough;
mod sessions;
mod sipp;
mod trunks;
