//! What is at the other end of a line: `[ingress_voice.answering]`.

use chassis::config::Span;
use serde::Deserialize;

use crate::core::call::{Answering, OnMachine};

/// Bounds of the time in which it is decided what has answered, milliseconds.
const WITHIN: std::ops::RangeInclusive<i64> = 1_000..=10_000;

/// How answers of outgoing calls are judged, and what is done with machines.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnsweringConfig {
    pub detect: bool,
    pub within: Span,
    pub fax_within: Span,
    pub rules: Vec<AnsweringRule>,
}

/// Which call-backs: `[[ingress_voice.answering.rules]]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnsweringRule {
    /// Key of a tenant; empty: all.
    pub tenant: String,
    /// Key of a queue; empty: all.
    pub queue: String,
    #[serde(deserialize_with = "on_machine")]
    pub on_machine: OnMachine,
    /// Left on machines; empty: nothing.
    pub message: String,
}

impl AnsweringConfig {
    /// The first rule that fits counts; without one agents are connected at once and told.
    #[must_use]
    pub fn policy(&self, tenant: &str, queue: &str) -> Answering {
        let fits = |wanted: &str, is: &str| wanted.is_empty() || wanted == is;
        let rule = self.rules.iter().find(|rule| fits(&rule.tenant, tenant) && fits(&rule.queue, queue));
        let within = self.within.as_millis().clamp(*WITHIN.start(), *WITHIN.end());
        Answering {
            detects: self.detect,
            on_machine: rule.map(|rule| rule.on_machine).unwrap_or_default(),
            message: rule.map(|rule| rule.message.trim().to_owned()).unwrap_or_default(),
            within_ms: u32::try_from(within).unwrap_or_default(),
        }
    }
}

fn on_machine<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<OnMachine, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "connect" => Ok(OnMachine::Connect),
        "hang_up" => Ok(OnMachine::HangUp),
        "leave_message" => Ok(OnMachine::LeaveMessage),
        other => Err(serde::de::Error::custom(format!(
            "on_machine must be \"connect\", \"hang_up\" or \"leave_message\", not {other:?}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_fits_counts_and_without_one_the_agent_is_told() {
        let rule = |tenant: &str, queue: &str, on_machine| AnsweringRule {
            tenant: tenant.to_owned(),
            queue: queue.to_owned(),
            on_machine,
            message: " Please call us. ".to_owned(),
        };
        let config = AnsweringConfig {
            detect: true,
            within: "500ms".parse().unwrap(),
            fax_within: "30s".parse().unwrap(),
            rules: vec![
                rule("demo", "billing", OnMachine::LeaveMessage),
                rule("demo", "", OnMachine::HangUp),
            ],
        };

        let policy = config.policy("demo", "billing");
        assert_eq!(
            (policy.on_machine, policy.message.as_str()),
            (OnMachine::LeaveMessage, "Please call us.")
        );
        assert_eq!(config.policy("demo", "sales").on_machine, OnMachine::HangUp);
        let other = config.policy("other", "sales");
        assert_eq!(
            (other.on_machine, other.message.as_str(), other.within_ms),
            (OnMachine::Connect, "", 1_000)
        );
    }
}
