//! The `[ivr]` table. Meanings and defaults: `config.default.toml`.

use std::collections::BTreeMap;

use chassis::config::{Secret, Span};
use serde::Deserialize;

/// `[ivr]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub version_ttl: Span,
    pub plans: usize,
    pub hours_ttl: Span,
    pub hours_stale_for: Span,
    pub backends: BTreeMap<String, BackendConfig>,
}

/// `[ivr.backends.NAME]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackendConfig {
    pub url: String,
    #[serde(default)]
    pub private: bool,
    #[serde(default)]
    pub token: Option<Secret>,
}
