//! The edge for people and programs: sign-in, agent desktop, public gRPC and gRPC-web.
