//! Browsers heard through real sockets, with str0m in a browser's place.

use std::{
    net::{SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use media::{
    FRAME_SAMPLES,
    g711::Law,
    rtp::{HEADER_LEN, write_header},
    tone::{Tone, is_dominated_by},
};
use str0m::{
    Candidate, Event, Input, Output, Rtc, RtcConfig,
    change::{SdpAnswer, SdpPendingOffer},
    media::{Direction, MediaKind, Mid},
    net::{Protocol, Receive},
    rtp::RtpWrite,
};
use tokio::sync::mpsc;

use super::*;

/// A browser of the test: says a tone, keeps what it hears.
struct Browser {
    rtc: Rtc,
    socket: UdpSocket,
    mid: Option<Mid>,
    tone: Tone,
    frames: u64,
    heard: Vec<i16>,
    /// The last STUN request it sent.
    request: Vec<u8>,
}

impl Browser {
    fn open(hertz: f32) -> (Self, String, SdpPendingOffer) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let mut rtc = RtcConfig::new()
            .set_crypto_provider(Arc::new(str0m::crypto::from_feature_flags()))
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_pcmu(true, false)
            .build(Instant::now());
        rtc.add_local_candidate(Candidate::host(socket.local_addr().unwrap(), "udp").unwrap());
        let mut change = rtc.sdp_api();
        let mid = change.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let (offer, pending) = change.apply().unwrap();
        let tone = Tone::new(hertz, 8_000.0);
        let (heard, request) = (Vec::new(), Vec::new());
        (
            Self { rtc, socket, mid: Some(mid), tone, frames: 0, heard, request },
            offer.to_sdp_string(),
            pending,
        )
    }

    /// Opens a browser and a leg for it in this call.
    fn call(call: &CallMedia, hertz: f32, events: mpsc::Sender<MediaEvent>) -> (Self, Leg) {
        let (mut browser, offer, pending) = Self::open(hertz);
        let (leg, agreed) = call.open_web(&offer, Some(Law::Mu), 7, events).unwrap();
        let answer = SdpAnswer::from_sdp_string(&agreed.description).unwrap();
        browser.rtc.sdp_api().accept_answer(pending, answer).unwrap();
        (browser, leg)
    }

    /// Reads, and says a frame once the line is up.
    fn talk(&mut self) {
        let now = Instant::now();
        let local = self.socket.local_addr().unwrap();
        let mut datagram = [0; 2_000];
        while let Ok((length, from)) = self.socket.recv_from(&mut datagram) {
            let received = Receive::new(Protocol::Udp, from, local, &datagram[..length]).unwrap();
            self.rtc.handle_input(Input::Receive(now, received)).unwrap();
            self.drain();
        }
        if self.rtc.is_connected() {
            let (mut samples, mut payload) = ([0; FRAME_SAMPLES], [0; FRAME_SAMPLES]);
            self.tone.fill(&mut samples);
            Law::Mu.encode_into(&samples, &mut payload);
            self.frames += 1;
            let time = self.frames as u32 * FRAME_SAMPLES as u32;
            let write = RtpWrite::new(0.into(), self.frames.into(), time, now, payload.to_vec());
            let mut direct = self.rtc.direct_api();
            direct.stream_tx_by_mid(self.mid.unwrap(), None).unwrap().write_rtp(write);
        }
        self.rtc.handle_input(Input::Timeout(now)).unwrap();
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(_) => return,
                Output::Transmit(transmit) => {
                    if media::webrtc::is_stun(&transmit.contents) {
                        self.request = transmit.contents.to_vec();
                    }
                    let _ = self.socket.send_to(&transmit.contents, transmit.destination);
                }
                Output::Event(Event::RtpPacket(packet)) => {
                    self.heard.extend(packet.payload.iter().map(|byte| Law::Mu.decode(*byte)));
                }
                Output::Event(_) => {}
            }
        }
    }

    fn last(&self, frames: usize) -> &[i16] {
        &self.heard[self.heard.len().saturating_sub(frames * FRAME_SAMPLES)..]
    }
}

const PORT: u16 = 21_990;

fn engine(ports: RangeInclusive<u16>, port: u16) -> Engine {
    let loopback = "127.0.0.1".parse().unwrap();
    Engine::start(&EngineConfig {
        bind: loopback,
        ports,
        threads: 1,
        silence_limit: Duration::from_secs(30),
        first_packet_limit: Duration::from_secs(30),
        web: WebConfig {
            addresses: vec![(loopback, loopback)],
            port,
            silence_limit: Duration::from_millis(600),
        },
    })
    .unwrap()
}

fn every_frame(mut action: impl FnMut(), frames: u32) {
    let start = Instant::now();
    for frame in 1..=frames {
        action();
        let due = start + Duration::from_millis(20) * frame;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
    }
}

#[test]
fn two_browsers_on_one_port_hear_each_other() {
    let engine = engine(21_900..=21_919, 0);
    let call = engine.for_call();
    let (events, _mailbox) = mpsc::channel(8);
    let (mut ann, one) = Browser::call(&call, 440.0, events.clone());
    let (mut zoe, other) = Browser::call(&call, 1_000.0, events);
    call.bridge(one.id(), other.id()).unwrap();

    every_frame(
        || {
            ann.talk();
            zoe.talk();
        },
        100,
    );

    assert!(ann.heard.len() > 30 * FRAME_SAMPLES, "{}", ann.heard.len());
    assert!(is_dominated_by(ann.last(20), 1_000.0));
    assert!(is_dominated_by(zoe.last(20), 440.0));
}

#[test]
fn a_browser_that_is_bridged_with_itself_hears_its_echo() {
    let engine = engine(21_920..=21_939, 0);
    let call = engine.for_call();
    let (events, _mailbox) = mpsc::channel(8);
    let (mut ann, leg) = Browser::call(&call, 440.0, events);
    call.bridge(leg.id(), leg.id()).unwrap();

    every_frame(|| ann.talk(), 80);

    assert!(is_dominated_by(ann.last(20), 440.0));
}

#[test]
fn a_browser_that_is_gone_is_reported_silent() {
    let engine = engine(21_940..=21_959, 0);
    let call = engine.for_call();
    let (events, mut mailbox) = mpsc::channel(8);
    let (mut ann, leg) = Browser::call(&call, 440.0, events);
    every_frame(|| ann.talk(), 60);
    assert!(mailbox.try_recv().is_err(), "it is there");

    std::thread::sleep(Duration::from_millis(900));

    assert_eq!(mailbox.try_recv(), Ok(MediaEvent::Silent { leg: leg.id() }));
}

#[test]
fn a_flood_of_nonsense_on_the_port_harms_no_call() {
    let engine = engine(21_960..=21_979, PORT);
    let call = engine.for_call();
    let (events, mut mailbox) = mpsc::channel(8);
    let (mut ann, leg) = Browser::call(&call, 440.0, events);
    call.bridge(leg.id(), leg.id()).unwrap();
    every_frame(|| ann.talk(), 60);
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port: SocketAddr = ([127, 0, 0, 1], PORT).into();
    // The right name with the wrong password; a name that nobody has; handshakes; audio; noise.
    let mut wrong_password = ann.request.clone();
    let end = wrong_password.len() - 12;
    wrong_password[end..].fill(0x5a);
    let mut nobody =
        vec![0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 6, 0, 4];
    nobody.extend(b"me:u");
    let mut audio = vec![0; HEADER_LEN + FRAME_SAMPLES];
    write_header((&mut audio[..HEADER_LEN]).try_into().unwrap(), false, 0, 1, 160, 9);
    let handshake = vec![22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 1];
    let floods = [wrong_password, nobody, audio, handshake, vec![0xff; 1_400], Vec::new(), vec![1]];

    let mut sent = 0;
    every_frame(
        || {
            ann.talk();
            for _ in 0..10 {
                for flood in &floods {
                    stranger.send_to(flood, port).unwrap();
                    sent += 1;
                }
            }
        },
        100,
    );

    assert!(mailbox.try_recv().is_err(), "the browser is not missed");
    assert!(is_dominated_by(ann.last(20), 440.0), "it still hears its echo");
    let invalid = engine.stats().invalid;
    assert!(invalid > sent / 10, "{invalid} of {sent} counted");
}

#[test]
fn a_leg_that_is_closed_leaves_nothing_behind() {
    let engine = engine(21_980..=21_989, 0);
    let call = engine.for_call();
    for _ in 0..20 {
        let (events, _mailbox) = mpsc::channel(8);
        let (mut ann, leg) = Browser::call(&call, 440.0, events);
        every_frame(|| ann.talk(), 10);
        drop(leg);
    }

    std::thread::sleep(Duration::from_millis(50));

    assert_eq!(engine.stats().legs, 0);
}
