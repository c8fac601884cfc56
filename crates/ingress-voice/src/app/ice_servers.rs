//! STUN and TURN servers for browsers, with credentials that expire: the user name is when they do, the password its
//! HMAC-SHA-1 under the secret shared with the TURN servers (the draft "A REST API for access to TURN services", which
//! coturn speaks).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use contract::{Timestamp, voice::v1::IceServer};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

use super::Voice;

impl Voice {
    /// The servers of the configuration; `who` ends up in the TURN servers' logs.
    #[must_use]
    pub fn ice_servers(&self, who: &str) -> Vec<IceServer> {
        let config = &self.config;
        let until = self.clock.now().plus_millis(config.turn_credential_lasts.as_millis());
        servers(&config.ice_urls, config.turn_secret().reveal(), who, until)
    }
}

fn servers(urls: &[String], secret: &str, who: &str, until: Timestamp) -> Vec<IceServer> {
    let is_turn = |url: &&String| url.starts_with("turn:") || url.starts_with("turns:");
    let (turn, stun): (Vec<&String>, Vec<&String>) = urls.iter().partition(is_turn);
    let own = |urls: Vec<&String>| urls.into_iter().cloned().collect::<Vec<_>>();
    let mut servers = Vec::new();
    if !stun.is_empty() {
        servers.push(IceServer { urls: own(stun), ..IceServer::default() });
    }
    if !turn.is_empty() {
        let (username, credential) = credential(secret, who, until);
        servers.push(IceServer { urls: own(turn), username, credential });
    }
    servers
}

fn credential(secret: &str, who: &str, until: Timestamp) -> (String, String) {
    if secret.is_empty() {
        return Default::default();
    }
    let username = format!("{}:{who}", until.as_millis() / 1_000);
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret.as_bytes()) else { return Default::default() };
    mac.update(username.as_bytes());
    let credential = STANDARD.encode(mac.finalize().into_bytes());
    (username, credential)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stun_needs_no_credential_and_that_of_turn_names_its_end() {
        let urls = ["stun:stun.example.com".to_owned(), "turn:turn.example.com".to_owned()];

        let servers = servers(&urls, "north", "ann", Timestamp::from_millis(1_700_000_000_000));

        assert_eq!((servers[0].urls.len(), servers[0].username.as_str()), (1, ""));
        assert_eq!(servers[1].username, "1700000000:ann");
        // openssl dgst -sha1 -hmac north -binary <<< "1700000000:ann" without the newline, in base64.
        assert_eq!(servers[1].credential, "jeamH6dA5l2I9g3jmieza7CzEDo=");
    }

    #[test]
    fn without_servers_there_are_none() {
        assert!(servers(&[], "north", "ann", Timestamp::from_millis(0)).is_empty());
    }
}
