//! The keys every process has. Meanings and defaults: `config.default.toml`.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{ConfigError, Secret, Span};

/// Everything a process is configured with: the shared tables, and one table for each of its services.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `[postgres]`
    pub postgres: PostgresSettings,
    /// `[nats]`
    pub nats: BusSettings,
    /// `[http]`
    pub http: HttpSettings,
    /// `[grpc]`
    pub grpc: GrpcSettings,
    /// `[auth]`
    pub auth: AuthSettings,
    /// `[peers]`: gRPC URL of each service; a service that is not named is at `default`.
    pub peers: BTreeMap<String, String>,
    /// `[telemetry]`
    pub telemetry: TelemetrySettings,
    /// `[log]`
    pub log: LogSettings,
    /// `[instance]`: name of this process among its replicas; empty: the host's name.
    pub instance: String,
    pub(super) services: Map<String, Value>,
}

impl Settings {
    /// The table of one service. Errors name the key.
    pub fn service<C: DeserializeOwned>(&self, table: &str) -> Result<C, ConfigError> {
        let value = self.services.get(table).cloned().unwrap_or_else(|| Value::Object(Map::new()));
        super::load::read(table, value)
    }

    /// Sets a key of a service's table, as the command line does: `set("ingress_voice", "sip_port", 5070.into())`.
    pub fn set(&mut self, table: &str, key: &str, value: Value) {
        let entry = self.services.entry(table.to_owned()).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(keys) = entry {
            keys.insert(key.to_owned(), value);
        }
    }
}

/// `[postgres]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostgresSettings {
    pub url: Secret,
    pub url_file: Option<PathBuf>,
    pub app_role: String,
    pub max_connections: u32,
    pub acquire_timeout: Span,
    pub statement_timeout: Span,
}

/// `[nats]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusSettings {
    pub url: Secret,
    pub url_file: Option<PathBuf>,
    pub replicas: usize,
    pub keep: Span,
    pub max_bytes: i64,
    pub duplicate_window: Span,
    pub keep_dead_letters: Span,
}

/// `[http]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSettings {
    pub listen: SocketAddr,
}

/// `[grpc]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrpcSettings {
    pub listen: SocketAddr,
    pub deadline: Span,
    pub max_message_bytes: usize,
}

/// `[auth]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthSettings {
    pub secret: Secret,
    pub secret_file: Option<PathBuf>,
}

/// `[telemetry]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelemetrySettings {
    pub otlp_endpoint: String,
    pub sample_ratio: f64,
}

/// `[log]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSettings {
    pub level: String,
    pub format: String,
}
