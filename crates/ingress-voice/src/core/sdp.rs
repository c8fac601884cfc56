//! Session descriptions (RFC 8866) and what to answer to them (RFC 3264): one audio stream of G.711 with keypad events, plain or
//! with keys of its own (RFC 4568).

use std::{
    fmt::Write as _,
    net::{IpAddr, SocketAddr},
};

use media::{g711::Law, rtp::PT_COMFORT_NOISE};
use thiserror::Error;

use super::srtp::{Crypto, Terms};

/// Largest description that is read, in bytes.
const MAX_BYTES: usize = 16 * 1_024;
/// Most lines and media lines that are read.
const MAX_LINES: usize = 512;
const MAX_MEDIA: usize = 8;
/// Most key lines of one media line.
const MAX_CRYPTOS: usize = 16;
/// Payload type of telephone events in our own offers; SIPp's recordings and most phones use it too.
const EVENTS: u8 = 101;

/// What is wrong with a description, for the `Warning` header.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SdpError {
    /// Longer than the limit, or not text.
    #[error("the session description is not readable text of at most 16 KiB")]
    Unreadable,
    /// A line that breaks the grammar where it matters.
    #[error("the session description's line {line} is wrong: {reason}")]
    Line {
        /// 1 is the first.
        line: usize,
        /// For people.
        reason: &'static str,
    },
    /// No media line for audio over RTP.
    #[error("the session description offers no audio over RTP/AVP")]
    NoAudio,
    /// Audio, but no G.711.
    #[error("no common codec: PCMU and PCMA are understood")]
    NoCommonCodec,
    /// RTP/SAVP without a key that can be used.
    #[error("no common encryption: AES_CM_128_HMAC_SHA1_80 and _32 are understood, without MKI")]
    NoCommonCrypto,
    /// Plain audio where only encrypted will do.
    #[error("the audio must be encrypted: RTP/SAVP is asked for")]
    PlainRefused,
    /// Encrypted audio where it is not taken.
    #[error("encrypted audio is not taken here: it is off, or its keys would travel without TLS")]
    SecureRefused,
}

/// Who may send, seen from the side that wrote the description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Both.
    #[default]
    SendReceive,
    /// Only the writer.
    SendOnly,
    /// Only the reader.
    ReceiveOnly,
    /// Nobody.
    Inactive,
}

impl Direction {
    fn name(self) -> &'static str {
        match self {
            Self::SendReceive => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::ReceiveOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    fn parse(attribute: &str) -> Option<Self> {
        [Self::SendReceive, Self::SendOnly, Self::ReceiveOnly, Self::Inactive]
            .into_iter()
            .find(|direction| direction.name() == attribute)
    }

    /// The same, seen from the other side.
    #[must_use]
    pub fn mirrored(self) -> Self {
        match self {
            Self::SendOnly => Self::ReceiveOnly,
            Self::ReceiveOnly => Self::SendOnly,
            same => same,
        }
    }

    /// The writer sends.
    #[must_use]
    pub fn sends(self) -> bool {
        matches!(self, Self::SendReceive | Self::SendOnly)
    }

    /// The writer wants to receive.
    #[must_use]
    pub fn receives(self) -> bool {
        matches!(self, Self::SendReceive | Self::ReceiveOnly)
    }
}

/// The part of somebody's description that concerns us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Where they want their audio.
    pub remote: SocketAddr,
    /// Laws they know, the preferred one first; never empty.
    pub laws: Vec<Law>,
    /// Payload type of telephone events at the clock of the laws, 8000.
    pub events: Option<u8>,
    /// Comfort noise is understood.
    pub noise: bool,
    /// Who may send, seen from them. An address of all zeroes counts as not receiving (RFC 3264 §8.4).
    pub direction: Direction,
    /// The key lines that can be used, in their order; none: the audio is plain.
    pub cryptos: Vec<Crypto>,
    media_lines: Vec<String>,
    audio_line: usize,
    protocol: String,
}

/// How we describe ourselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    /// Where we want audio.
    pub address: SocketAddr,
    /// Identifies the session for its whole life.
    pub session: u64,
    /// Grows with every new description of the session.
    pub version: u64,
}

#[derive(Default)]
struct MediaLine {
    text: String,
    kind: String,
    port: u16,
    protocol: String,
    formats: Vec<u8>,
    address: Option<IpAddr>,
    direction: Option<Direction>,
    /// Payload type, encoding name in upper case, clock.
    maps: Vec<(u8, String, u32)>,
    cryptos: Vec<Crypto>,
}

impl MediaLine {
    /// What the line is, as far as it is audio over RTP: encrypted, plain, or neither.
    fn is_secure(&self) -> Option<bool> {
        match self.protocol.as_str() {
            _ if self.kind != "audio" || self.port == 0 => None,
            "RTP/AVP" | "RTP/AVPF" => Some(false),
            "RTP/SAVP" | "RTP/SAVPF" => Some(true),
            _ => None,
        }
    }
}

impl Description {
    /// Reads an offer or an answer, and of several audio lines takes the first that these terms allow. Never panics, whatever
    /// the bytes.
    pub fn parse(bytes: &[u8], terms: Terms) -> Result<Self, SdpError> {
        if bytes.len() > MAX_BYTES {
            return Err(SdpError::Unreadable);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| SdpError::Unreadable)?;
        let mut session_address = None;
        let mut session_direction = None;
        let mut media: Vec<MediaLine> = Vec::new();
        for (index, line) in text.lines().take(MAX_LINES).enumerate() {
            let wrong = |reason| SdpError::Line { line: index + 1, reason };
            let line = line.trim_end();
            if index == 0 && line != "v=0" {
                return Err(wrong("must be v=0"));
            }
            let Some((kind, value)) = line.split_once('=') else {
                if line.is_empty() {
                    continue;
                }
                return Err(wrong("has no \"=\""));
            };
            if kind == "m" {
                if media.len() == MAX_MEDIA {
                    return Err(wrong("more media lines than are read"));
                }
                media.push(media_line(value).ok_or_else(|| wrong("is no media line"))?);
                continue;
            }
            match (kind, media.last_mut()) {
                ("c", Some(section)) => {
                    section.address = Some(connection(value).ok_or_else(|| wrong("is no IP address"))?);
                }
                ("c", None) => {
                    session_address = Some(connection(value).ok_or_else(|| wrong("is no IP address"))?);
                }
                ("a", Some(section)) => attribute(section, value),
                ("a", None) => session_direction = Direction::parse(value).or(session_direction),
                _ => {}
            }
        }
        choose(media, session_address, session_direction, terms)
    }

    /// What to use with this other end: the first of `preferred` that they know, else their own first choice.
    #[must_use]
    pub fn law(&self, preferred: Option<Law>) -> Law {
        preferred.filter(|law| self.laws.contains(law)).unwrap_or(self.laws[0])
    }

    /// The answer to this offer: their audio line accepted with one law and, where theirs was taken, our key; every other media
    /// line refused.
    #[must_use]
    pub fn answer(&self, local: &Local, law: Law, crypto: Option<Crypto>) -> String {
        let mut text = head(local);
        for (index, line) in self.media_lines.iter().enumerate() {
            if index == self.audio_line {
                let line =
                    Audio { protocol: &self.protocol, laws: &[law], events: self.events, noise: self.noise };
                line.write(&mut text, local, self.direction.mirrored(), crypto.as_slice());
            } else {
                let _ = write!(text, "m={line}\r\n");
            }
        }
        text
    }
}

/// An offer of our own: the laws in order, keypad events, both directions as given; with keys it is encrypted.
#[must_use]
pub fn offer(local: &Local, laws: &[Law], direction: Direction, cryptos: &[Crypto]) -> String {
    let mut text = head(local);
    let protocol = if cryptos.is_empty() { "RTP/AVP" } else { "RTP/SAVP" };
    Audio { protocol, laws, events: Some(EVENTS), noise: true }.write(&mut text, local, direction, cryptos);
    text
}

/// Payload type of telephone events in our own offers.
#[must_use]
pub fn offered_events() -> u8 {
    EVENTS
}

fn head(local: &Local) -> String {
    let (family, ip) = (family(local.address.ip()), local.address.ip());
    format!(
        "v=0\r\no=switchboard {} {} IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n",
        local.session, local.version
    )
}

/// An audio line of ours.
struct Audio<'a> {
    protocol: &'a str,
    laws: &'a [Law],
    events: Option<u8>,
    noise: bool,
}

impl Audio<'_> {
    fn write(&self, text: &mut String, local: &Local, direction: Direction, cryptos: &[Crypto]) {
        let _ = write!(text, "m=audio {} {}", local.address.port(), self.protocol);
        for law in self.laws {
            let _ = write!(text, " {}", law.payload_type());
        }
        if self.noise {
            let _ = write!(text, " {PT_COMFORT_NOISE}");
        }
        if let Some(events) = self.events {
            let _ = write!(text, " {events}");
        }
        text.push_str("\r\n");
        for law in self.laws {
            let _ = write!(text, "a=rtpmap:{} {}/8000\r\n", law.payload_type(), law.name());
        }
        if self.noise {
            let _ = write!(text, "a=rtpmap:{PT_COMFORT_NOISE} CN/8000\r\n");
        }
        if let Some(events) = self.events {
            let _ = write!(text, "a=rtpmap:{events} telephone-event/8000\r\na=fmtp:{events} 0-15\r\n");
        }
        for crypto in cryptos {
            crypto.write(text);
        }
        let _ = write!(text, "a=ptime:20\r\na={}\r\n", direction.name());
    }
}

fn family(ip: IpAddr) -> &'static str {
    if ip.is_ipv4() { "IP4" } else { "IP6" }
}

fn connection(value: &str) -> Option<IpAddr> {
    let mut words = value.split_whitespace();
    let (network, _family, address) = (words.next()?, words.next()?, words.next()?);
    (network == "IN").then(|| address.split('/').next()?.parse().ok()).flatten()
}

fn media_line(value: &str) -> Option<MediaLine> {
    let mut words = value.split_whitespace();
    let (kind, port, protocol) = (words.next()?, words.next()?, words.next()?);
    let port = port.split('/').next()?.parse().ok()?;
    let rest: Vec<&str> = words.take(64).collect();
    Some(MediaLine {
        // A refused line keeps its kind, protocol and formats and gets port 0 (RFC 3264 §6).
        text: format!("{kind} 0 {protocol} {}", rest.join(" ")).trim_end().to_owned(),
        kind: kind.to_owned(),
        port,
        protocol: protocol.to_owned(),
        formats: rest.iter().filter_map(|format| format.parse().ok()).collect(),
        ..MediaLine::default()
    })
}

fn attribute(section: &mut MediaLine, value: &str) {
    if let Some(direction) = Direction::parse(value) {
        section.direction = Some(direction);
        return;
    }
    if let Some(crypto) = value.strip_prefix("crypto:") {
        if section.cryptos.len() < MAX_CRYPTOS {
            section.cryptos.extend(Crypto::parse(crypto));
        }
        return;
    }
    let Some(map) = value.strip_prefix("rtpmap:") else { return };
    let Some((payload_type, encoding)) = map.trim_start().split_once(' ') else { return };
    let mut parts = encoding.trim().split('/');
    let (Ok(payload_type), Some(name), Some(Ok(clock))) =
        (payload_type.parse(), parts.next(), parts.next().map(str::parse))
    else {
        return;
    };
    if section.maps.len() < 64 {
        section.maps.push((payload_type, name.to_ascii_uppercase(), clock));
    }
}

fn choose(
    mut media: Vec<MediaLine>,
    session_address: Option<IpAddr>,
    session_direction: Option<Direction>,
    terms: Terms,
) -> Result<Description, SdpError> {
    let mut error = SdpError::NoAudio;
    for (index, line) in media.iter_mut().enumerate() {
        let Some(secure) = line.is_secure() else { continue };
        let Some(ip) = line.address.or(session_address) else { continue };
        if let Some(refused) = refused(line, secure, terms) {
            error = refused;
            continue;
        }
        let laws: Vec<Law> = line.formats.iter().filter_map(|format| law_of(*format, line)).collect();
        if laws.is_empty() {
            error = SdpError::NoCommonCodec;
            continue;
        }
        let events = line.formats.iter().copied().find(|format| {
            line.maps.iter().any(|(payload_type, name, clock)| {
                payload_type == format && name == "TELEPHONE-EVENT" && *clock == 8_000
            })
        });
        let mut direction = line.direction.or(session_direction).unwrap_or_default();
        if ip.is_unspecified() {
            direction = if direction.sends() { Direction::SendOnly } else { Direction::Inactive };
        }
        return Ok(Description {
            remote: SocketAddr::new(ip, line.port),
            laws,
            events,
            noise: understands_noise(line),
            direction,
            cryptos: std::mem::take(&mut line.cryptos),
            protocol: std::mem::take(&mut line.protocol),
            audio_line: index,
            media_lines: media.into_iter().map(|line| line.text).collect(),
        });
    }
    Err(error)
}

/// Why a line is not for these terms. Keys on a plain line (RFC 4568 has none there) are an encrypted offer that may also be
/// answered without: they count where they may, and are forgotten where they may not.
fn refused(line: &mut MediaLine, secure: bool, terms: Terms) -> Option<SdpError> {
    if !terms.takes_secure() {
        line.cryptos.clear();
    }
    match (secure, line.cryptos.is_empty()) {
        (true, _) if !terms.takes_secure() => Some(SdpError::SecureRefused),
        (true, true) => Some(SdpError::NoCommonCrypto),
        (false, true) if !terms.takes_plain() => Some(SdpError::PlainRefused),
        _ => None,
    }
}

/// Payload type 13 is comfort noise, unless the line says otherwise (RFC 3551 section 6).
fn understands_noise(line: &MediaLine) -> bool {
    let renamed = |(payload_type, name, clock): &(u8, String, u32)| {
        *payload_type == PT_COMFORT_NOISE && (name != "CN" || *clock != 8_000)
    };
    line.formats.contains(&PT_COMFORT_NOISE) && !line.maps.iter().any(renamed)
}

fn law_of(format: u8, line: &MediaLine) -> Option<Law> {
    let law = match format {
        0 => Law::Mu,
        8 => Law::A,
        _ => return None,
    };
    let renamed =
        line.maps.iter().any(|(payload_type, name, _)| *payload_type == format && name != law.name());
    (!renamed).then_some(law)
}

#[cfg(test)]
#[path = "sdp_tests.rs"]
mod tests;
