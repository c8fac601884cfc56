//! What runs: the same services that run apart in their own containers.

use analytics::Analytics;
use chassis::{Process, Service};
use crm::Crm;
use directory::Directory;
use gateway::Gateway;
use ingress_chat::IngressChat;
use ingress_voice::IngressVoice;
use ivr::Ivr;
use router::Router;

/// Their names, in the order in which they start.
pub(super) const NAMES: [&str; 8] = [
    Directory::NAME,
    Ivr::NAME,
    Router::NAME,
    Crm::NAME,
    Analytics::NAME,
    IngressVoice::NAME,
    IngressChat::NAME,
    Gateway::NAME,
];

/// All of them in one process, not started yet.
pub(super) fn process() -> Process {
    Process::new("switchboard")
        .with::<Directory>()
        .with::<Ivr>()
        .with::<Router>()
        .with::<Crm>()
        .with::<Analytics>()
        .with::<IngressVoice>()
        .with::<IngressChat>()
        .with::<Gateway>()
}
