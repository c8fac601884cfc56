//! Where messages and requests come in: decode, call app, encode.

pub mod bus;
mod convert;
pub mod grpc;
