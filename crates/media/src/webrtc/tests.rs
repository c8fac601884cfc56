use std::{net::SocketAddr, time::Instant};

use proptest::prelude::*;
use str0m::{
    Candidate, Event, Input, Output, Rtc, RtcConfig,
    change::{SdpAnswer, SdpPendingOffer},
    media::{Direction, MediaKind},
    net::{Protocol, Receive},
    rtp::RtpWrite,
};

use super::{Identity, Outlet, WebError, WebSession, is_stun, local_name};
use crate::{
    g711::Law,
    rtp::{HEADER_LEN, Packet, write_header},
};

const US: &str = "192.0.2.1:20000";
const BROWSER: &str = "192.0.2.7:40000";

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// The library itself in a browser's place: it checks, nominates and is the DTLS client.
struct Browser {
    rtc: Rtc,
    heard: Vec<(u8, Vec<u8>)>,
}

impl Browser {
    fn offer() -> (Self, String, SdpPendingOffer) {
        let mut rtc = RtcConfig::new()
            .set_crypto_provider(Identity::generate().unwrap().crypto)
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_pcmu(true, false)
            .enable_pcma(true, false)
            .build(Instant::now());
        rtc.add_local_candidate(Candidate::host(address(BROWSER), "udp").unwrap());
        let mut change = rtc.sdp_api();
        change.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let (offer, pending) = change.apply().unwrap();
        (Self { rtc, heard: Vec::new() }, offer.to_sdp_string(), pending)
    }

    fn take(&mut self, now: Instant, datagrams: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let mut out = Vec::new();
        self.rtc.handle_input(Input::Timeout(now)).unwrap();
        self.drain(&mut out);
        for datagram in datagrams {
            let received = Receive::new(Protocol::Udp, address(US), address(BROWSER), datagram).unwrap();
            self.rtc.handle_input(Input::Receive(now, received)).unwrap();
            self.drain(&mut out);
        }
        out
    }

    fn drain(&mut self, out: &mut Vec<Vec<u8>>) {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(_) => return,
                Output::Transmit(transmit) => out.push(transmit.contents.to_vec()),
                Output::Event(Event::RtpPacket(packet)) => {
                    self.heard.push((*packet.header.payload_type, packet.payload.to_vec()));
                }
                Output::Event(_) => {}
            }
        }
    }
}

#[derive(Default)]
struct Collected {
    sent: Vec<Vec<u8>>,
    heard: Vec<Vec<u8>>,
}

impl Outlet for Collected {
    fn transmit(&mut self, from: SocketAddr, to: SocketAddr, datagram: &[u8]) {
        assert_eq!((from, to), (address(US), address(BROWSER)));
        self.sent.push(datagram.to_vec());
    }

    fn heard(&mut self, datagram: &[u8]) {
        self.heard.push(datagram.to_vec());
    }
}

fn answer(offer: &str, law: Option<Law>) -> Result<(WebSession, super::Agreed), WebError> {
    WebSession::answer(offer, law, &Identity::generate().unwrap(), &[address(US)], Instant::now())
}

/// Both ends, talking until audio can flow.
fn connected() -> (Browser, WebSession, Instant) {
    let (mut browser, offer, pending) = Browser::offer();
    let (mut session, agreed) = answer(&offer, None).unwrap();
    let theirs = SdpAnswer::from_sdp_string(&agreed.description).unwrap();
    browser.rtc.sdp_api().accept_answer(pending, theirs).unwrap();
    let mut now = Instant::now();
    let mut towards_browser = Vec::new();
    for _ in 0..400 {
        now += std::time::Duration::from_millis(10);
        let towards_us = browser.take(now, &towards_browser);
        let mut out = Collected::default();
        for datagram in &towards_us {
            session.receive(now, address(BROWSER), address(US), datagram, &mut out);
        }
        session.wake(now, &mut out);
        towards_browser = out.sent;
        if session.is_connected() && browser.rtc.is_connected() && towards_browser.is_empty() {
            return (browser, session, now);
        }
    }
    panic!("no connection after four seconds");
}

fn rtp(payload_type: u8, sequence: u16, payload: &[u8]) -> Vec<u8> {
    let mut datagram = vec![0; HEADER_LEN + payload.len()];
    write_header((&mut datagram[..HEADER_LEN]).try_into().unwrap(), false, payload_type, sequence, 160, 7);
    datagram[HEADER_LEN..].copy_from_slice(payload);
    datagram
}

#[test]
fn audio_flows_both_ways_as_plain_rtp() {
    let (mut browser, mut session, now) = connected();

    let mut out = Collected::default();
    assert!(session.send(now, &rtp(0, 65_535, &[0x55; 160]), &mut out));
    assert!(session.send(now, &rtp(0, 0, &[0x56; 160]), &mut out));
    browser.take(now, &out.sent);
    let mid = session.media();
    let mut direct = browser.rtc.direct_api();
    let stream = direct.stream_tx_by_mid(mid, None).unwrap();
    stream.write_rtp(RtpWrite::new(0.into(), 5.into(), 800, now, vec![0x77u8; 160]));
    let towards_us = browser.take(now, &[]);
    let mut back = Collected::default();
    for datagram in &towards_us {
        session.receive(now, address(BROWSER), address(US), datagram, &mut back);
    }

    assert_eq!(browser.heard, [(0, vec![0x55; 160]), (0, vec![0x56; 160])]);
    let packet = Packet::parse(&back.heard[0]).unwrap();
    assert_eq!((packet.payload_type, packet.timestamp, packet.payload), (0, 800, &[0x77u8; 160][..]));
}

#[test]
fn the_law_of_the_telephone_is_the_only_one_agreed_on() {
    let (_, offer, _) = Browser::offer();

    let (_, agreed) = answer(&offer, Some(Law::A)).unwrap();

    assert_eq!(agreed.law, Law::A);
    assert!(!agreed.description.contains("PCMU"), "{}", agreed.description);
    assert!(agreed.description.contains("a=ice-lite"), "{}", agreed.description);
}

#[test]
fn keypad_events_are_agreed_on_with_the_browsers_number() {
    let (_, agreed) = answer(CHROMIUM, Some(Law::Mu)).unwrap();

    assert_eq!((agreed.law, agreed.events), (Law::Mu, Some(126)));
}

#[test]
fn the_browser_is_told_when_we_leave() {
    let (mut browser, mut session, now) = connected();
    let mut out = Collected::default();

    session.close(now, &mut out);

    assert!(session.is_closed() && !out.sent.is_empty());
    browser.take(now, &out.sent);
    assert!(!session.send(now, &rtp(0, 1, &[0; 160]), &mut out), "nothing follows");
}

#[test]
fn a_description_without_our_audio_is_refused_with_a_reason() {
    let opus = CHROMIUM.replace("111 0 8 110 126", "111");
    let only_opus = opus.lines().filter(keeps_opus).collect::<Vec<_>>();
    let only_opus = only_opus.join("\r\n") + "\r\n";
    let listening = CHROMIUM.replace("a=sendrecv", "a=recvonly");

    for (offer, wanted) in [
        (only_opus.as_str(), "PCMU"),
        (listening.as_str(), "two-way"),
        ("", "can't be used"),
        ("v=0\r\nhello", "can't be used"),
        (&"x".repeat(20_000), "16 KiB"),
    ] {
        let refused = answer(offer, None).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(refused.contains(wanted), "{wanted:?} is not in {refused:?}");
    }
}

fn keeps_opus(line: &&str) -> bool {
    !["a=rtpmap:0", "a=rtpmap:8", "a=rtpmap:110", "a=rtpmap:126"].iter().any(|known| line.starts_with(known))
}

#[test]
fn nonsense_on_the_port_changes_nothing() {
    let (mut browser, mut session, now) = connected();
    let mut out = Collected::default();

    for length in 0..200usize {
        for first in [0u8, 1, 20, 22, 23, 63, 64, 128, 129, 191, 255] {
            let datagram: Vec<u8> =
                (0..length).map(|at| if at == 0 { first } else { (at * 31) as u8 }).collect();
            session.receive(now, address(BROWSER), address(US), &datagram, &mut out);
        }
    }

    assert!(!session.is_closed());
    let mut out = Collected::default();
    assert!(session.send(now, &rtp(0, 9, &[1; 160]), &mut out));
    browser.take(now, &out.sent);
    assert_eq!(browser.heard, [(0, vec![1; 160])]);
}

#[test]
fn a_stun_request_names_its_session() {
    let mut request = vec![0, 1, 0, 12, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    request.extend([0, 6, 0, 8]);
    request.extend(b"ours:the");

    assert!(is_stun(&request));
    assert_eq!(local_name(&request), Some("ours"));
    assert_eq!(local_name(&request[..30]), None);
}

proptest! {
    #[test]
    fn any_datagram_is_named_or_not_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
        let _ = local_name(&bytes);
        let mut stun = vec![0, 1, 0, 12, 0x21, 0x12, 0xa4, 0x42];
        stun.extend(bytes);
        let _ = local_name(&stun);
    }

    #[test]
    fn a_mutated_description_is_taken_or_refused_without_a_panic(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = CHROMIUM.as_bytes().to_vec();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        let _ = answer(&String::from_utf8_lossy(&bytes), Some(Law::Mu));
    }
}

/// What Chromium offers for a microphone, without what does not matter.
const CHROMIUM: &str = "v=0\r\n\
o=- 4611731400430051336 2 IN IP4 127.0.0.1\r\n\
s=-\r\n\
t=0 0\r\n\
a=group:BUNDLE 0\r\n\
a=extmap-allow-mixed\r\n\
a=msid-semantic: WMS stream\r\n\
m=audio 9 UDP/TLS/RTP/SAVPF 111 0 8 110 126\r\n\
c=IN IP4 0.0.0.0\r\n\
a=rtcp:9 IN IP4 0.0.0.0\r\n\
a=ice-ufrag:4cXX\r\n\
a=ice-pwd:by7UFhQJcWAHVrOzIyGSQQXT\r\n\
a=ice-options:trickle\r\n\
a=fingerprint:sha-256 49:66:12:17:0D:1C:91:AE:57:4C:C6:36:DD:D5:97:D2:7D:62:C9:9A:7F:B9:A3:F4:70:03:E7:43:91:73:23:5E\r\n\
a=setup:actpass\r\n\
a=mid:0\r\n\
a=sendrecv\r\n\
a=msid:stream track\r\n\
a=rtcp-mux\r\n\
a=rtpmap:111 opus/48000/2\r\n\
a=fmtp:111 minptime=10;useinbandfec=1\r\n\
a=rtpmap:0 PCMU/8000\r\n\
a=rtpmap:8 PCMA/8000\r\n\
a=rtpmap:110 telephone-event/48000\r\n\
a=rtpmap:126 telephone-event/8000\r\n\
a=ssrc:1001 cname:abc\r\n\
a=ssrc:1001 msid:stream track\r\n";
