//! What the router counts.

use std::sync::LazyLock;

use chassis::metrics::{counter, gauge, histogram};
use prometheus::{HistogramVec, IntCounterVec, IntGaugeVec};

/// Entries of the log that were folded, by kind: input, output, ignored.
pub static FOLDED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_router_folded_total", "Entries of the log that were read", &["kind"])
});
/// Inputs with something in them that means nothing; they are folded without it.
pub static MALFORMED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_router_malformed_total", "Parts of inputs that could not be read", &["what"])
});
/// Offers that ended, by outcome.
pub static OFFERS: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_router_offers_total", "Offers that ended", &["outcome"]));
/// Outputs the leader wrote, by outcome: written, duplicate, fenced, failed.
pub static WRITES: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_router_writes_total", "Outputs written to the log", &["outcome"]));
/// Commands answered, by kind and outcome.
pub static COMMANDS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_router_commands_total", "Commands answered", &["command", "outcome"])
});
/// Time from a command's arrival to its answer.
pub static COMMAND_SECONDS: LazyLock<HistogramVec> = LazyLock::new(|| {
    histogram("switchboard_router_command_seconds", "Time to answer commands", &["command"])
});
/// Time from the log taking an input to the log taking its last output, as the leader sees it.
pub static DECISION_SECONDS: LazyLock<HistogramVec> = LazyLock::new(|| {
    histogram(
        "switchboard_router_decision_seconds",
        "Time from an input to its outputs in the log",
        &["role"],
    )
});
/// Partitions this process leads.
pub static LED: LazyLock<IntGaugeVec> =
    LazyLock::new(|| gauge("switchboard_router_led_partitions", "Partitions led by this process", &["role"]));
/// Interactions between queued and closed.
pub static OPEN: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    gauge("switchboard_router_open_interactions", "Interactions not closed", &["partition"])
});
/// How wrong estimates of the wait were, as a share of the wait that came. Every replica that folds the log counts.
pub static ESTIMATE_ERROR: LazyLock<HistogramVec> = LazyLock::new(|| {
    histogram(
        "switchboard_router_estimate_error_ratio",
        "Absolute error of estimated waits, as a share of the wait",
        &["role"],
    )
});
/// Invariants that did not hold when a snapshot was taken.
pub static VIOLATIONS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_router_violations_total", "Invariants that did not hold", &["invariant"])
});
