//! How the outside reaches the chat: WebSocket for visitors, HTTP for files and pages, gRPC for agents.

mod attachments;
mod connection;
mod dialogue;
pub mod frames;
pub mod grpc;
pub mod http;
mod pages;
mod translate;
