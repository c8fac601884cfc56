//! The keys of `[ingress_chat]`. Meanings and defaults: `config.default.toml`.

use chassis::config::Span;
use serde::Deserialize;

use crate::core::Limits;

/// `[ingress_chat]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub visitor_token_lifetime: Span,
    pub vanished_waiting: Span,
    pub vanished_with_agent: Span,
    pub inactive: Span,
    pub choice_timeout: Span,
    pub presence_interval: Span,
    pub sweep_interval: Span,
    pub position_interval: Span,
    pub max_connections: usize,
    pub messages_per_second: u32,
    pub messages_burst: u32,
    pub starts_per_second: u32,
    pub starts_burst: u32,
    pub attachments_per_conversation: i64,
    pub commit_lanes: usize,
    pub commit_batch: usize,
    pub commit_linger: Span,
    pub demo_page: bool,
}

/// A value that can't work.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("ingress_chat.{key} {reason}")]
pub struct ConfigError {
    key: &'static str,
    reason: &'static str,
}

impl Config {
    /// Checks what the types can't.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let positive = [
            ("presence_interval", self.presence_interval.as_millis()),
            ("sweep_interval", self.sweep_interval.as_millis()),
            ("position_interval", self.position_interval.as_millis()),
            ("max_connections", self.max_connections as i64),
            ("messages_per_second", i64::from(self.messages_per_second)),
            ("messages_burst", i64::from(self.messages_burst)),
            ("starts_per_second", i64::from(self.starts_per_second)),
            ("starts_burst", i64::from(self.starts_burst)),
            ("commit_lanes", self.commit_lanes as i64),
            ("commit_batch", self.commit_batch as i64),
        ];
        match positive.into_iter().find(|(_, value)| *value <= 0) {
            Some((key, _)) => Err(ConfigError { key, reason: "must be more than 0" }),
            None if self.commit_lanes > 16 => {
                Err(ConfigError { key: "commit_lanes", reason: "must be at most 16" })
            }
            None if self.commit_batch > 5_000 => {
                Err(ConfigError { key: "commit_batch", reason: "must be at most 5000" })
            }
            None if self.commit_linger.as_millis() > 1_000 => {
                Err(ConfigError { key: "commit_linger", reason: "must be at most 1s" })
            }
            None => Ok(()),
        }
    }

    /// What the conversations go by.
    pub fn limits(&self) -> Limits {
        Limits {
            vanished_waiting: self.vanished_waiting.as_millis(),
            vanished_with_agent: self.vanished_with_agent.as_millis(),
            inactive: self.inactive.as_millis(),
            choice: self.choice_timeout.as_millis(),
            online: self.presence_interval.as_millis() * 3,
        }
    }
}
