//! The whole centre in one process, and the command line.

pub mod centre;
