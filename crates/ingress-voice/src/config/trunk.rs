//! Trunks: the ways to and from the telephone network.

use std::{collections::BTreeSet, net::IpAddr};

use chassis::config::{Secret, Span};
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::{core::srtp::Srtp, sip::signalling::Signalling};

/// One trunk: `[[ingress_voice.trunks]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkConfig {
    /// For people, logs and metrics.
    pub name: String,
    /// Host and port its requests go to: "sip.carrier.example:5060".
    pub address: String,
    /// "udp", "tcp" or "tls".
    #[serde(default)]
    pub transport: Signalling,
    /// Over TLS: a file with the authorities that may vouch for it; empty: those of the machine.
    #[serde(default)]
    pub tls_authorities: String,
    /// Over TLS: the name its certificate must have; empty: the host of `address`.
    #[serde(default)]
    pub tls_name: String,
    /// Whether its audio is encrypted: "off", "optional" or "required".
    #[serde(default)]
    pub srtp: Srtp,
    /// Domain of From and To; empty: the host of `address`.
    #[serde(default)]
    pub domain: String,
    /// Lowest first.
    #[serde(default = "ten")]
    pub priority: u16,
    /// Share among those of the same priority.
    #[serde(default = "ten")]
    pub weight: u16,
    /// Most calls at once, in both directions.
    #[serde(default = "hundred")]
    pub max_calls: usize,
    /// Most new outgoing calls a second.
    #[serde(default = "ten_a_second")]
    pub calls_per_second: usize,
    /// Name and password for what the trunk challenges; empty: it knows us by our address.
    #[serde(default)]
    pub username: String,
    /// A file with the password.
    #[serde(default, deserialize_with = "password")]
    pub password_file: Option<Secret>,
    /// Sign in with REGISTER.
    #[serde(default)]
    pub register: bool,
    /// How long a registration is asked for.
    #[serde(default = "ten_minutes")]
    pub register_for: Span,
    /// Numbers we may show; without a wish the one nearest to the number called. Empty: what the request says.
    #[serde(default)]
    pub caller_ids: Vec<String>,
    /// Numbers it takes, by prefix; empty: all.
    #[serde(default)]
    pub prefixes: Vec<String>,
    /// Numbers go out without their "+".
    #[serde(default)]
    pub without_plus: bool,
    /// Networks its calls come from: "203.0.113.0/24".
    #[serde(default, deserialize_with = "networks")]
    pub from: Vec<IpNet>,
    /// Between two pings; "0s": none.
    #[serde(default = "half_a_minute")]
    pub ping_every: Span,
}

impl TrunkConfig {
    /// The host of the address.
    #[must_use]
    pub fn host(&self) -> &str {
        self.address.rsplit_once(':').map_or(self.address.as_str(), |(host, _)| host)
    }

    /// The domain of From and To.
    #[must_use]
    pub fn domain(&self) -> &str {
        if self.domain.is_empty() { self.host() } else { &self.domain }
    }

    /// Whether its calls come from there.
    #[must_use]
    pub fn owns(&self, address: IpAddr) -> bool {
        self.from.iter().any(|network| network.contains(&address))
    }
}

/// Reads the trunks: names and addresses must be there, names once.
pub(super) fn trunks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<TrunkConfig>, D::Error> {
    let trunks = Vec::<TrunkConfig>::deserialize(deserializer)?;
    let mut names = BTreeSet::new();
    for trunk in &trunks {
        if trunk.name.is_empty() || !names.insert(&trunk.name) {
            return Err(D::Error::custom(format!("trunks[{:?}].name must be there, and once", trunk.name)));
        }
        let port = trunk
            .address
            .rsplit_once(':')
            .and_then(|(host, port)| (!host.is_empty()).then(|| port.parse::<u16>().ok()).flatten());
        if port.is_none() {
            return Err(D::Error::custom(format!("trunks[{:?}].address must be host:port", trunk.name)));
        }
        if trunk.register && trunk.username.is_empty() {
            return Err(D::Error::custom(format!("trunks[{:?}].username is missing", trunk.name)));
        }
        if trunk.register && trunk.register_for.0.as_secs() == 0 {
            return Err(D::Error::custom(format!(
                "trunks[{:?}].register_for must be a second or more",
                trunk.name
            )));
        }
    }
    Ok(trunks)
}

pub(super) fn password<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    let path = String::deserialize(deserializer)?;
    if path.is_empty() {
        return Ok(None);
    }
    Secret::from_file(path.as_ref()).map(Some).map_err(|error| D::Error::custom(format!("{path}: {error}")))
}

fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let network = |text: &String| {
        text.parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map_err(|_| D::Error::custom(format!("{text:?} is no network such as \"203.0.113.0/24\"")))
    };
    texts.iter().map(network).collect()
}

const fn ten() -> u16 {
    10
}

const fn hundred() -> usize {
    100
}

const fn ten_a_second() -> usize {
    10
}

fn ten_minutes() -> Span {
    Span(std::time::Duration::from_mins(10))
}

fn half_a_minute() -> Span {
    Span(std::time::Duration::from_secs(30))
}
