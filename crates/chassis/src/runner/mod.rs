//! Runs services: one alone in its container, or all of them in one process. The same code either way.

mod main;
mod process;
mod running;

pub use main::main;
pub use process::Process;
pub use running::Running;
