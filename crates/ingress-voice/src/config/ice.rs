//! STUN and TURN servers that browsers are told of.

use chassis::config::{Secret, Span};
use serde::{Deserialize, Deserializer, de::Error as _};

use super::Config;

/// A desk asks for credentials every half minute: what ends sooner would be refused by the relay.
const SHORTEST: Span = Span(std::time::Duration::from_mins(5));
const SCHEMES: [&str; 4] = ["stun:", "stuns:", "turn:", "turns:"];

impl Config {
    /// The secret shared with the TURN servers; empty: none.
    #[must_use]
    pub fn turn_secret(&self) -> &Secret {
        self.turn_secret_file.as_ref().unwrap_or(&self.turn_secret)
    }

    /// What is wrong with the settings for browsers' networks taken together: key and reason.
    pub fn check_ice(&self) -> Result<(), (&'static str, &'static str)> {
        let relays = self.ice_urls.iter().any(|url| url.starts_with("turn"));
        if relays && self.turn_secret().is_empty() {
            return Err((
                "turn_secret",
                "is needed for a relay: what static-auth-secret of the TURN server says",
            ));
        }
        if self.turn_credential_lasts.0 < SHORTEST.0 {
            return Err(("turn_credential_lasts", "must be at least 5m"));
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Urls {
    List(Vec<String>),
    /// As the environment has it.
    Text(String),
}

/// A list, or a text with spaces between.
pub(super) fn urls<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let urls = match Urls::deserialize(deserializer)? {
        Urls::List(urls) => urls,
        Urls::Text(text) => text.split_whitespace().map(str::to_owned).collect(),
    };
    match urls.iter().find(|url| !SCHEMES.iter().any(|scheme| url.starts_with(scheme))) {
        Some(wrong) => {
            Err(D::Error::custom(format!("{wrong:?} is no address such as \"turn:turn.example.com:3478\"")))
        }
        None => Ok(urls),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(value: Value) -> Result<Vec<String>, String> {
        urls(value).map_err(|error| error.to_string())
    }

    #[test]
    fn servers_are_a_list_in_a_file_and_a_line_in_the_environment() {
        let both = vec!["stun:one".to_owned(), "turn:two?transport=tcp".to_owned()];

        assert_eq!(read(json!(["stun:one", "turn:two?transport=tcp"])), Ok(both.clone()));
        assert_eq!(read(json!("stun:one turn:two?transport=tcp")), Ok(both));
        assert_eq!(read(json!("")), Ok(Vec::new()));
        assert!(read(json!(["turn.example.com"])).is_err_and(|error| error.contains("turn.example.com")));
    }
}
