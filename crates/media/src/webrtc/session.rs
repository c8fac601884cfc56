//! One browser's session.

use std::{
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use str0m::{
    Candidate, Event, Input, Output, Rtc, RtcConfig, RtcError,
    change::SdpOffer,
    format::{Codec, FormatParams},
    media::{Frequency, Mid},
    net::{Protocol, Receive},
    rtp::{RtpPacket, RtpWrite},
};

use super::{Identity, MAX_DESCRIPTION, WebError};
use crate::{
    g711::Law,
    rtp::{HEADER_LEN, Packet, sequence_distance, write_header},
};

/// Payload type of keypad events we would choose; the browser's own choice wins.
const EVENTS: u8 = 101;
/// How often reports of loss and delay are sent: the browser shows the network's quality by them.
const REPORTS: Duration = Duration::from_secs(1);
/// Largest audio packet that is passed on: 60 ms of G.711 with room to spare.
const LARGEST: usize = HEADER_LEN + 512;
/// First sequence numbers are kept low, so that the first wrap is far from the lost packets of a beginning.
const FIRST_SEQUENCE: u16 = 0x3fff;

/// Takes what a session has to say.
pub trait Outlet {
    /// A datagram from our address `from` to the browser at `to`.
    fn transmit(&mut self, from: SocketAddr, to: SocketAddr, datagram: &[u8]);
    /// A plain RTP datagram from the browser.
    fn heard(&mut self, datagram: &[u8]);
}

/// What both ends agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// Our description, for the browser.
    pub description: String,
    /// Names this session in the browser's STUN messages.
    pub name: String,
    /// How both directions are coded.
    pub law: Law,
    /// Payload type of keypad events, if the browser takes and sends them.
    pub events: Option<u8>,
}

/// ICE, DTLS and SRTP with one browser.
pub struct WebSession {
    rtc: Rtc,
    name: String,
    mid: Mid,
    due: Instant,
    /// Of the last packet sent: what we were given, what the browser got.
    sent: Option<(u16, u64)>,
    connected: bool,
    closed: bool,
}

impl WebSession {
    /// Takes a browser's offer. `locals` are the addresses it can reach us at, the first of them the likeliest; with a
    /// `law` nothing else is agreed on. Never panics, whatever the text.
    pub fn answer(
        offer: &str,
        law: Option<Law>,
        identity: &Identity,
        locals: &[SocketAddr],
        now: Instant,
    ) -> Result<(Self, Agreed), WebError> {
        if offer.len() > MAX_DESCRIPTION {
            return Err(WebError::TooLong);
        }
        // The library asserts some rules of descriptions instead of refusing them.
        catch_unwind(AssertUnwindSafe(|| answer(offer, law, identity, locals, now)))
            .unwrap_or_else(|_| Err(WebError::Description("it breaks a rule of its own".to_owned())))
    }

    /// Names this session in the browser's STUN messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[cfg(test)]
    pub(super) fn media(&self) -> Mid {
        self.mid
    }

    /// Audio can flow.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.connected
    }

    /// Nothing more comes or goes: the browser closed it, or it broke.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// When [`WebSession::wake`] should be called.
    #[must_use]
    pub fn due(&self) -> Instant {
        self.due
    }

    /// A datagram came from the browser to our address `local`. `false`: it makes no sense.
    pub fn receive(
        &mut self,
        now: Instant,
        from: SocketAddr,
        local: SocketAddr,
        datagram: &[u8],
        out: &mut impl Outlet,
    ) -> bool {
        if self.closed {
            return false;
        }
        let Ok(received) = Receive::new(Protocol::Udp, from, local, datagram) else { return false };
        self.feed(Input::Receive(now, received), out)
    }

    /// Time has passed.
    pub fn wake(&mut self, now: Instant, out: &mut impl Outlet) {
        if !self.closed {
            self.feed(Input::Timeout(now), out);
        }
    }

    /// Sends a plain RTP datagram. `false`: there is nobody to send it to yet, or it is none.
    pub fn send(&mut self, now: Instant, datagram: &[u8], out: &mut impl Outlet) -> bool {
        if self.closed || !self.connected {
            return false;
        }
        let Ok(packet) = Packet::parse(datagram) else { return false };
        let number = self.number(packet.sequence);
        let mut direct = self.rtc.direct_api();
        let Some(stream) = direct.stream_tx_by_mid(self.mid, None) else { return false };
        let write =
            RtpWrite::new(packet.payload_type.into(), number.into(), packet.timestamp, now, packet.payload);
        stream.write_rtp(write.marker(packet.marker));
        self.feed(Input::Timeout(now), out)
    }

    /// Says good-bye to the browser.
    pub fn close(&mut self, now: Instant, out: &mut impl Outlet) {
        if !self.closed && self.rtc.close().is_ok() {
            self.feed(Input::Timeout(now), out);
        }
        self.closed = true;
    }

    /// The sequence number the browser gets for one of ours: gapless like ours, but counted on for ever.
    fn number(&mut self, sequence: u16) -> u64 {
        let number = match self.sent {
            None => u64::from(sequence & FIRST_SEQUENCE),
            Some((last, sent)) => sent.saturating_add_signed(i64::from(sequence_distance(sequence, last))),
        };
        self.sent = Some((sequence, number));
        number
    }

    /// One input, then everything that comes of it. A session that breaks ends; nothing else does.
    fn feed(&mut self, input: Input<'_>, out: &mut impl Outlet) -> bool {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            self.rtc.handle_input(input)?;
            self.drain(out)
        }));
        match outcome {
            Ok(Ok(())) => true,
            // One packet that the browser's keys do not open: as if it had not come.
            Ok(Err(error)) if !is_fatal(&error) && self.rtc.is_alive() => false,
            Ok(Err(_)) | Err(_) => {
                self.closed = true;
                false
            }
        }
    }

    fn drain(&mut self, out: &mut impl Outlet) -> Result<(), RtcError> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(at) => {
                    self.due = at;
                    self.closed |= !self.rtc.is_alive();
                    return Ok(());
                }
                Output::Transmit(transmit) => {
                    out.transmit(transmit.source, transmit.destination, &transmit.contents);
                }
                Output::Event(Event::Connected) => self.connected = true,
                Output::Event(Event::RtpPacket(packet)) => hear(&packet, out),
                Output::Event(_) => {}
            }
        }
    }
}

fn hear(packet: &RtpPacket, out: &mut impl Outlet) {
    let mut datagram = [0; LARGEST];
    let length = HEADER_LEN + packet.payload.len();
    let Some(written) = datagram.get_mut(..length) else { return };
    let (header, payload) = written.split_at_mut(HEADER_LEN);
    let Ok(header) = header.try_into() else { return };
    let from = &packet.header;
    write_header(header, from.marker, *from.payload_type, from.sequence_number, from.timestamp, *from.ssrc);
    payload.copy_from_slice(&packet.payload);
    out.heard(written);
}

/// DTLS that can't go on; a datagram that makes no sense is not that.
fn is_fatal(error: &RtcError) -> bool {
    !matches!(error, RtcError::Net(_) | RtcError::Packet(..))
}

fn answer(
    offer: &str,
    law: Option<Law>,
    identity: &Identity,
    locals: &[SocketAddr],
    now: Instant,
) -> Result<(WebSession, Agreed), WebError> {
    let wrong = |error: &dyn std::fmt::Display| {
        WebError::Description(error.to_string().chars().filter(|each| !each.is_control()).take(200).collect())
    };
    let offer = SdpOffer::from_sdp_string(offer).map_err(|error| wrong(&error))?;
    let mut config = RtcConfig::new()
        .set_crypto_provider(identity.crypto.clone())
        .set_dtls_cert(identity.certificate.clone())
        .set_ice_lite(true)
        .set_rtp_mode(true)
        .set_rtcp_report_interval_audio(REPORTS)
        .clear_codecs()
        .enable_pcmu(law != Some(Law::A), false)
        .enable_pcma(law != Some(Law::Mu), false);
    let events = FormatParams { telephone_event_max: Some(15), ..FormatParams::default() };
    config.codec_config().add_config(EVENTS.into(), None, Codec::Tele, Frequency::EIGHT_KHZ, None, events);
    let mut rtc = config.build(now);
    for local in locals {
        let candidate = Candidate::host(*local, "udp").map_err(|error| wrong(&error))?;
        rtc.add_local_candidate(candidate);
    }
    let answer = rtc.sdp_api().accept_offer(offer).map_err(|error| wrong(&error))?;
    let description = answer.to_sdp_string();
    let audio = Audio::of(&description).ok_or(WebError::NoAudio)?;
    let name = rtc.direct_api().local_ice_credentials().ufrag;
    let mut session = WebSession {
        rtc,
        name: name.clone(),
        mid: audio.mid.as_str().into(),
        due: now,
        sent: None,
        connected: false,
        closed: false,
    };
    let (law, events) = (audio.law, audio.events);
    // Nothing can be sent yet; this drains what the answer set in motion.
    session.wake(now, &mut Nobody);
    Ok((session, Agreed { description, name, law, events }))
}

struct Nobody;

impl Outlet for Nobody {
    fn transmit(&mut self, _: SocketAddr, _: SocketAddr, _: &[u8]) {}
    fn heard(&mut self, _: &[u8]) {}
}

/// What our own answer says about the audio.
struct Audio {
    mid: String,
    law: Law,
    events: Option<u8>,
}

impl Audio {
    fn of(description: &str) -> Option<Self> {
        let sections = description.split("\r\nm=").skip(1);
        sections.filter(|section| section.starts_with("audio ")).find_map(Self::section)
    }

    fn section(section: &str) -> Option<Self> {
        let mut words = section.lines().next()?.split_whitespace();
        if words.nth(1)? == "0" || !section.lines().any(|line| line == "a=sendrecv") {
            return None;
        }
        let formats: Vec<u8> = words.skip(1).filter_map(|format| format.parse().ok()).collect();
        let law = formats.iter().find_map(|format| match *format {
            crate::rtp::PT_PCMU => Some(Law::Mu),
            crate::rtp::PT_PCMA => Some(Law::A),
            _ => None,
        })?;
        let value = |key: &str| section.lines().find_map(|line| line.strip_prefix(key)).map(str::to_owned);
        let events = section.lines().find_map(|line| {
            let (format, name) = line.strip_prefix("a=rtpmap:")?.split_once(' ')?;
            name.eq_ignore_ascii_case("telephone-event/8000").then(|| format.parse().ok())?
        });
        Some(Self { mid: value("a=mid:")?, law, events })
    }
}

/// Whether a datagram claims to be STUN (RFC 8489 §5).
#[must_use]
pub fn is_stun(datagram: &[u8]) -> bool {
    datagram.len() >= 20 && datagram[0] < 2 && datagram[4..8] == [0x21, 0x12, 0xa4, 0x42]
}

/// The session a STUN request is for: the part of its user name before the colon (RFC 8445 §7.2.2). Never panics.
#[must_use]
pub fn local_name(datagram: &[u8]) -> Option<&str> {
    const USERNAME: u16 = 0x0006;
    if !is_stun(datagram) {
        return None;
    }
    let mut rest = datagram.get(20..)?;
    while let Some((header, tail)) = rest.split_first_chunk::<4>() {
        let kind = u16::from_be_bytes([header[0], header[1]]);
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        let value = tail.get(..length)?;
        if kind == USERNAME {
            return std::str::from_utf8(value).ok()?.split(':').next();
        }
        rest = tail.get(length.next_multiple_of(4)..)?;
    }
    None
}
