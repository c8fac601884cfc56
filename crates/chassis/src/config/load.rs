//! Puts the layers on top of each other and reads them strictly.

use std::path::Path;

use config::{Config, Environment, File, FileFormat, Source, ValueKind};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Secret, Settings};

const DEFAULTS: &str = include_str!("../../config.default.toml");

/// Why a process can't be configured.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A layer is no configuration at all.
    #[error("the configuration can't be read")]
    Unreadable(#[source] config::ConfigError),
    /// A key that nobody knows, or a value of the wrong kind.
    #[error("{key}: {reason}")]
    Key { key: String, reason: String },
    /// A secret's file can't be read.
    #[error("{key}: the file can't be read")]
    SecretFile {
        key: &'static str,
        #[source]
        source: std::io::Error,
    },
}

/// Loads the settings of a process named `name` (environment prefix `NAME__`) with services whose default tables are given as
/// `(table, defaults)`: defaults, then `file` if any, then the environment.
pub fn load(name: &str, services: &[(String, &str)], file: Option<&Path>) -> Result<Settings, ConfigError> {
    let mut layers = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
    for (_, defaults) in services {
        layers = layers.add_source(File::from_str(defaults, FileFormat::Toml));
    }
    if let Some(file) = file {
        layers = layers.add_source(File::from(file).format(FileFormat::Toml));
    }
    let below = layers.clone().build().map_err(ConfigError::Unreadable)?;
    let environment = environment(name, &below, None).map_err(ConfigError::Unreadable)?;
    let merged = layers.add_source(environment).build().map_err(ConfigError::Unreadable)?;
    let tables: Map<String, Value> = merged.try_deserialize().map_err(ConfigError::Unreadable)?;
    settings(tables, services)
}

/// What the environment says, as it is merged.
#[derive(Clone, Debug)]
struct Said(config::Map<String, config::Value>);

impl Source for Said {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<config::Map<String, config::Value>, config::ConfigError> {
        Ok(self.0.clone())
    }
}

/// The environment of a process named `name`. Numbers and switches are read as such, but a text stays the text it is where
/// the layers `below` hold a text: a secret may consist of digits. `variables` stand in for the process's own.
fn environment(
    name: &str,
    below: &Config,
    variables: Option<config::Map<String, String>>,
) -> Result<Said, config::ConfigError> {
    let prefix = name.replace('-', "_").to_uppercase();
    let source = Environment::with_prefix(&prefix)
        .prefix_separator("__")
        .separator("__")
        .ignore_empty(true)
        .source(variables);
    let texts = source.collect()?;
    let mut said = source.try_parsing(true).collect()?;
    for (key, text) in texts {
        let is_text =
            below.get::<config::Value>(&key).is_ok_and(|value| matches!(value.kind, ValueKind::String(_)));
        if is_text {
            said.insert(key, text);
        }
    }
    Ok(Said(said))
}

fn settings(mut tables: Map<String, Value>, services: &[(String, &str)]) -> Result<Settings, ConfigError> {
    let mut take = |key: &str| tables.remove(key).unwrap_or(Value::Null);
    let mut settings = Settings {
        postgres: read("postgres", take("postgres"))?,
        nats: read("nats", take("nats"))?,
        http: read("http", take("http"))?,
        grpc: read("grpc", take("grpc"))?,
        auth: read("auth", take("auth"))?,
        peers: read("peers", take("peers"))?,
        telemetry: read("telemetry", take("telemetry"))?,
        log: read("log", take("log"))?,
        instance: read("instance", take("instance"))?,
        services: Map::new(),
    };
    for (table, _) in services {
        let value = take(table);
        if !value.is_null() {
            settings.services.insert(table.clone(), value);
        }
    }
    if let Some(unknown) = tables.keys().next() {
        return Err(ConfigError::Key { key: unknown.clone(), reason: "is no known table".to_owned() });
    }
    if let Some(path) = &settings.postgres.url_file {
        settings.postgres.url = secret("postgres.url_file", path)?;
    }
    if let Some(path) = &settings.nats.url_file {
        settings.nats.url = secret("nats.url_file", path)?;
    }
    if let Some(path) = &settings.auth.secret_file {
        settings.auth.secret = secret("auth.secret_file", path)?;
    }
    Ok(settings)
}

/// Reads a table strictly; errors carry the full path of the key.
pub(super) fn read<T: DeserializeOwned>(table: &str, value: Value) -> Result<T, ConfigError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let key = if path == "." { table.to_owned() } else { format!("{table}.{path}") };
        ConfigError::Key { key, reason: error.into_inner().to_string() }
    })
}

fn secret(key: &'static str, path: &Path) -> Result<Secret, ConfigError> {
    Secret::from_file(path).map_err(|source| ConfigError::SecretFile { key, source })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use config::{Config, File, FileFormat, ValueKind};

    use super::{ConfigError, DEFAULTS, environment, load};

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    #[test]
    fn the_defaults_stand_on_their_own() {
        let settings = load("nobody", &[], None).unwrap();

        assert_eq!(settings.http.listen.port(), 8080);
    }

    #[test]
    fn an_unknown_key_stops_the_start_and_is_named() {
        let misspelt = file("[postgres]\nmax_conections = 3\n");

        let error = load("nobody", &[], Some(misspelt.path())).unwrap_err();

        assert!(error.to_string().starts_with("postgres"), "{error}");
        assert!(error.to_string().contains("max_conections"), "{error}");
    }

    #[test]
    fn an_unknown_table_stops_the_start_and_is_named() {
        let misspelt = file("[postgers]\nurl = \"x\"\n");

        let error = load("nobody", &[], Some(misspelt.path())).unwrap_err();

        assert!(matches!(error, ConfigError::Key { key, .. } if key == "postgers"));
    }

    #[test]
    fn a_secret_of_digits_in_the_environment_stays_the_text_it_is() {
        let below = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml)).build().unwrap();
        let variables = [
            ("HOUSE__AUTH__SECRET", "00123456789012345678901234567890"),
            ("HOUSE__LOG__LEVEL", "true"),
            ("HOUSE__POSTGRES__MAX_CONNECTIONS", "20"),
            ("HOUSE__TELEMETRY__SAMPLE_RATIO", "0.5"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()));

        let said = environment("house", &below, Some(variables.into())).unwrap();

        let kind = |key: &str| said.0[key].kind.clone();
        assert_eq!(kind("auth.secret"), ValueKind::String("00123456789012345678901234567890".into()));
        assert_eq!(kind("log.level"), ValueKind::String("true".into()));
        assert_eq!(kind("postgres.max_connections"), ValueKind::I64(20));
        assert_eq!(kind("telemetry.sample_ratio"), ValueKind::Float(0.5));
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_named_with_its_key() {
        let wrong = file("[grpc]\ndeadline = \"15\"\n");

        let error = load("nobody", &[], Some(wrong.path())).unwrap_err();

        assert!(error.to_string().starts_with("grpc.deadline: "), "{error}");
    }
}
