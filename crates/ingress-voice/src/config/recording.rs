//! Recording: `[ingress_voice.recording]`.

use chassis::config::Span;
use serde::Deserialize;

use crate::core::call::{Policy, Rule};

/// Where and how long recordings are kept, and which calls are recorded.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordingConfig {
    pub folder: String,
    pub key_file: String,
    pub keep: Span,
    pub rules: Vec<RuleConfig>,
}

/// Which calls: `[[ingress_voice.recording.rules]]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RuleConfig {
    /// Key of a tenant; empty: all.
    pub tenant: String,
    /// Key of an entry point; empty: all, and outgoing calls.
    pub entry_point: String,
    /// Key of a queue; empty: all.
    pub queue: String,
    /// Said to the customer before; empty: nothing.
    pub consent: String,
}

impl RecordingConfig {
    /// The rules for calls of a tenant that came to this entry point.
    #[must_use]
    pub fn policy(&self, tenant: &str, entry_point: &str) -> Policy {
        let fits = |wanted: &str, is: &str| wanted.is_empty() || wanted == is;
        self.rules
            .iter()
            .filter(|rule| fits(&rule.tenant, tenant) && fits(&rule.entry_point, entry_point))
            .map(|rule| Rule { queue: rule.queue.clone(), consent: rule.consent.clone() })
            .collect()
    }
}
