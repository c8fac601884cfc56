//! The voice service against real Postgres, NATS and SIP phones.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod answering;
mod browser;
mod browsers;
mod callbacks;
mod calls;
mod centre;
mod colleagues;
mod control;
mod cut_off;
mod hangups;
mod messages;
mod nat;
mod network;
mod peers;
#[path = "../../../../tests/phones/driver.rs"]
mod phone;
mod program;
mod raw;
mod recordings;
mod refusals;
mod registrar;
mod registrations;
mod reliable;
mod rough;
mod scale_out;
mod second_line;
mod secure;
mod sessions;
mod sipp;
mod spoken;
mod streams;
mod torture;
mod trunk_registrations;
mod trunks;
