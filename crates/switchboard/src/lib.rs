//! The whole centre in one process, and the command line.
//!
//! ```text
//! cli.rs        what can be typed
//! commands/     one file a command: asks the centre, words the answer
//! client.rs     the way to a centre, and who acts there
//! local.rs      what `up` leaves in the data folder for the command line
//! centre/       a centre as code: YAML in, requests out, the line of every mistake
//! rehearsal.rs  flows with scripted customers
//! shop/         the sample backend of the demo
//! up/           everything in one process, with its own Postgres and NATS
//! output.rs     tables for people, JSON for programs
//! ```

pub mod centre;
pub mod cli;
pub mod client;
pub mod commands;
pub mod error;
pub mod local;
pub mod output;
mod rehearsal;
pub mod shop;
pub mod up;
