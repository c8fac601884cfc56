//! What crm counts.

use std::sync::LazyLock;

use chassis::metrics::counter;
use prometheus::IntCounterVec;

/// Interactions whose customer was recognised, by outcome: known, new.
pub static RECOGNISED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_crm_recognised_total", "Interactions whose customer was recognised", &["outcome"])
});
/// Interactions whose identities belong to several customers; the strongest decided.
pub static AMBIGUOUS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_crm_ambiguous_total", "Interactions with identities of several customers", &[])
});
/// Messages kept, by outcome: new, known.
pub static MESSAGES: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_crm_messages_total", "Messages of interactions", &["outcome"]));
