//! What analytics counts about itself.

use std::sync::LazyLock;

use chassis::metrics::{counter, gauge};
use prometheus::{IntCounterVec, IntGaugeVec};

/// Times the figures of a tenant were rebuilt from the rows.
pub static REBUILDS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_analytics_rebuilds_total", "Times live figures were rebuilt from the rows", &[])
});
/// Open streams of live figures.
pub static WATCHERS: LazyLock<IntGaugeVec> =
    LazyLock::new(|| gauge("switchboard_analytics_watchers", "Open streams of live figures", &[]));
