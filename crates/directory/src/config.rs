//! The `[directory]` table. Meanings and defaults: `config.default.toml`.

use chassis::config::Span;
use serde::Deserialize;

/// `[directory]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub access_token_ttl: Span,
    pub session_ttl: Span,
    pub password_min_length: usize,
    pub password_hashing_slots: usize,
    pub password_hashing_queue: usize,
    pub argon2_memory_kib: u32,
    pub argon2_passes: u32,
    pub sign_in_free_failures: u32,
    pub sign_in_first_wait: Span,
    pub sign_in_longest_wait: Span,
}
