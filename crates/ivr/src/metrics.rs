//! Metrics of the flows.

use std::sync::LazyLock;

use chassis::metrics::counter;
use prometheus::IntCounterVec;

/// Calls of `Advance`, by outcome: `advanced`, `refused` (the request is wrong), `failed` (something is away).
pub static ADVANCES: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_ivr_advances_total", "Steps through flows", &["outcome"]));

/// Sets of flows applied, by outcome: `applied`, `unchanged`, `refused`, `dry-run`, `repeated`.
pub static APPLIES: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_ivr_applies_total", "Sets of flows applied or tried", &["outcome"])
});

/// Questions about hours, by who answered: `cache`, `directory`, `stale` (the directory is away).
pub static HOURS: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_ivr_hours_total", "Questions about opening hours", &["answer"]));

/// Questions to backends, by outcome: `answered` (status 2xx), `refused` (another status), `failed` (no answer in time).
pub static REQUESTS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_ivr_backend_requests_total", "Questions of flows to backends", &["outcome"])
});

/// Customers looked up, by outcome: `known`, `unknown`, `failed`.
pub static LOOKUPS: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_ivr_lookups_total", "Customers looked up by flows", &["outcome"]));

/// Prompts uploaded, by outcome: `stored`, `same`, `refused`.
pub static UPLOADS: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_ivr_prompt_uploads_total", "Prompts uploaded", &["outcome"]));
