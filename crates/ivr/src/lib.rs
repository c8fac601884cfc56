//! Flows for every channel, versioned, and their pure interpreter: what happens to a customer before, and without, an
//! agent.

pub mod core;
