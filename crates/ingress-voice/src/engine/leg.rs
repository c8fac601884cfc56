//! One leg as its media thread holds it: wire, numbering, whom to believe, what to play.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use media::{
    FRAME_MS, FRAME_SAMPLES,
    clip::Playback,
    comfort::{self, Comfort},
    dtmf::{DigitReceiver, DigitSender},
    g711::Law,
    inband::Keypad,
    rtp::{HEADER_LEN, Packet},
    stream::{Latch, Outbound},
    utterance::Heard as Voice,
};
use tokio::sync::mpsc;

use super::{
    LegId, LegMedia, MediaEvent, StatsSnapshot,
    detector::{Detector, Heard as Detected},
    ear::Ear,
    listener::Listener,
    voices::Voices,
    watch::{Noticed, Watch},
    wire::Wire,
};

/// Frames without a packet after which comfort noise is announced, and after which it is again: 0.2 s and 5 s.
const QUIET_AFTER: u32 = 10;
const QUIET_AGAIN: u32 = 250;
/// Length of a sent digit, in milliseconds.
const DIGIT_MS: u16 = 100;

/// Where a leg's audio comes from.
pub(super) enum Source {
    /// Nothing is sent.
    Nothing,
    /// A clip; the token asks for a report at its end.
    Clip(Playback, Option<u64>),
    /// Whatever this leg of the same thread says, passed on as it comes.
    Peer(LegId),
    /// What these legs of the same thread say, added up frame by frame.
    Mix(Voices),
}

impl Source {
    /// The legs it comes from.
    pub(super) fn voices(&self) -> Voices {
        match self {
            Self::Nothing | Self::Clip(..) => Voices::NONE,
            Self::Peer(peer) => [*peer].into_iter().collect(),
            Self::Mix(voices) => *voices,
        }
    }
}

/// What a received packet is to the thread.
pub(super) enum Heard {
    /// Not for us, or nothing to pass on.
    Nothing,
    /// Audio in this law.
    Audio(Law),
    /// Silence as loud as this.
    Noise(u8),
    /// A telephone event.
    Event,
}

pub(super) struct Leg {
    pub(super) id: LegId,
    pub(super) wire: Wire,
    pub(super) media: Option<LegMedia>,
    latch: Latch,
    pub(super) out: Outbound,
    pub(super) source: Source,
    /// Who hears this leg.
    pub(super) listeners: Vec<LegId>,
    /// There while somebody mixes or records this leg.
    pub(super) ear: Option<Box<Ear>>,
    pub(super) ear_users: usize,
    /// There while somebody wants to know whether this leg speaks.
    pub(super) voice_watch: Option<Watch>,
    /// There while an answer of this leg is waited for.
    pub(super) listener: Option<Box<Listener>>,
    /// There while it is not known what is at the other end.
    pub(super) detector: Option<Box<Detector>>,
    /// Noise that is heard here, while the leg whose packets are passed on sends none.
    pub(super) comfort: Option<Comfort>,
    /// How loud the silence is that we announce, for how many frames nothing was sent, and whether something was in this one.
    silence: (u8, u32, bool),
    /// The noise of the line, once it was listened to.
    noise: Option<f32>,
    digits_in: DigitReceiver,
    /// Hears keys in the sound where no telephone events are agreed.
    keypad: Keypad,
    digits_out: VecDeque<char>,
    pressing: Option<(DigitSender, u32)>,
    events: mpsc::Sender<MediaEvent>,
    pub(super) closed: Arc<AtomicBool>,
    limits: (u64, u64),
    expected_since: u64,
    reported_silent: bool,
}

impl Leg {
    pub(super) fn new(
        id: LegId,
        wire: Wire,
        random: u64,
        events: mpsc::Sender<MediaEvent>,
        closed: Arc<AtomicBool>,
        limits: (Duration, Duration),
    ) -> Self {
        let frames = |limit: Duration| (limit.as_millis() as u64 / u64::from(FRAME_MS)).max(1);
        Self {
            id,
            wire,
            media: None,
            latch: Latch::default(),
            out: Outbound::new(random as u32, (random >> 32) as u16, (random >> 16) as u32),
            source: Source::Nothing,
            listeners: Vec::new(),
            ear: None,
            ear_users: 0,
            voice_watch: None,
            listener: None,
            detector: None,
            comfort: None,
            silence: (comfort::QUIET_LINE, 0, false),
            noise: None,
            digits_in: DigitReceiver::default(),
            keypad: Keypad::default(),
            digits_out: VecDeque::new(),
            pressing: None,
            events,
            closed,
            limits: (frames(limits.0), frames(limits.1)),
            expected_since: 0,
            reported_silent: false,
        }
    }

    /// A session description was agreed, or agreed anew.
    pub(super) fn agree(&mut self, media: LegMedia, tick: u64) {
        let changed = self.media.is_none_or(|old| old.remote != media.remote);
        if changed {
            self.latch.reset();
        }
        if self.media.is_none_or(|old| old.receiving != media.receiving) {
            self.expected_since = tick;
        }
        self.media = Some(media);
    }

    /// Waits for packets from now on.
    pub(super) fn expect(&mut self, tick: u64) {
        self.expected_since = tick;
        self.reported_silent = false;
    }

    pub(super) fn play(&mut self, source: Source) {
        self.source = source;
        self.comfort = None;
        self.silence.0 = comfort::QUIET_LINE;
        self.out.switch_source();
    }

    pub(super) fn press(&mut self, digits: &str) {
        self.digits_out.extend(digits.chars());
    }

    /// Judges a packet from `from`.
    pub(super) fn hear(
        &mut self,
        packet: &Packet<'_>,
        from: SocketAddr,
        tick: u64,
        round: &mut StatsSnapshot,
    ) -> Heard {
        let Some(media) = self.media else { return Heard::Nothing };
        if !self.latch.admit(from, Some(media.remote), tick) {
            round.invalid += 1;
            return Heard::Nothing;
        }
        round.received += 1;
        if Some(packet.payload_type) == media.events_in {
            if let Some(digit) = self.digits_in.receive(packet) {
                self.tell(MediaEvent::Digit { leg: self.id, digit }, round);
            }
            return Heard::Event;
        }
        let law = match packet.payload_type {
            media::rtp::PT_PCMU if !packet.payload.is_empty() => Law::Mu,
            media::rtp::PT_PCMA if !packet.payload.is_empty() => Law::A,
            media::rtp::PT_COMFORT_NOISE => {
                return comfort::level(packet.payload).map_or(Heard::Nothing, Heard::Noise);
            }
            _ => return Heard::Nothing,
        };
        if media.events_in.is_none()
            && let Some(digit) = self.keypad.hear(law, packet.payload)
        {
            self.tell(MediaEvent::Digit { leg: self.id, digit }, round);
        }
        Heard::Audio(law)
    }

    /// Sends the frame of this tick, if one was `mixed` for it or the leg has a source of its own, and watches for silence.
    pub(super) fn tick(
        &mut self,
        tick: u64,
        buffer: &mut [u8; HEADER_LEN + FRAME_SAMPLES],
        mixed: Option<&[u8; FRAME_SAMPLES]>,
        round: &mut StatsSnapshot,
    ) {
        self.watch(tick, round);
        if let Some(media) = self.media
            && !self.send_digit(media, round)
        {
            match (mixed, &mut self.comfort) {
                (Some(mixed), _) => self.send_frame(media, mixed, buffer, round),
                (None, Some(comfort)) => {
                    let (mut noise, mut coded) = ([0; FRAME_SAMPLES], [0; FRAME_SAMPLES]);
                    comfort.fill(&mut noise);
                    media.law.encode_into(&noise, &mut coded);
                    self.send_frame(media, &coded, buffer, round);
                }
                (None, None) => self.send_clip(media, buffer, round),
            }
        }
        self.announce_silence(round);
        self.out.tick();
    }

    /// Sends a datagram to wherever this leg's other end is.
    pub(super) fn transmit(&mut self, datagram: &[u8], round: &mut StatsSnapshot) {
        let Some(media) = self.media else { return };
        if !media.sending {
            return;
        }
        let to = self.latch.source().unwrap_or(media.remote);
        if self.wire.send(datagram, to) {
            round.sent += 1;
            self.silence.2 = true;
        }
    }

    /// The other end has announced this silence to us, which this leg hears: noise of our own where it does not know such
    /// packets.
    pub(super) fn hear_silence(&mut self, level: u8) -> bool {
        let agreed = self.media.is_some_and(|media| media.noise);
        if agreed {
            self.silence.0 = level;
        } else {
            match &mut self.comfort {
                Some(comfort) => comfort.set(level),
                comfort => *comfort = Some(Comfort::new(level, self.out.timestamp())),
            }
        }
        agreed
    }

    /// Where it is agreed, and nothing was sent for a while: how loud that is.
    fn announce_silence(&mut self, round: &mut StatsSnapshot) {
        let (level, frames, sent) = &mut self.silence;
        *frames = if std::mem::take(sent) { 0 } else { frames.saturating_add(1) };
        let due = *frames == QUIET_AFTER || (*frames > 0 && frames.is_multiple_of(QUIET_AGAIN));
        if !due || !self.media.is_some_and(|media| media.noise) {
            return;
        }
        let (level, frames) = (*level, *frames);
        let mut datagram = [0; HEADER_LEN + 1];
        if let Some(header) = datagram.first_chunk_mut() {
            self.out.own_header(header, media::rtp::PT_COMFORT_NOISE);
        }
        datagram[HEADER_LEN] = level;
        self.transmit(&datagram, round);
        // What was sent is no sound.
        self.silence = (level, frames, false);
        self.out.switch_source();
    }

    /// While a digit is being sent, nothing else is.
    pub(super) fn is_pressing(&self) -> bool {
        self.pressing.is_some() || !self.digits_out.is_empty()
    }

    fn send_frame(
        &mut self,
        media: LegMedia,
        frame: &[u8; FRAME_SAMPLES],
        buffer: &mut [u8; HEADER_LEN + FRAME_SAMPLES],
        round: &mut StatsSnapshot,
    ) {
        let (header, payload) = buffer.split_at_mut(HEADER_LEN);
        if let Ok(header) = header.try_into() {
            payload.copy_from_slice(frame);
            self.out.own_header(header, media.law.payload_type());
            self.transmit(buffer, round);
        }
    }

    fn send_clip(
        &mut self,
        media: LegMedia,
        buffer: &mut [u8; HEADER_LEN + FRAME_SAMPLES],
        round: &mut StatsSnapshot,
    ) {
        let Source::Clip(playback, token) = &mut self.source else { return };
        let (header, payload) = buffer.split_at_mut(HEADER_LEN);
        let (Ok(header), Ok(payload)) = (header.try_into(), payload.try_into()) else { return };
        if playback.next_frame(payload) {
            self.out.own_header(header, media.law.payload_type());
            self.transmit(buffer, round);
            return;
        }
        let token = *token;
        self.play(Source::Nothing);
        if let Some(token) = token {
            self.tell(MediaEvent::Played { leg: self.id, token }, round);
        }
    }

    fn send_digit(&mut self, media: LegMedia, round: &mut StatsSnapshot) -> bool {
        let Some(payload_type) = media.events_out else {
            self.digits_out.clear();
            self.pressing = None;
            return false;
        };
        if self.pressing.is_none() {
            let Some(digit) = self.digits_out.pop_front() else { return false };
            self.pressing = DigitSender::new(digit, DIGIT_MS).map(|sender| (sender, self.out.timestamp()));
        }
        let Some((sender, timestamp)) = &mut self.pressing else { return false };
        let timestamp = *timestamp;
        let Some(packet) = sender.next_packet() else {
            self.pressing = None;
            self.out.switch_source();
            return true;
        };
        let mut datagram = [0; HEADER_LEN + 4];
        let (header, payload) = datagram.split_at_mut(HEADER_LEN);
        if let Ok(header) = header.try_into() {
            self.out.event_header(header, packet.marker, payload_type, timestamp);
            payload.copy_from_slice(&packet.event.to_bytes());
            self.transmit(&datagram, round);
        }
        true
    }

    fn watch(&mut self, tick: u64, round: &mut StatsSnapshot) {
        if self.reported_silent || !self.media.is_some_and(|media| media.receiving) {
            return;
        }
        let (limit, first_limit) = self.limits;
        let waited = tick.saturating_sub(self.expected_since);
        let silent = match self.latch.silent_for(tick) {
            Some(silence) => silence.min(waited) > limit,
            None => waited > first_limit,
        };
        if silent {
            self.reported_silent = true;
            self.tell(MediaEvent::Silent { leg: self.id }, round);
        }
    }

    /// A tick: judges the frame that the ear heard.
    pub(super) fn notice(&mut self, round: &mut StatsSnapshot) {
        let Some(watch) = &mut self.voice_watch else { return };
        let event = match watch.frame(self.ear.as_ref().and_then(|ear| ear.frame())) {
            None => return,
            Some(Noticed::Spoke) => MediaEvent::Spoke { leg: self.id },
            Some(Noticed::Paused) => {
                self.voice_watch = None;
                MediaEvent::Paused { leg: self.id }
            }
        };
        self.tell(event, round);
    }

    /// Listens from now on. Its ear must be there.
    pub(super) fn listen(&mut self, mut listener: Box<Listener>) {
        if let Some(noise) = self.noise {
            listener.set_noise(noise);
        }
        self.listener = Some(listener);
    }

    /// Listens no more; `true` if it did.
    pub(super) fn stop_listening(&mut self) -> bool {
        let listener = self.listener.take();
        self.noise = listener.as_ref().map(|listener| listener.noise()).or(self.noise);
        listener.is_some()
    }

    /// A tick: hears the frame that came out of the ear. `true`: that was all, the ear is needed no more.
    pub(super) fn overhear(&mut self, round: &mut StatsSnapshot) -> bool {
        let Some(listener) = &mut self.listener else { return false };
        match listener.frame(self.ear.as_ref().and_then(|ear| ear.frame())) {
            Voice::Nothing => false,
            Voice::Began => {
                self.tell(MediaEvent::Speaks { leg: self.id }, round);
                false
            }
            heard @ (Voice::Ended | Voice::TooLong) => {
                self.noise = Some(listener.noise());
                if let Some(listener) = self.listener.take() {
                    listener.give(heard);
                }
                true
            }
        }
    }

    /// A tick: gives the frame that came out of the ear to the detector. `true`: that was all, the ear is needed no more.
    pub(super) fn detect(&mut self, round: &mut StatsSnapshot) -> bool {
        let Some(detector) = &mut self.detector else { return false };
        match detector.frame(self.ear.as_ref().and_then(|ear| ear.frame())) {
            Detected::Nothing => return false,
            Detected::Found(found) => self.tell(MediaEvent::Detected { leg: self.id, found }, round),
            Detected::Over => {}
        }
        self.detector = None;
        true
    }

    fn tell(&self, event: MediaEvent, round: &mut StatsSnapshot) {
        if self.events.try_send(event).is_err() {
            round.lost_events += 1;
        }
    }
}
