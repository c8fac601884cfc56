//! Metrics of the directory.

use std::sync::LazyLock;

use chassis::metrics::counter;
use prometheus::IntCounterVec;

/// Attempts to sign in, by outcome: `accepted`, `refused`, `throttled`, `ambiguous`.
pub static SIGN_INS: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_directory_sign_ins_total", "Attempts to sign in", &["outcome"]));

/// Sessions ended before their time, by reason: `signed-out`, `reused`, `changed`.
pub static SESSIONS_REVOKED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_directory_sessions_revoked_total", "Sessions ended before their time", &["reason"])
});

/// Centres applied, by outcome: `applied`, `unchanged`, `refused`, `dry-run`, `repeated`.
pub static APPLIES: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_directory_applies_total", "Centres applied or tried", &["outcome"])
});
