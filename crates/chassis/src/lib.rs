//! What makes a library a process: configuration, telemetry, Postgres, outbox and inbox, bus, gRPC, auth, health, shutdown.

mod auth;
mod bus;
mod clock;
pub mod config;
mod db;
pub mod embedded;
mod error;
mod fact;
mod grpc;
mod health;
mod http;
pub mod metrics;
mod runner;
mod service;
pub mod telemetry;

pub use auth::{Auth, Caller, CallerError, Claims, TokenError};
pub use bus::{
    Bus, BusError, Consumer, DeadLetter, DeadLetters, HandleError, Handler, Held, Lease, Published, Received,
    Start, Tail,
};
pub use clock::{Clock, Ids, ManualClock};
pub use db::{Db, Relay, Tx, TxError, connect_owner, open as open_pool, prepare as prepare_schema};
pub use error::{ErrorKind, Failure};
pub use fact::Fact;
pub use grpc::{Peer, Peers};
pub use health::Health;
pub use runner::{Process, Running, main};
pub use service::{Context, Parts, Service};
