//! Metrics of the gateway.

use std::sync::LazyLock;

use chassis::metrics::{counter, gauge};
use prometheus::{IntCounterVec, IntGaugeVec};

/// Calls at the edge, by service (or `unknown`) and outcome: `passed`, `no-such-service`, `unauthenticated`, `foreign-origin`,
/// `too-large`, `too-slow`, `crowded`, `unavailable`.
pub static CALLS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_gateway_calls_total", "Calls at the edge", &["service", "outcome"])
});

/// Sign-ins at the edge, by outcome: `accepted`, `refused`, `limited`, `failed`.
pub static SIGN_INS: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_gateway_sign_ins_total", "Sign-ins at the edge", &["outcome"]));

/// Desktops whose stream is open.
pub static WATCHES: LazyLock<IntGaugeVec> =
    LazyLock::new(|| gauge("switchboard_gateway_watches", "Open streams of desktops", &[]));

/// Streams of desktops that ended, by reason: `left`, `lagging`, `crowded`, `session`, `bus`, `stopping`.
pub static WATCHES_ENDED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_gateway_watches_ended_total", "Streams of desktops that ended", &["reason"])
});

/// Facts handed to desktops.
pub static EVENTS: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_gateway_events_total", "Facts handed to desktops", &["kind"]));

/// Dead letters handed back to their consumers.
pub static REPLAYED: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_gateway_replayed_total", "Dead letters handed back", &["service"]));
