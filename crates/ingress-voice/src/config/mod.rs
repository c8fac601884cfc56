//! The table `[ingress_voice]`; meanings and defaults are in `config.default.toml`.

mod answering;
mod ice;
mod recording;
mod trunk;

use std::{
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
};

use chassis::config::{Secret, Span};
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::{
    core::{call::Settings, srtp::Srtp},
    recogniser::RecogniserConfig,
    sip::{
        stack::{StackConfig, TlsListen, TlsTrunk},
        streams::{CertificateFiles, Limits},
    },
    speech::SpeechConfig,
};

pub use answering::AnsweringConfig;
pub use recording::RecordingConfig;
pub use trunk::TrunkConfig;

/// Settings of the service.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub sip_bind: IpAddr,
    pub sip_port: u16,
    #[serde(deserialize_with = "address")]
    pub sip_advertised: Option<IpAddr>,
    /// Port of SIP over TLS; 0: there is none.
    pub tls_port: u16,
    pub tls_certificate: String,
    pub tls_key: String,
    pub sip_connections: usize,
    pub sip_connections_per_address: usize,
    pub srtp: Srtp,
    pub srtp_keys_in_clear: bool,
    pub rtp_bind: IpAddr,
    #[serde(deserialize_with = "address")]
    pub rtp_advertised: Option<IpAddr>,
    #[serde(deserialize_with = "ports")]
    pub rtp_ports: RangeInclusive<u16>,
    pub media_threads: usize,
    pub webrtc_port: u16,
    pub webrtc_timeout: Span,
    #[serde(deserialize_with = "ice::urls")]
    pub ice_urls: Vec<String>,
    turn_secret: Secret,
    #[serde(deserialize_with = "trunk::password")]
    turn_secret_file: Option<Secret>,
    pub turn_credential_lasts: Span,
    pub web_calls: bool,
    pub max_web_calls: usize,
    pub web_calls_per_minute: u32,
    pub client_address_header: String,
    pub max_calls: usize,
    pub rtp_timeout: Span,
    pub rtp_first_packet_timeout: Span,
    pub announce_first: Span,
    pub announce_every: Span,
    pub answer_timeout: Span,
    pub registration_failures_per_minute: u32,
    pub drain_limit: Span,
    pub cut_off_for: Span,
    pub cut_off_priority: i32,
    /// ISO 3166 code of the country of numbers written the national way.
    #[serde(deserialize_with = "country")]
    pub country: Option<phonenumber::country::Id>,
    pub dial_allowed: Vec<String>,
    pub dial_denied: Vec<String>,
    pub dial_per_minute: usize,
    pub park_limit: Span,
    pub session_expires: Span,
    pub session_minimum: Span,
    pub trunk_patience: Span,
    pub calls_from_anywhere: bool,
    #[serde(deserialize_with = "trunk::trunks")]
    pub trunks: Vec<TrunkConfig>,
    pub recording: RecordingConfig,
    pub answering: AnsweringConfig,
    pub speech_command: String,
    pub speech_voice: String,
    pub speech_cache: String,
    pub speech_cache_mib: u64,
    pub recognisers: usize,
    pub recogniser_command: String,
    pub recogniser_packages: String,
}

impl Config {
    /// What we ask a session to last (RFC 4028), in seconds; none: we ask for nothing.
    #[must_use]
    pub fn session_seconds(&self) -> Option<u32> {
        u32::try_from(self.session_expires.0.as_secs()).ok().filter(|seconds| *seconds > 0)
    }

    /// The least we take from others, in seconds.
    #[must_use]
    pub fn session_minimum(&self) -> u32 {
        u32::try_from(self.session_minimum.0.as_secs()).unwrap_or(90)
    }

    /// The part that calls go by.
    #[must_use]
    pub fn call(&self) -> Settings {
        let millis = |span: Span| u64::try_from(span.as_millis()).unwrap_or(0);
        Settings {
            announce_first_ms: millis(self.announce_first),
            announce_every_ms: millis(self.announce_every).max(5_000),
            answer_timeout_ms: millis(self.answer_timeout),
            park_limit_ms: millis(self.park_limit).max(5_000),
            calls_back: !self.trunks.is_empty() && !self.dial_allowed.is_empty(),
            ..Settings::default()
        }
    }
}

impl Config {
    /// The part that the SIP stack goes by. An error names the field.
    pub fn stack(&self) -> Result<StackConfig, String> {
        let tls = match (self.tls_port, self.tls_certificate.as_str(), self.tls_key.as_str()) {
            (0, "", "") => None,
            (0, ..) => return Err("ingress_voice.tls_port: is needed with a certificate".to_owned()),
            (_, "", _) => return Err("ingress_voice.tls_certificate: is needed for TLS".to_owned()),
            (_, _, "") => return Err("ingress_voice.tls_key: is needed for TLS".to_owned()),
            (port, certificate, key) => Some(TlsListen {
                listen: SocketAddr::new(self.sip_bind, port),
                files: CertificateFiles { certificate: certificate.into(), key: key.into() },
            }),
        };
        Ok(StackConfig {
            listen: SocketAddr::new(self.sip_bind, self.sip_port),
            tls,
            tls_trunks: self.trunks.iter().filter_map(TlsTrunk::of).collect(),
            limits: Limits {
                connections: self.sip_connections,
                per_address: self.sip_connections_per_address,
            },
            advertised: self.sip_advertised,
        })
    }
}

impl Config {
    /// The part that prompts go by.
    #[must_use]
    pub fn speech(&self) -> SpeechConfig {
        SpeechConfig {
            command: self.speech_command.clone(),
            voice: self.speech_voice.clone(),
            cache: self.speech_cache.clone(),
            cache_limit: self.speech_cache_mib << 20,
        }
    }
}

impl Config {
    /// The part that spoken answers go by. The models are English: who speaks otherwise is not listened to.
    #[must_use]
    pub fn recogniser(&self) -> RecogniserConfig {
        let english = self.speech_voice.split(['-', '_']).next().is_some_and(|language| language == "en");
        RecogniserConfig {
            at_once: if english { self.recognisers } else { 0 },
            command: self.recogniser_command.clone(),
            packages: self.recogniser_packages.clone(),
        }
    }
}

fn country<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<phonenumber::country::Id>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| D::Error::custom(format!("{text:?} is no country such as \"GB\"")))
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<IpAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| D::Error::custom(format!("{text:?} is no IP address")))
}

fn ports<'de, D: Deserializer<'de>>(deserializer: D) -> Result<RangeInclusive<u16>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let range = text.split_once('-').and_then(|(first, last)| {
        let (first, last): (u16, u16) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        (first >= 1_024 && last > first).then_some(first..=last)
    });
    range.ok_or_else(|| D::Error::custom(format!("{text:?} is no port range such as \"20000-29999\"")))
}
