//! Where calls, pages and facts come in.

pub mod bus;
pub mod chat_proxy;
pub mod cookie;
pub mod grpc;
pub mod http;
pub mod web;
