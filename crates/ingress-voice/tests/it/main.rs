//! The voice service against real Postgres, NATS and SIP phones.

mod calls;
mod centre;
mod peers;
#[path = "../../../../tests/phones/driver.rs"]
mod phone;
mod raw;
mod refusals;
mod registrations;
mod rough;
mod sipp;
