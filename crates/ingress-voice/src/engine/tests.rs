//! The engine heard through real sockets: tones, digits, silence.

use std::{
    net::{SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use media::{
    FRAME_SAMPLES,
    clip::Clip,
    dtmf::DigitSender,
    g711::Law,
    rtp::{HEADER_LEN, PT_COMFORT_NOISE, Packet, write_header},
    tone::{Tone, amplitude_at, is_dominated_by, loudness},
};
use tokio::sync::mpsc;

use super::*;

/// A phone of the test: sends a tone or digits, keeps what it hears.
struct Phone {
    socket: UdpSocket,
    law: Law,
    sequence: u16,
    timestamp: u32,
    tone: Tone,
}

impl Phone {
    fn new(law: Law, hertz: f32) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        Self { socket, law, sequence: 0, timestamp: 0, tone: Tone::new(hertz, 8_000.0) }
    }

    fn media(&self) -> LegMedia {
        LegMedia {
            remote: self.socket.local_addr().unwrap(),
            law: self.law,
            events_in: Some(101),
            events_out: Some(101),
            noise: false,
            sending: true,
            receiving: true,
        }
    }

    fn talk(&mut self, to: SocketAddr) {
        let mut samples = [0; FRAME_SAMPLES];
        self.tone.fill(&mut samples);
        self.utter(to, &samples);
    }

    fn utter(&mut self, to: SocketAddr, samples: &[i16; FRAME_SAMPLES]) {
        let mut payload = [0; FRAME_SAMPLES];
        self.law.encode_into(samples, &mut payload);
        self.send(to, false, self.law.payload_type(), self.timestamp, &payload);
        self.timestamp += FRAME_SAMPLES as u32;
    }

    fn press(&mut self, to: SocketAddr, digit: char) {
        let timestamp = self.timestamp;
        let mut sender = DigitSender::new(digit, 60).unwrap();
        while let Some(packet) = sender.next_packet() {
            self.send(to, packet.marker, 101, timestamp, &packet.event.to_bytes());
            self.timestamp += FRAME_SAMPLES as u32;
        }
    }

    fn send(&mut self, to: SocketAddr, marker: bool, payload_type: u8, timestamp: u32, payload: &[u8]) {
        let mut header = [0; HEADER_LEN];
        write_header(&mut header, marker, payload_type, self.sequence, timestamp, 42);
        self.sequence += 1;
        self.socket.send_to(&[&header, payload].concat(), to).unwrap();
    }

    /// All audio that has arrived, and the sequence numbers it came with.
    fn heard(&self) -> (Vec<i16>, Vec<u16>) {
        let (mut samples, mut sequences) = (Vec::new(), Vec::new());
        let mut datagram = [0; 1_500];
        while let Ok((length, _)) = self.socket.recv_from(&mut datagram) {
            let packet = Packet::parse(&datagram[..length]).unwrap();
            sequences.push(packet.sequence);
            if packet.payload_type == self.law.payload_type() {
                samples.extend(packet.payload.iter().map(|byte| self.law.decode(*byte)));
            }
        }
        (samples, sequences)
    }
}

fn engine(ports: RangeInclusive<u16>) -> Engine {
    Engine::start(&EngineConfig {
        bind: "127.0.0.1".parse().unwrap(),
        ports,
        threads: 1,
        silence_limit: Duration::from_millis(300),
        first_packet_limit: Duration::from_secs(1),
        web: WebConfig::default(),
    })
    .unwrap()
}

fn local(leg: &Leg) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], leg.port()))
}

fn every_frame(mut action: impl FnMut(), frames: u32) {
    let start = Instant::now();
    for frame in 1..=frames {
        action();
        std::thread::sleep(
            (start + Duration::from_millis(20) * frame).saturating_duration_since(Instant::now()),
        );
    }
}

#[test]
fn two_bridged_legs_hear_each_other_across_laws() {
    let engine = engine(21_000..=21_099);
    let call = engine.for_call();
    let (events, _mailbox) = mpsc::channel(8);
    let (mut ann, mut caller) = (Phone::new(Law::A, 440.0), Phone::new(Law::Mu, 1_000.0));
    let (one, other) = (call.open(1, events.clone()).unwrap(), call.open(2, events).unwrap());
    one.agree(ann.media()).unwrap();
    other.agree(caller.media()).unwrap();
    call.bridge(one.id(), other.id()).unwrap();

    every_frame(
        || {
            ann.talk(local(&one));
            caller.talk(local(&other));
        },
        30,
    );

    let (ann_heard, _) = ann.heard();
    let (caller_heard, sequences) = caller.heard();
    assert!(ann_heard.len() > 20 * FRAME_SAMPLES, "{}", ann_heard.len());
    assert!(is_dominated_by(&ann_heard, 1_000.0));
    assert!(is_dominated_by(&caller_heard, 440.0));
    assert!(sequences.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1)));
}

#[test]
fn a_held_leg_hears_the_clip_without_gap_and_its_end_is_reported() {
    let engine = engine(21_100..=21_199);
    let (events, mut mailbox) = mpsc::channel(8);
    let caller = Phone::new(Law::Mu, 0.0);
    let leg = engine.for_call().open(3, events).unwrap();
    leg.agree(caller.media()).unwrap();
    let mut samples = vec![0; FRAME_SAMPLES * 10];
    Tone::new(700.0, 6_000.0).fill(&mut samples);

    leg.play(Clip::from_samples(&samples).play(Law::Mu, false), Some(9)).unwrap();

    assert_eq!(mailbox.blocking_recv(), Some(MediaEvent::Played { leg: leg.id(), token: 9 }));
    let (heard, sequences) = caller.heard();
    assert_eq!(heard.len(), samples.len());
    assert!(is_dominated_by(&heard, 700.0));
    assert!(sequences.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1)));
}

#[test]
fn digits_arrive_once_each_from_another_port_than_announced() {
    let engine = engine(21_200..=21_299);
    let (events, mut mailbox) = mpsc::channel(8);
    let mut caller = Phone::new(Law::Mu, 0.0);
    let leg = engine.for_call().open(4, events).unwrap();
    let announced = SocketAddr::from(([127, 0, 0, 1], 9));
    leg.agree(LegMedia { remote: announced, ..caller.media() }).unwrap();

    every_frame(|| caller.talk(local(&leg)), 5);
    caller.press(local(&leg), '1');
    every_frame(|| {}, 3);
    caller.press(local(&leg), '1');
    every_frame(|| {}, 3);

    let digit = MediaEvent::Digit { leg: leg.id(), digit: '1' };
    assert_eq!(mailbox.try_recv().ok(), Some(digit));
    assert_eq!(mailbox.try_recv().ok(), Some(digit));
    assert!(mailbox.try_recv().is_err());
}

#[test]
fn keys_in_the_sound_count_where_no_telephone_events_are_agreed() {
    let engine = engine(21_900..=21_999);
    let (events, mut mailbox) = mpsc::channel(8);
    let mut caller = Phone::new(Law::A, 0.0);
    let leg = engine.for_call().open(9, events).unwrap();
    leg.agree(LegMedia { events_in: None, events_out: None, ..caller.media() }).unwrap();
    let (mut low, mut high) = (Tone::new(770.0, 6_000.0), Tone::new(1_477.0, 6_000.0));

    for _ in 0..2 {
        every_frame(
            || {
                let (mut six, mut other) = ([0; FRAME_SAMPLES], [0; FRAME_SAMPLES]);
                low.fill(&mut six);
                high.fill(&mut other);
                six.iter_mut().zip(other).for_each(|(sum, sample)| *sum += sample);
                caller.utter(local(&leg), &six);
            },
            4,
        );
        every_frame(|| caller.utter(local(&leg), &[0; FRAME_SAMPLES]), 4);
    }

    let digit = MediaEvent::Digit { leg: leg.id(), digit: '6' };
    assert_eq!((mailbox.try_recv().ok(), mailbox.try_recv().ok()), (Some(digit), Some(digit)));
    assert!(mailbox.try_recv().is_err());
}

#[test]
fn a_phone_that_falls_silent_is_reported_once_and_garbage_does_not_count() {
    let engine = engine(21_300..=21_399);
    let (events, mut mailbox) = mpsc::channel(8);
    let mut caller = Phone::new(Law::Mu, 500.0);
    let leg = engine.for_call().open(5, events).unwrap();
    leg.agree(caller.media()).unwrap();
    every_frame(|| caller.talk(local(&leg)), 5);
    let stopped = Instant::now();

    every_frame(
        || {
            caller.socket.send_to(b"garbage that is no RTP", local(&leg)).unwrap();
        },
        30,
    );

    assert_eq!(mailbox.try_recv().ok(), Some(MediaEvent::Silent { leg: leg.id() }));
    assert!(mailbox.try_recv().is_err());
    assert!(stopped.elapsed() > Duration::from_millis(300));
    assert!(engine.stats().invalid >= 20);

    leg.expect().unwrap();
    assert_eq!(mailbox.blocking_recv(), Some(MediaEvent::Silent { leg: leg.id() }), "waited for anew");
}

#[test]
fn digits_are_sent_to_a_phone_that_takes_them() {
    let engine = engine(21_400..=21_499);
    let (events, _mailbox) = mpsc::channel(8);
    let phone = Phone::new(Law::Mu, 0.0);
    let leg = engine.for_call().open(6, events).unwrap();
    leg.agree(phone.media()).unwrap();

    leg.press("5#").unwrap();
    every_frame(|| {}, 22);

    let mut receiver = media::dtmf::DigitReceiver::default();
    let mut digits = String::new();
    let mut datagram = [0; 1_500];
    while let Ok((length, _)) = phone.socket.recv_from(&mut datagram) {
        let packet = Packet::parse(&datagram[..length]).unwrap();
        digits.extend(receiver.receive(&packet));
    }
    assert_eq!(digits, "5#");
}

#[test]
fn a_dropped_leg_frees_its_ports_and_an_exhausted_range_refuses() {
    let engine = engine(21_500..=21_501);
    let call = engine.for_call();
    let (events, _mailbox) = mpsc::channel(8);
    let leg = call.open(7, events.clone()).unwrap();

    assert!(matches!(call.open(8, events.clone()), Err(OpenError::NoPort)));
    drop(leg);
    std::thread::sleep(Duration::from_millis(60));

    assert!(call.open(9, events).is_ok());
}

/// The announcement of a silence, 50 decibels below overload.
fn falls_silent(phone: &mut Phone, to: SocketAddr) {
    let timestamp = phone.timestamp;
    phone.send(to, false, PT_COMFORT_NOISE, timestamp, &[50]);
}

/// Payload types that have arrived.
fn kinds(phone: &Phone) -> Vec<u8> {
    let (mut kinds, mut datagram) = (Vec::new(), [0; 1_500]);
    while let Ok((length, _)) = phone.socket.recv_from(&mut datagram) {
        kinds.push(Packet::parse(&datagram[..length]).unwrap().payload_type);
    }
    kinds
}

#[test]
fn an_announced_silence_is_heard_as_noise_by_who_does_not_know_such_packets() {
    let engine = engine(21_700..=21_799);
    let call = engine.for_call();
    let (events, _mailbox) = mpsc::channel(16);
    let (mut caller, agent) = (Phone::new(Law::Mu, 400.0), Phone::new(Law::A, 600.0));
    let (one, other) = (call.open(1, events.clone()).unwrap(), call.open(2, events.clone()).unwrap());
    one.agree(caller.media()).unwrap();
    other.agree(agent.media()).unwrap();
    call.bridge(one.id(), other.id()).unwrap();
    let to = local(&one);
    every_frame(|| caller.talk(to), 10);
    agent.heard();

    falls_silent(&mut caller, to);
    every_frame(|| {}, 25);
    let (noise, sequences) = agent.heard();
    every_frame(|| caller.talk(to), 15);
    let (speech, _) = agent.heard();

    let loud = loudness(&noise[noise.len() - 1_600..]);
    assert!(noise.len() >= 20 * FRAME_SAMPLES && (70.0..150.0).contains(&loud), "{}: {loud}", noise.len());
    assert!(sequences.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1)), "{sequences:?}");
    let tone = amplitude_at(&speech[speech.len() - 800..], 400.0);
    assert!(tone > 7_000.0, "speech ends it: {tone}");
}

#[test]
fn an_announced_silence_is_passed_on_where_it_is_agreed_and_announced_by_ourselves() {
    let engine = engine(21_800..=21_899);
    let call = engine.for_call();
    let (events, _mailbox) = mpsc::channel(16);
    let (mut caller, agent) = (Phone::new(Law::Mu, 400.0), Phone::new(Law::Mu, 600.0));
    let (one, other) = (call.open(1, events.clone()).unwrap(), call.open(2, events.clone()).unwrap());
    one.agree(caller.media()).unwrap();
    other.agree(LegMedia { noise: true, ..agent.media() }).unwrap();
    call.bridge(one.id(), other.id()).unwrap();
    let to = local(&one);
    every_frame(|| caller.talk(to), 5);
    kinds(&agent);

    falls_silent(&mut caller, to);
    every_frame(|| {}, 25);

    assert_eq!(kinds(&agent), [PT_COMFORT_NOISE, PT_COMFORT_NOISE], "theirs, and ours after a while");
    assert!(kinds(&caller).is_empty(), "who does not know such packets gets none");
}

#[test]
fn who_is_mixed_or_recorded_is_heard_as_the_noise_that_they_announce() {
    let mut ear = super::ear::Ear::new();
    ear.comfort(50, 9);
    let mut sound = Vec::new();
    for _ in 0..50 {
        ear.tick();
        sound.extend_from_slice(ear.frame().expect("noise"));
    }

    assert!((90.0..120.0).contains(&loudness(&sound)), "{}", loudness(&sound));
}
