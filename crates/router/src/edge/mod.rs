//! Where the world touches the router: the log it follows and leads, the offers it writes down, gRPC.

pub(crate) mod follow;
pub(crate) mod grpc;
pub(crate) mod history;
pub(crate) mod lead;
pub(crate) mod record;
