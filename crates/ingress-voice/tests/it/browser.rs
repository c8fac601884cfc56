//! A browser without pages: says a tone by WebRTC, and hears.

use std::{
    net::UdpSocket,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use media::{
    FRAME_SAMPLES,
    g711::Law,
    tone::{Tone, is_dominated_by},
};
use str0m::{
    Candidate, Event, Input, Output, Rtc, RtcConfig,
    change::{SdpAnswer, SdpPendingOffer},
    media::{Direction, MediaKind, Mid},
    net::{Protocol, Receive},
    rtp::RtpWrite,
};

const FRAME: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(10);
/// Judged at once: a quarter of a second.
const LATELY: usize = 12 * FRAME_SAMPLES;

/// Has made its offer.
pub struct Offering {
    talk: Talk,
    pending: SdpPendingOffer,
}

struct Talk {
    rtc: Rtc,
    socket: UdpSocket,
    mid: Mid,
    tone: Tone,
    frames: u64,
    heard: Arc<Mutex<Vec<i16>>>,
}

/// Talks until it is dropped.
pub struct Browser {
    heard: Arc<Mutex<Vec<i16>>>,
    left: Arc<AtomicBool>,
}

/// A browser whose microphone says this tone, and its offer.
pub fn offer(hertz: f32) -> (Offering, String) {
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
    let heard = Arc::default();
    let talk = Talk { rtc, socket, mid, tone: Tone::new(hertz, 8_000.0), frames: 0, heard };
    (Offering { talk, pending }, offer.to_sdp_string())
}

impl Offering {
    /// Takes the centre's answer, and talks.
    pub fn answered(mut self, description: &str) -> Browser {
        let answer = SdpAnswer::from_sdp_string(description).unwrap();
        self.talk.rtc.sdp_api().accept_answer(self.pending, answer).unwrap();
        let left = Arc::new(AtomicBool::new(false));
        let browser = Browser { heard: Arc::clone(&self.talk.heard), left: Arc::clone(&left) };
        std::thread::spawn(move || {
            while !left.load(Ordering::Relaxed) && self.talk.rtc.is_alive() {
                self.talk.frame();
                std::thread::sleep(FRAME);
            }
        });
        browser
    }
}

impl Talk {
    fn frame(&mut self) {
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
            self.rtc.direct_api().stream_tx_by_mid(self.mid, None).unwrap().write_rtp(write);
        }
        self.rtc.handle_input(Input::Timeout(now)).unwrap();
        self.drain();
    }

    fn drain(&mut self) {
        while self.rtc.is_alive() {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(_) => return,
                Output::Transmit(transmit) => {
                    let _ = self.socket.send_to(&transmit.contents, transmit.destination);
                }
                Output::Event(Event::RtpPacket(packet)) => {
                    let mut heard = self.heard.lock().unwrap();
                    heard.extend(packet.payload.iter().map(|byte| Law::Mu.decode(*byte)));
                    let old = heard.len().saturating_sub(LATELY);
                    heard.drain(..old);
                }
                Output::Event(_) => {}
            }
        }
    }
}

impl Browser {
    /// Waits until this tone is what it hears.
    pub async fn hears(&self, hertz: f32) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let lately = self.heard.lock().unwrap().clone();
            if lately.len() == LATELY && is_dominated_by(&lately, hertz) {
                return;
            }
            assert!(Instant::now() < deadline, "{hertz} Hz is not heard in {} samples", lately.len());
            tokio::time::sleep(FRAME).await;
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.left.store(true, Ordering::Relaxed);
    }
}
