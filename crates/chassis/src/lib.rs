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

/// The C library's allocator keeps what each of its arenas once held: after 200 passwords were hashed (19 MiB each, a few at
/// once) a centre stood at 700 MB of which it used 60.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
