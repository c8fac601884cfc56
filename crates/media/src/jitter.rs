//! A small adaptive jitter buffer: packets in any order in, one frame per tick out.
//!
//! The depth follows the measured jitter (RFC 3550 §6.4.1) between one and ten frames. A gap is reported as lost and
//! skipped; an empty buffer fills up again before it plays; a buffer that stays too deep drops a frame. Both
//! also absorb clocks that drift apart. All memory is taken when the buffer is made.

use crate::{FRAME_SAMPLES, rtp::sequence_distance};

/// Frames the buffer can hold; a power of two so that the ring follows the wrapping sequence number.
const SLOTS: usize = 32;
/// Largest payload of one packet: 40 ms of G.711.
const MAX_PAYLOAD: usize = 2 * FRAME_SAMPLES;
/// Bounds of the wanted depth, in frames.
const DEPTHS: std::ops::RangeInclusive<usize> = 1..=10;
/// Ticks a too deep buffer is suffered before a frame is dropped.
const SHRINK_AFTER: u32 = 50;

#[derive(Debug, Clone, Copy)]
struct Slot {
    sequence: u16,
    length: u16,
    bytes: [u8; MAX_PAYLOAD],
}

/// What one tick yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pop<'a> {
    /// The next payload.
    Frame(&'a [u8]),
    /// The packet of this tick never came: conceal it.
    Lost,
    /// Nothing to play: the stream has not begun, paused, or ran dry.
    Empty,
}

/// What the buffer saw so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Packets played.
    pub played: u64,
    /// Ticks whose packet never came.
    pub lost: u64,
    /// Packets that came after their tick, twice, or too large.
    pub discarded: u64,
    /// Frames dropped to get back to the wanted depth.
    pub dropped: u64,
}

/// See the module's description.
#[derive(Debug, Clone)]
pub struct JitterBuffer {
    slots: Box<[Slot; SLOTS]>,
    filled: [bool; SLOTS],
    buffered: usize,
    next: Option<u16>,
    playing: bool,
    target: usize,
    jitter_x16: u32,
    last_transit: Option<i64>,
    deep_ticks: u32,
    measured: u64,
    counters: Counters,
}

impl Default for JitterBuffer {
    fn default() -> Self {
        Self::new()
    }
}

impl JitterBuffer {
    /// An empty buffer that wants a depth of two frames.
    #[must_use]
    pub fn new() -> Self {
        Self {
            slots: Box::new([Slot { sequence: 0, length: 0, bytes: [0; MAX_PAYLOAD] }; SLOTS]),
            filled: [false; SLOTS],
            buffered: 0,
            next: None,
            playing: false,
            target: 2,
            jitter_x16: 0,
            last_transit: None,
            deep_ticks: 0,
            measured: 0,
            counters: Counters::default(),
        }
    }

    /// Takes a packet. `arrival` is in timestamp units (1/8000 s) of any clock that does not jump.
    pub fn push(&mut self, sequence: u16, timestamp: u32, arrival: u64, payload: &[u8]) {
        if payload.is_empty() || payload.len() > MAX_PAYLOAD {
            self.counters.discarded += 1;
            return;
        }
        self.measure(timestamp, arrival);
        let next = *self.next.get_or_insert(sequence);
        let ahead = sequence_distance(sequence, next);
        if ahead < 0 && !self.playing && usize::from(ahead.unsigned_abs()) + self.buffered < SLOTS {
            self.next = Some(sequence);
        } else if ahead < -(SLOTS as i16) || usize::try_from(ahead).is_ok_and(|ahead| ahead >= SLOTS) {
            self.restart(sequence);
        } else if ahead < 0 {
            self.counters.discarded += 1;
            return;
        }
        let index = usize::from(sequence) % SLOTS;
        if self.filled[index] {
            self.counters.discarded += 1;
            return;
        }
        let slot = &mut self.slots[index];
        slot.sequence = sequence;
        slot.length = payload.len() as u16;
        slot.bytes[..payload.len()].copy_from_slice(payload);
        self.filled[index] = true;
        self.buffered += 1;
    }

    /// One tick: what is to be played now.
    pub fn pop(&mut self) -> Pop<'_> {
        if !self.playing {
            if self.buffered < self.target {
                return Pop::Empty;
            }
            self.playing = true;
        }
        self.shrink();
        let Some(next) = self.next else { return Pop::Empty };
        if self.buffered == 0 {
            self.playing = false;
            self.target = (self.target + 1).min(*DEPTHS.end());
            return Pop::Empty;
        }
        self.next = Some(next.wrapping_add(1));
        let index = usize::from(next) % SLOTS;
        if !self.filled[index] {
            self.counters.lost += 1;
            return Pop::Lost;
        }
        self.filled[index] = false;
        self.buffered -= 1;
        self.counters.played += 1;
        let slot = &self.slots[index];
        debug_assert_eq!(slot.sequence, next, "the ring holds only what is at most {SLOTS} ahead");
        Pop::Frame(&slot.bytes[..usize::from(slot.length)])
    }

    /// The depth in frames that the buffer aims at now.
    #[must_use]
    pub fn target(&self) -> usize {
        self.target
    }

    /// What the buffer saw so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Interarrival jitter in timestamp units (RFC 3550 §6.4.1).
    #[must_use]
    pub fn jitter(&self) -> u32 {
        self.jitter_x16 / 16
    }

    fn measure(&mut self, timestamp: u32, arrival: u64) {
        let transit = (arrival as u32).wrapping_sub(timestamp);
        if let Some(last) = self.last_transit {
            let difference = (transit.wrapping_sub(last as u32) as i32).unsigned_abs().min(8_000);
            self.jitter_x16 = self.jitter_x16 + difference - (self.jitter_x16 + 8) / 16;
        }
        self.last_transit = Some(i64::from(transit));
        self.measured += 1;
        // Twice the mean deviation covers nearly all packets of a usual network.
        let wanted = 1 + (2 * self.jitter() as usize).div_ceil(FRAME_SAMPLES);
        let wanted = wanted.clamp(*DEPTHS.start(), *DEPTHS.end());
        if wanted > self.target {
            self.target = wanted;
        } else if wanted < self.target && self.measured.is_multiple_of(256) {
            self.target -= 1;
        }
    }

    /// Drops one frame when the buffer has been deeper than wanted for a second.
    fn shrink(&mut self) {
        if self.buffered <= self.target + 1 {
            self.deep_ticks = 0;
            return;
        }
        self.deep_ticks += 1;
        if self.deep_ticks < SHRINK_AFTER {
            return;
        }
        self.deep_ticks = 0;
        if let Some(next) = self.next {
            let index = usize::from(next) % SLOTS;
            if self.filled[index] {
                self.filled[index] = false;
                self.buffered -= 1;
                self.counters.dropped += 1;
            }
            self.next = Some(next.wrapping_add(1));
        }
    }

    fn restart(&mut self, sequence: u16) {
        self.filled = [false; SLOTS];
        self.buffered = 0;
        self.playing = false;
        self.next = Some(sequence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn push(buffer: &mut JitterBuffer, sequence: u16) {
        let at = u32::from(sequence) * 160;
        buffer.push(sequence, at, u64::from(at), &[sequence as u8; 160]);
    }

    fn pop(buffer: &mut JitterBuffer) -> Option<u8> {
        match buffer.pop() {
            Pop::Frame(bytes) => Some(bytes[0]),
            Pop::Lost | Pop::Empty => None,
        }
    }

    #[test]
    fn reordered_packets_play_in_order() {
        let mut buffer = JitterBuffer::new();
        for sequence in [12, 10, 11, 13] {
            push(&mut buffer, sequence);
        }

        let played: Vec<_> = (0..4).map(|_| pop(&mut buffer)).collect();

        assert_eq!(played, [Some(10), Some(11), Some(12), Some(13)]);
    }

    #[test]
    fn a_lost_packet_is_reported_once_and_skipped() {
        let mut buffer = JitterBuffer::new();
        for sequence in [1, 2, 4] {
            push(&mut buffer, sequence);
        }

        assert_eq!(pop(&mut buffer), Some(1));
        assert_eq!(pop(&mut buffer), Some(2));
        assert_eq!(buffer.pop(), Pop::Lost);
        assert_eq!(pop(&mut buffer), Some(4));
        assert_eq!(buffer.counters().lost, 1);
    }

    #[test]
    fn late_and_repeated_packets_are_discarded() {
        let mut buffer = JitterBuffer::new();
        push(&mut buffer, 1);
        push(&mut buffer, 2);
        push(&mut buffer, 2);
        pop(&mut buffer);

        push(&mut buffer, 1);

        assert_eq!(buffer.counters().discarded, 2);
    }

    #[test]
    fn an_underrun_fills_up_again_with_more_depth() {
        let mut buffer = JitterBuffer::new();
        push(&mut buffer, 1);
        push(&mut buffer, 2);
        pop(&mut buffer);
        pop(&mut buffer);

        assert_eq!(buffer.pop(), Pop::Empty);
        push(&mut buffer, 3);

        assert_eq!(buffer.pop(), Pop::Empty, "one frame is less than the wanted depth");
        assert_eq!(buffer.target(), 3);
    }

    #[test]
    fn jitter_deepens_the_buffer() {
        let mut buffer = JitterBuffer::new();
        for n in 0..200u32 {
            let late = if n % 2 == 0 { 0 } else { 480 };
            buffer.push(n as u16, n * 160, u64::from(n * 160 + late), &[1; 160]);
            buffer.pop();
        }

        assert!(buffer.target() >= 4, "{}", buffer.target());
    }

    #[test]
    fn a_faster_sender_does_not_deepen_the_buffer_for_ever() {
        let mut buffer = JitterBuffer::new();
        let mut sequence = 0u16;
        for tick in 0..5_000 {
            push(&mut buffer, sequence);
            sequence = sequence.wrapping_add(1);
            if tick % 100 == 0 {
                push(&mut buffer, sequence);
                sequence = sequence.wrapping_add(1);
            }
            buffer.pop();
        }

        assert!(buffer.buffered < 8, "{} frames deep", buffer.buffered);
        assert!(buffer.counters().dropped > 10);
    }

    #[test]
    fn a_jump_of_the_sequence_starts_again() {
        let mut buffer = JitterBuffer::new();
        push(&mut buffer, 1);
        push(&mut buffer, 2);
        pop(&mut buffer);

        for sequence in 5_000..5_010u16 {
            push(&mut buffer, sequence);
        }

        assert_eq!(pop(&mut buffer), Some(5_000u16 as u8));
    }

    proptest! {
        #[test]
        fn any_stream_is_survived(
            packets in proptest::collection::vec((any::<u16>(), any::<u32>(), 0u64..1_000_000, 0usize..400), 0..400),
        ) {
            let mut buffer = JitterBuffer::new();
            for (sequence, timestamp, arrival, length) in packets {
                buffer.push(sequence, timestamp, arrival, &vec![0; length]);
                buffer.pop();
                prop_assert!(buffer.buffered <= SLOTS);
            }
        }
    }

    /// Half an hour with a phone whose clock runs at `rate` of ours: the delay in frames, worst and at the end, and
    /// how many frames were not heard.
    fn drift(rate: f64) -> (i64, i64, u64) {
        let mut buffer = JitterBuffer::new();
        let (mut sent, mut worst, mut last, mut gaps) = (0u64, 0, 0, 0);
        let ticks = 90_000_u32;
        for tick in 0..ticks {
            while (sent as f64) * 160.0 / rate <= f64::from(tick) * 160.0 {
                let mut payload = [0; 160];
                payload[..8].copy_from_slice(&sent.to_be_bytes());
                buffer.push(sent as u16, (sent * 160) as u32, u64::from(tick) * 160, &payload);
                sent += 1;
            }
            match buffer.pop() {
                Pop::Frame(bytes) => {
                    let number = u64::from_be_bytes(bytes[..8].try_into().unwrap());
                    last = sent as i64 - number as i64;
                    worst = worst.max(last);
                }
                Pop::Lost | Pop::Empty => gaps += 1,
            }
        }
        (worst, last, gaps + buffer.counters().dropped)
    }

    #[test]
    fn clocks_that_drift_apart_add_no_delay_however_long_they_do() {
        // A phone's crystal is off by 50 ppm; 1,000 ppm is a broken one.
        for rate in [1.001, 0.999, 1.000_05, 0.999_95] {
            let (worst, last, unheard) = drift(rate);

            assert!(worst <= 8, "{rate}: {worst} frames of delay");
            assert!(last <= 6, "{rate}: {last} frames at the end");
            let drifted = (90_000.0 * (rate - 1.0_f64).abs()) as u64;
            assert!(unheard <= 6 * drifted + 20, "{rate}: {unheard} frames unheard, {drifted} apart");
        }
    }
}
