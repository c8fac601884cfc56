//! The keys of `[router]`; their meaning stands in `config.default.toml`.

use chassis::config::Span;
use serde::Deserialize;

/// `[router]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub lease: Span,
    pub snapshot_every: Span,
    pub answer_within: Span,
    pub keep_decisions: Span,
    pub history_every: Span,
}
