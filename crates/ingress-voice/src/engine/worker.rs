//! A media thread: a round every 10 ms takes commands, passes on what came, and every second round sends a frame.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, TryRecvError},
    },
    time::{Duration, Instant},
};

use media::{
    FRAME_MS, FRAME_SAMPLES, g711,
    mixer::Mixer,
    rtp::{HEADER_LEN, PT_COMFORT_NOISE, Packet},
};

use super::{
    Command, EngineStats, LegId, StatsSnapshot,
    leg::{Heard, Leg, Source},
    readiness::{AT_ONCE, Found, Readiness},
    tape::Tape,
    watch::Watch,
    web::WebPort,
    wire::{Received, Wire},
};

/// Rounds in one frame: packets are passed on twice as often as frames are made, which halves the added delay.
const ROUNDS_PER_FRAME: u64 = 2;
const ROUND: Duration = Duration::from_millis(FRAME_MS as u64 / ROUNDS_PER_FRAME);
/// Packets read from one leg in one round; what is beyond waits, so that a flooded port starves nobody.
const PACKETS_PER_ROUND: usize = 8;
/// Commands taken in one round.
const COMMANDS_PER_ROUND: usize = 2_048;
/// Frames between two looks at the RTCP ports.
const RTCP_EVERY: u64 = 50;
/// A thread this far behind forgets the missed rounds instead of sending them in a burst.
const TOO_LATE: Duration = Duration::from_millis(100);
const LATE: Duration = Duration::from_millis(5);
/// Largest datagram that is looked at whole.
const DATAGRAM: usize = 1_500;

pub(super) struct Worker {
    commands: Receiver<Command>,
    stop: Arc<AtomicBool>,
    stats: Arc<EngineStats>,
    pub(super) legs: Vec<Leg>,
    pub(super) places: HashMap<LegId, usize>,
    pub(super) web: WebPort,
    pub(super) tapes: Vec<Tape>,
    pub(super) mixer: Mixer,
    readiness: Arc<Readiness>,
    datagram: Box<[u8; DATAGRAM]>,
    relayed: Box<[u8; DATAGRAM]>,
    frame: Box<[u8; HEADER_LEN + FRAME_SAMPLES]>,
    round: u64,
    tick: u64,
}

impl Worker {
    pub(super) fn new(
        commands: Receiver<Command>,
        stop: Arc<AtomicBool>,
        stats: Arc<EngineStats>,
        web: WebPort,
        readiness: Arc<Readiness>,
    ) -> Self {
        Self {
            web,
            readiness,
            commands,
            stop,
            stats,
            legs: Vec::new(),
            places: HashMap::new(),
            tapes: Vec::new(),
            mixer: Mixer::default(),
            datagram: Box::new([0; DATAGRAM]),
            relayed: Box::new([0; DATAGRAM]),
            frame: Box::new([0; HEADER_LEN + FRAME_SAMPLES]),
            round: 0,
            tick: 0,
        }
    }

    pub(super) fn run(mut self) {
        let mut due = Instant::now();
        let mut spent = cpu_nanos();
        let mut found = Found::new();
        while !self.stop.load(Ordering::Relaxed) {
            let began = Instant::now();
            let mut round = StatsSnapshot::default();
            if began > due + LATE {
                round.late_rounds = 1;
            }
            let before = self.legs.len() as i64;
            if !self.take_commands(&mut round) {
                return;
            }
            self.close_legs();
            self.read_browsers(&mut round);
            self.pass_on(&mut found, &mut round);
            if self.round.is_multiple_of(ROUNDS_PER_FRAME) {
                self.send_frames(&mut round);
            }
            let spent_now = cpu_nanos();
            round.busy_nanos = spent_now - spent;
            spent = spent_now;
            self.stats.add(&round, self.legs.len() as i64 - before);
            self.round += 1;
            due += ROUND;
            let now = Instant::now();
            if now > due + TOO_LATE {
                due = now;
            }
            std::thread::sleep(due.saturating_duration_since(now));
        }
    }

    /// `false` when nobody can send commands any more.
    fn take_commands(&mut self, round: &mut StatsSnapshot) -> bool {
        for _ in 0..COMMANDS_PER_ROUND {
            match self.commands.try_recv() {
                Ok(command) => self.obey(command, round),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
        true
    }

    fn obey(&mut self, command: Command, round: &mut StatsSnapshot) {
        let tick = self.tick;
        match command {
            Command::Open(leg) => {
                self.web.know(&leg);
                self.places.insert(leg.id, self.legs.len());
                self.legs.push(*leg);
            }
            Command::Agree(id, media) => {
                if let Some(leg) = self.leg(id) {
                    leg.agree(media, tick);
                }
            }
            Command::Protect(id, protection) => {
                if let Some(leg) = self.leg(id) {
                    leg.wire.protect(protection);
                }
            }
            Command::Play { leg, playback, token } => self.play(leg, playback, token),
            Command::Quiet(id) => {
                if let Some(leg) = self.leg(id)
                    && matches!(leg.source, Source::Clip(..))
                {
                    leg.play(Source::Nothing);
                }
            }
            Command::Hear(id, voices) => self.hear(id, voices),
            Command::Part(id) => self.part(id),
            Command::Record(sink) => self.record(sink),
            Command::Tune { tape, left, right } => self.tune(tape, left, right),
            Command::EndTape(tape) => self.end_tape(tape, round),
            Command::Watch { leg, silence_ms } => {
                if let Some(leg) = self.leg(leg) {
                    leg.voice_watch = Some(Watch::new(silence_ms));
                }
            }
            Command::Listen(id, listener) => self.listen(id, listener),
            Command::StopListening(id) => self.stop_listening(id),
            Command::Detect(id, detector) => self.detect(id, detector),
            Command::Expect(id) => {
                if let Some(leg) = self.leg(id) {
                    leg.expect(tick);
                }
            }
            Command::Press { leg, digits } => {
                if let Some(leg) = self.leg(leg) {
                    leg.press(&digits);
                }
            }
        }
    }

    pub(super) fn leg(&mut self, id: LegId) -> Option<&mut Leg> {
        let place = *self.places.get(&id)?;
        self.legs.get_mut(place)
    }

    fn close_legs(&mut self) {
        let mut place = 0;
        while place < self.legs.len() {
            if !self.legs[place].closed.load(Ordering::Relaxed) {
                place += 1;
                continue;
            }
            let id = self.legs[place].id;
            self.part(id);
            self.places.remove(&id);
            let gone = self.legs.swap_remove(place);
            self.web.forget(gone);
            if let Some(moved) = self.legs.get(place) {
                self.places.insert(moved.id, place);
            }
        }
    }

    /// Reads what has come and passes it to those who listen to its leg alone: browsers' packets, which the shared port
    /// brought, and one of every socket that has any, until none has or the round is full.
    fn pass_on(&mut self, found: &mut Found, round: &mut StatsSnapshot) {
        for place in 0..self.legs.len() {
            if matches!(self.legs[place].wire, Wire::Web(_)) {
                for _ in 0..PACKETS_PER_ROUND {
                    if !self.pass_one_on(place, round) {
                        break;
                    }
                }
            }
        }
        for _ in 0..PACKETS_PER_ROUND + self.legs.len() / AT_ONCE {
            self.readiness.look(found);
            if found.is_empty() {
                break;
            }
            for id in found.legs() {
                if let Some(place) = self.places.get(&id).copied() {
                    self.pass_one_on(place, round);
                }
            }
        }
    }

    /// Reads one packet of a leg; `false`: there is none. Keys go to all listeners; voices that are mixed or recorded go
    /// into the leg's ear.
    fn pass_one_on(&mut self, place: usize, round: &mut StatsSnapshot) -> bool {
        let (length, from) = match self.legs[place].wire.receive(&mut self.datagram[..]) {
            Received::Packet(length, from) => (length, from),
            Received::Nothing => return false,
            Received::Again => return true,
            Received::Forged => {
                round.forged += 1;
                return true;
            }
        };
        let Ok(packet) = Packet::parse(&self.datagram[..length]) else {
            round.invalid += 1;
            return true;
        };
        let heard = self.legs[place].hear(&packet, from, self.tick, round);
        if let Some(ear) = self.legs[place].ear.as_mut() {
            match heard {
                Heard::Audio(law) => ear.hear(&packet, law, self.round),
                Heard::Noise(level) => ear.comfort(level, packet.timestamp),
                Heard::Event | Heard::Nothing => {}
            }
        }
        let (listeners, count) = self.listeners_of(place);
        for listener in &listeners[..count] {
            let listener = &mut self.legs[*listener];
            if matches!(listener.source, Source::Peer(_)) || matches!(heard, Heard::Event) {
                relay(listener, &packet, &heard, &mut self.relayed, round);
            }
        }
        true
    }

    fn send_frames(&mut self, round: &mut StatsSnapshot) {
        for place in 0..self.legs.len() {
            let leg = &mut self.legs[place];
            if let Some(ear) = &mut leg.ear {
                ear.tick();
            }
            leg.notice(round);
            let (id, overheard, detected) = (leg.id, leg.overhear(round), leg.detect(round));
            if overheard {
                self.return_ear(id);
            }
            if detected {
                self.return_ear(id);
            }
        }
        let mut mixed = [0; FRAME_SAMPLES];
        for place in 0..self.legs.len() {
            let mixed = self.mix(place, &mut mixed).then_some(&mixed);
            self.legs[place].tick(self.tick, &mut self.frame, mixed, round);
        }
        self.write_tapes(round);
        if self.tick.is_multiple_of(RTCP_EVERY) {
            for leg in &self.legs {
                leg.wire.drain_rtcp(&mut self.datagram[..]);
            }
        }
        self.tick += 1;
    }
}

/// CPU time of this thread, in nanoseconds.
fn cpu_nanos() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Passes a packet on to the other leg of its bridge, in that leg's numbers and law.
fn relay(
    to: &mut Leg,
    packet: &Packet<'_>,
    heard: &Heard,
    out: &mut [u8; DATAGRAM],
    round: &mut StatsSnapshot,
) {
    let Some(media) = to.media else { return };
    if to.is_pressing() {
        return;
    }
    let payload_type = match heard {
        Heard::Nothing => return,
        Heard::Audio(_) => {
            to.comfort = None;
            media.law.payload_type()
        }
        Heard::Noise(level) => {
            if !to.hear_silence(*level) {
                return;
            }
            PT_COMFORT_NOISE
        }
        Heard::Event => match media.events_out {
            Some(payload_type) => payload_type,
            None => return,
        },
    };
    let length = HEADER_LEN + packet.payload.len();
    let Some(datagram) = out.get_mut(..length) else { return };
    let (header, payload) = datagram.split_at_mut(HEADER_LEN);
    let Ok(header) = header.try_into() else { return };
    to.out.relay_header(header, packet, payload_type);
    payload.copy_from_slice(packet.payload);
    if let Heard::Audio(law) = heard {
        g711::transcode(*law, media.law, payload);
    }
    to.transmit(datagram, round);
}
