//! Keypad digits as RTP telephone events (RFC 4733).

use crate::{FRAME_SAMPLES, rtp::Packet};

/// The digits a telephone event can carry, indexed by event code.
const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D'];

/// How often the last packet of an event is sent (RFC 4733 §2.5.1.4).
const END_REPEATS: u8 = 3;

/// The 4-byte payload of a telephone event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TelephoneEvent {
    /// 0–15 are digits, above are tones and line states.
    pub code: u8,
    /// The event is over.
    pub end: bool,
    /// Power level in −dBm0, 0–63.
    pub volume: u8,
    /// Length so far, in timestamp units.
    pub duration: u16,
}

impl TelephoneEvent {
    /// Parses a payload; `None` when it is not at least four bytes long.
    #[must_use]
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let bytes = payload.first_chunk::<4>()?;
        Some(Self {
            code: bytes[0],
            end: bytes[1] & 0x80 != 0,
            volume: bytes[1] & 0x3f,
            duration: u16::from_be_bytes([bytes[2], bytes[3]]),
        })
    }

    /// The payload's four bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 4] {
        let [high, low] = self.duration.to_be_bytes();
        [self.code, (self.volume & 0x3f) | if self.end { 0x80 } else { 0 }, high, low]
    }

    /// The digit, if the event is one.
    #[must_use]
    pub fn digit(self) -> Option<char> {
        DIGITS.get(usize::from(self.code)).copied()
    }
}

/// The event code of a digit, `None` for anything that is not on a keypad.
#[must_use]
pub fn event_code(digit: char) -> Option<u8> {
    let upper = digit.to_ascii_uppercase();
    DIGITS.iter().position(|known| *known == upper).map(|index| index as u8)
}

/// Turns a stream of telephone-event packets into digits, one per key press.
///
/// A press is named by its timestamp: every packet of one press, its retransmitted end packets included, carries
/// the same one, and the same key pressed again carries a new one (RFC 4733 §2.5.1.2). A press counts from the
/// first packet that arrives, so a lost first packet loses nothing.
#[derive(Debug, Clone, Default)]
pub struct DigitReceiver {
    last: Option<(u32, u32)>,
}

impl DigitReceiver {
    /// Takes one telephone-event packet; returns the digit when a new press begins.
    pub fn receive(&mut self, packet: &Packet<'_>) -> Option<char> {
        let event = TelephoneEvent::parse(packet.payload)?;
        let press = (packet.ssrc, packet.timestamp);
        if self.last == Some(press) {
            return None;
        }
        if let Some((ssrc, timestamp)) = self.last
            && ssrc == packet.ssrc
            && (packet.timestamp.wrapping_sub(timestamp) as i32) < 0
        {
            return None;
        }
        let digit = event.digit()?;
        self.last = Some(press);
        Some(digit)
    }
}

/// Produces the packets of one key press, one per frame.
#[derive(Debug, Clone)]
pub struct DigitSender {
    code: u8,
    frames_left: u16,
    duration: u16,
    ends_left: u8,
}

/// One packet's worth of a key press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DigitPacket {
    /// The RTP marker: set on the first packet of the press only.
    pub marker: bool,
    /// What goes into the payload.
    pub event: TelephoneEvent,
}

impl DigitSender {
    /// Starts a press of `milliseconds` (rounded up to frames, at least two). `None` for an unknown digit.
    #[must_use]
    pub fn new(digit: char, milliseconds: u16) -> Option<Self> {
        let frames = milliseconds.div_ceil(crate::FRAME_MS as u16).clamp(2, 400);
        Some(Self { code: event_code(digit)?, frames_left: frames, duration: 0, ends_left: END_REPEATS })
    }

    /// The packet for the next frame; `None` when the press and its repeated end are out. All packets of a press
    /// are sent with the timestamp of its first.
    pub fn next_packet(&mut self) -> Option<DigitPacket> {
        if self.frames_left > 0 {
            let marker = self.duration == 0;
            self.frames_left -= 1;
            self.duration = self.duration.saturating_add(FRAME_SAMPLES as u16);
            return Some(DigitPacket { marker, event: self.event(false) });
        }
        if self.ends_left == 0 {
            return None;
        }
        self.ends_left -= 1;
        Some(DigitPacket { marker: false, event: self.event(true) })
    }

    fn event(&self, end: bool) -> TelephoneEvent {
        TelephoneEvent { code: self.code, end, volume: 10, duration: self.duration }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrive(receiver: &mut DigitReceiver, timestamp: u32, event: TelephoneEvent) -> Option<char> {
        let payload = event.to_bytes();
        receiver.receive(&Packet {
            marker: false,
            payload_type: 101,
            sequence: 0,
            timestamp,
            ssrc: 1,
            payload: &payload,
        })
    }

    fn press(receiver: &mut DigitReceiver, timestamp: u32, digit: char) -> Vec<char> {
        let mut sender = DigitSender::new(digit, 60).unwrap();
        std::iter::from_fn(|| sender.next_packet())
            .filter_map(|packet| arrive(receiver, timestamp, packet.event))
            .collect()
    }

    #[test]
    fn a_press_with_its_repeated_end_is_one_digit() {
        let mut receiver = DigitReceiver::default();

        assert_eq!(press(&mut receiver, 1_000, '5'), ['5']);
    }

    #[test]
    fn the_same_digit_twice_is_two_digits() {
        let mut receiver = DigitReceiver::default();

        assert_eq!(press(&mut receiver, 1_000, '1'), ['1']);
        assert_eq!(press(&mut receiver, 3_000, '1'), ['1']);
    }

    #[test]
    fn a_retransmitted_end_that_arrives_late_is_no_new_digit() {
        let mut receiver = DigitReceiver::default();
        press(&mut receiver, 1_000, '1');
        press(&mut receiver, 3_000, '2');

        let late =
            arrive(&mut receiver, 1_000, TelephoneEvent { code: 1, end: true, volume: 10, duration: 480 });

        assert_eq!(late, None);
    }

    #[test]
    fn a_press_whose_first_packets_are_lost_still_counts() {
        let mut receiver = DigitReceiver::default();

        let digit =
            arrive(&mut receiver, 9, TelephoneEvent { code: 11, end: true, volume: 10, duration: 480 });

        assert_eq!(digit, Some('#'));
    }

    #[test]
    fn tones_and_short_payloads_are_no_digits() {
        let mut receiver = DigitReceiver::default();

        assert_eq!(
            arrive(&mut receiver, 9, TelephoneEvent { code: 32, end: false, volume: 0, duration: 0 }),
            None
        );
        assert_eq!(TelephoneEvent::parse(&[1, 2, 3]), None);
        assert!(DigitSender::new('x', 100).is_none());
    }

    #[test]
    fn a_sent_press_starts_with_the_marker_and_ends_three_times() {
        let mut sender = DigitSender::new('*', 100).unwrap();

        let packets: Vec<_> = std::iter::from_fn(|| sender.next_packet()).collect();

        assert_eq!(packets.len(), 8);
        assert!(packets[0].marker && packets[1..].iter().all(|packet| !packet.marker));
        assert_eq!(packets.iter().filter(|packet| packet.event.end).count(), 3);
        assert_eq!(packets[7].event.duration, 800);
    }
}
