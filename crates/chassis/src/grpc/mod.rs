//! gRPC: calls to other services, and the server they come in on.

mod peers;
mod server;

pub use peers::{Peer, Peers};
pub(crate) use server::{bind, serve};
