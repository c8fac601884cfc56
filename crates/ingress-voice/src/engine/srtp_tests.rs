//! Encrypted legs through real sockets: who has the key is heard, and nobody else.

use std::{net::UdpSocket, time::Duration};

use media::{
    FRAME_SAMPLES,
    clip::Clip,
    dtmf::DigitSender,
    g711::Law,
    rtp::{HEADER_LEN, Packet, write_header},
    srtp::{MAX_TAG, MasterKey, Opener, Sealer, Suite},
    tone::{Tone, is_dominated_by},
};
use tokio::sync::mpsc;

use super::*;

const OURS: MasterKey = MasterKey([1; 30]);
const THEIRS: MasterKey = MasterKey([2; 30]);
const OTHER: MasterKey = MasterKey([3; 30]);

/// Sends keys of the telephone, protected.
struct Phone {
    socket: UdpSocket,
    sealer: Sealer,
    timestamp: u32,
}

impl Phone {
    fn new(key: &MasterKey) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        Self { socket, sealer: Sealer::new(Suite::Tag80, key), timestamp: 0 }
    }

    /// Presses a key; what was sent.
    fn press(&mut self, leg: &Leg, digit: char) -> Vec<Vec<u8>> {
        let mut sent = Vec::new();
        self.timestamp += 10 * FRAME_SAMPLES as u32;
        let mut sender = DigitSender::new(digit, 60).unwrap();
        while let Some(packet) = sender.next_packet() {
            let mut datagram = [0; HEADER_LEN + 4 + MAX_TAG];
            let (header, payload) = datagram.split_first_chunk_mut().unwrap();
            write_header(header, packet.marker, 101, 0, self.timestamp, 42);
            payload[..4].copy_from_slice(&packet.event.to_bytes());
            let length = self.sealer.seal(&mut datagram, HEADER_LEN + 4).unwrap();
            sent.push(datagram[..length].to_vec());
        }
        for datagram in &sent {
            self.socket.send_to(datagram, ("127.0.0.1", leg.port())).unwrap();
        }
        sent
    }
}

fn engine(ports: RangeInclusive<u16>) -> Engine {
    Engine::start(&EngineConfig {
        bind: "127.0.0.1".parse().unwrap(),
        ports,
        threads: 1,
        silence_limit: Duration::from_secs(9),
        first_packet_limit: Duration::from_secs(9),
        web: WebConfig::default(),
    })
    .unwrap()
}

/// A leg of [`OURS`] that believes [`THEIRS`], announced where nobody is.
fn leg(engine: &Engine, events: mpsc::Sender<MediaEvent>) -> Leg {
    let leg = engine.for_call().open(5, events).unwrap();
    let opener = Opener::new(Suite::Tag80, &THEIRS);
    leg.protect(Protection::new(Some(Sealer::new(Suite::Tag80, &OURS)), Some(opener))).unwrap();
    leg.agree(LegMedia {
        remote: SocketAddr::from(([127, 0, 0, 1], 9)),
        law: Law::Mu,
        events_in: Some(101),
        events_out: Some(101),
        noise: false,
        sending: true,
        receiving: true,
    })
    .unwrap();
    leg
}

fn digit(leg: &Leg, digit: char) -> MediaEvent {
    MediaEvent::Digit { leg: leg.id(), digit }
}

#[test]
fn who_has_not_the_key_is_neither_heard_nor_answered() {
    let engine = engine(26_000..=26_099);
    let (events, mut mailbox) = mpsc::channel(8);
    let leg = leg(&engine, events);
    let (mut stranger, mut phone) = (Phone::new(&OTHER), Phone::new(&THEIRS));

    let noise = stranger.press(&leg, '1').len() as u64;
    std::thread::sleep(Duration::from_millis(100));
    let sent = phone.press(&leg, '5');
    assert_eq!(mailbox.blocking_recv(), Some(digit(&leg, '5')));
    std::thread::sleep(Duration::from_millis(50));
    for datagram in &sent {
        phone.socket.send_to(datagram, ("127.0.0.1", leg.port())).unwrap();
    }
    phone.press(&leg, '6');
    assert_eq!(mailbox.blocking_recv(), Some(digit(&leg, '6')));
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(engine.stats().forged, noise + sent.len() as u64);

    let mut samples = vec![0; FRAME_SAMPLES * 10];
    Tone::new(700.0, 6_000.0).fill(&mut samples);
    leg.play(Clip::from_samples(&samples).play(Law::Mu, false), None).unwrap();
    let mut opener = Opener::new(Suite::Tag80, &OURS);
    let (mut heard, mut datagram) = (Vec::new(), [0; 1_500]);
    while let Ok((length, _)) = phone.socket.recv_from(&mut datagram) {
        let length = opener.open(&mut datagram[..length]).unwrap();
        let packet = Packet::parse(&datagram[..length]).unwrap();
        heard.extend(packet.payload.iter().map(|byte| Law::Mu.decode(*byte)));
    }
    assert!(is_dominated_by(&heard, 700.0) && heard.len() >= samples.len() - FRAME_SAMPLES);
    assert!(stranger.socket.recv_from(&mut datagram).is_err());
}

#[test]
fn a_new_key_takes_the_place_of_the_old_one_and_ours_goes_on() {
    let engine = engine(26_100..=26_199);
    let (events, mut mailbox) = mpsc::channel(8);
    let leg = leg(&engine, events);
    let mut phone = Phone::new(&THEIRS);
    phone.press(&leg, '1');
    assert_eq!(mailbox.blocking_recv(), Some(digit(&leg, '1')));

    leg.protect(Protection::new(None, Some(Opener::new(Suite::Tag80, &OTHER)))).unwrap();
    std::thread::sleep(Duration::from_millis(50));
    phone.press(&leg, '2');
    phone.sealer = Sealer::new(Suite::Tag80, &OTHER);
    phone.press(&leg, '3');

    assert_eq!(mailbox.blocking_recv(), Some(digit(&leg, '3')));
}
