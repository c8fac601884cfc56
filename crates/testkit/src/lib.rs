//! A private copy of everything for tests: real Postgres, real NATS, real services.
//!
//! - [`fresh_database`] gives a database of its own on a Postgres that all test processes share;
//! - [`Stack::infra`] adds a NATS of its own; [`Stack::own`] has a Postgres of its own too, to be killed;
//! - [`Told`] runs a service that lives from facts, on a clock that stands still;
//! - [`Centre::start`] runs the real programs on free ports, with the demo tenant;
//! - [`Home`] is a network behind a router that translates addresses, [`TurnServer`] a real relay for browsers in it.
//!
//! Nothing outlives the tests, even when they are killed: see [`cluster`] and `chassis::embedded`.

mod centre;
pub mod cluster;
mod home;
mod ports;
mod program;
mod scratch;
mod stack;
mod told;
mod turn;

pub use centre::Centre;
pub use cluster::{TestDatabase, fresh_database};
pub use home::Home;
pub use ports::free_ports;
pub use scratch::scratch_dir;
pub use stack::Stack;
pub use told::{NOON, Told};
pub use turn::TurnServer;
