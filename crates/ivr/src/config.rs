//! The `[ivr]` table. Meanings and defaults: `config.default.toml`.

use chassis::config::Span;
use serde::Deserialize;

/// `[ivr]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub version_ttl: Span,
    pub plans: usize,
    pub hours_ttl: Span,
    pub hours_stale_for: Span,
}
