//! Where the world comes in: SIP requests, the bus, gRPC.

mod another;
pub mod bus;
mod colleagues;
pub mod devices;
pub mod grpc;
pub mod recordings;
pub mod sip;
pub mod web_calls;
