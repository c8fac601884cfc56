//! What runs: the same services that run apart in their own containers.

use chassis::Process;

/// Their names, in the order in which they start.
pub(super) const NAMES: [&str; 0] = [];

/// All of them in one process, not started yet.
pub(super) fn process() -> Process {
    Process::new("switchboard")
}
