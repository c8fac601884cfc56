//! The gateway's keys. Meanings and defaults: `config.default.toml`.

use chassis::config::Span;
use serde::Deserialize;

/// `[gateway]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub chat_upstream: String,
    pub voice_upstream: String,
    pub status_services: Vec<String>,
    pub status_timeout: Span,
    pub client_address_header: String,
    pub sign_in_failures_per_address: u32,
    pub sign_in_failures_per_login: u32,
    pub session_cookie_max_age: Span,
    pub watch_buffer: usize,
    pub watches_per_agent: usize,
    pub heartbeat: Span,
    pub body_timeout: Span,
    pub max_buffered_bytes: u32,
}

impl Config {
    /// Checks what the types do not.
    pub fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(self.watch_buffer >= 16, "gateway.watch_buffer must be at least 16");
        anyhow::ensure!(self.watches_per_agent >= 1, "gateway.watches_per_agent must be at least 1");
        anyhow::ensure!(self.heartbeat.as_millis() >= 100, "gateway.heartbeat must be at least 100ms");
        anyhow::ensure!(
            self.max_buffered_bytes >= 16 << 20,
            "gateway.max_buffered_bytes must be at least 16777216: one attachment has to fit"
        );
        Ok(())
    }
}
