//! The two halves of one RTP stream: what we send (numbers that never jump) and what we hear (whom to believe).

use std::net::SocketAddr;

use crate::{
    FRAME_SAMPLES,
    rtp::{HEADER_LEN, Packet, write_header},
};

/// Numbers the packets of an outgoing stream: one SSRC for the leg's whole life, sequence without gaps, a timestamp
/// that follows the clock whatever the source of the audio is.
#[derive(Debug, Clone)]
pub struct Outbound {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    /// Set while packets of another stream are relayed: its SSRC and the distance of its timestamps to ours.
    relay: Option<(u32, u32)>,
    marker: bool,
}

impl Outbound {
    /// A stream with numbers drawn at random by the caller (RFC 3550 §5.1 wants them unpredictable).
    #[must_use]
    pub fn new(ssrc: u32, sequence: u16, timestamp: u32) -> Self {
        Self { ssrc, sequence, timestamp, relay: None, marker: true }
    }

    /// A frame's time passes: call once per frame, whether or not anything is sent.
    pub fn tick(&mut self) {
        self.timestamp = self.timestamp.wrapping_add(FRAME_SAMPLES as u32);
    }

    /// The timestamp of the frame being sent now.
    #[must_use]
    pub fn timestamp(&self) -> u32 {
        self.timestamp
    }

    /// The audio now comes from elsewhere: the next packet starts a talk spurt.
    pub fn switch_source(&mut self) {
        self.relay = None;
        self.marker = true;
    }

    /// Header of a packet of our own making, stamped with the current frame.
    pub fn own_header(&mut self, out: &mut [u8; HEADER_LEN], payload_type: u8) {
        self.relay = None;
        let marker = std::mem::take(&mut self.marker);
        self.write(out, marker, payload_type, self.timestamp);
    }

    /// Header of an event packet, which carries the timestamp of the event's beginning.
    pub fn event_header(
        &mut self,
        out: &mut [u8; HEADER_LEN],
        marker: bool,
        payload_type: u8,
        timestamp: u32,
    ) {
        self.write(out, marker, payload_type, timestamp);
    }

    /// Header of a relayed packet: our SSRC and sequence, its own spacing in time.
    pub fn relay_header(&mut self, out: &mut [u8; HEADER_LEN], packet: &Packet<'_>, payload_type: u8) {
        let shift = match self.relay {
            Some((ssrc, shift)) if ssrc == packet.ssrc => shift,
            _ => {
                let shift = self.timestamp.wrapping_sub(packet.timestamp);
                self.relay = Some((packet.ssrc, shift));
                self.marker = true;
                shift
            }
        };
        let marker = std::mem::take(&mut self.marker) || packet.marker;
        self.write(out, marker, payload_type, packet.timestamp.wrapping_add(shift));
    }

    fn write(&mut self, out: &mut [u8; HEADER_LEN], marker: bool, payload_type: u8, timestamp: u32) {
        write_header(out, marker, payload_type, self.sequence, timestamp, self.ssrc);
        self.sequence = self.sequence.wrapping_add(1);
    }
}

/// Packets from one source that must arrive before it is believed.
const PROBATION: u8 = 2;
/// Ticks of silence from the believed source after which another may take its place.
const RELATCH_AFTER: u64 = 50;

/// Decides whose packets are heard: the first source of consecutive valid packets, until it falls silent.
///
/// Phones behind address translation send from elsewhere than their SDP says, so the address of the packets
/// counts, not the announced one. A stranger who sprays a port in use is not heard.
#[derive(Debug, Clone, Default)]
pub struct Latch {
    source: Option<SocketAddr>,
    candidate: Option<(SocketAddr, u8)>,
    last_heard: Option<u64>,
}

impl Latch {
    /// Whether a valid packet from `from` at `tick` is to be heard. `expected` is the address of the SDP: a packet
    /// from there is believed at once.
    pub fn admit(&mut self, from: SocketAddr, expected: Option<SocketAddr>, tick: u64) -> bool {
        if self.source == Some(from) {
            self.last_heard = Some(tick);
            return true;
        }
        let quiet = self.last_heard.is_none_or(|last| tick.saturating_sub(last) > RELATCH_AFTER);
        if self.source.is_some() && !quiet {
            return false;
        }
        let seen = match self.candidate {
            Some((address, count)) if address == from => count + 1,
            _ => 1,
        };
        if expected != Some(from) && seen < PROBATION {
            self.candidate = Some((from, seen));
            return false;
        }
        self.source = Some(from);
        self.candidate = None;
        self.last_heard = Some(tick);
        true
    }

    /// Where packets to this peer go: to the latched source, once there is one.
    #[must_use]
    pub fn source(&self) -> Option<SocketAddr> {
        self.source
    }

    /// Ticks since the last believed packet; `None` before the first.
    #[must_use]
    pub fn silent_for(&self, tick: u64) -> Option<u64> {
        self.last_heard.map(|last| tick.saturating_sub(last))
    }

    /// A new session description was agreed: the next valid source is believed.
    pub fn reset(&mut self) {
        self.source = None;
        self.candidate = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    fn parse(header: &[u8; HEADER_LEN]) -> Packet<'_> {
        Packet::parse(header).unwrap()
    }

    #[test]
    fn sequence_and_time_go_on_when_the_source_changes() {
        let mut out = Outbound::new(7, 65_535, 1_000);
        let mut header = [0; HEADER_LEN];

        out.own_header(&mut header, 0);
        assert_eq!(
            (parse(&header).sequence, parse(&header).timestamp, parse(&header).marker),
            (65_535, 1_000, true)
        );
        out.tick();
        out.switch_source();
        let relayed = Packet {
            marker: false,
            payload_type: 8,
            sequence: 9,
            timestamp: 555_000,
            ssrc: 99,
            payload: &[],
        };
        out.relay_header(&mut header, &relayed, 0);

        assert_eq!((parse(&header).sequence, parse(&header).timestamp), (0, 1_160));
        assert!(parse(&header).marker, "a new source starts a talk spurt");
        assert_eq!(parse(&header).ssrc, 7);
    }

    #[test]
    fn relayed_packets_keep_their_spacing() {
        let mut out = Outbound::new(7, 0, 0);
        let mut header = [0; HEADER_LEN];
        let packet = |timestamp| Packet {
            marker: false,
            payload_type: 0,
            sequence: 0,
            timestamp,
            ssrc: 99,
            payload: &[],
        };

        out.relay_header(&mut header, &packet(10_000), 0);
        let first = parse(&header).timestamp;
        out.tick();
        out.relay_header(&mut header, &packet(10_480), 0);

        assert_eq!(parse(&header).timestamp.wrapping_sub(first), 480);
        assert!(!parse(&header).marker);
    }

    #[test]
    fn the_announced_address_is_believed_at_once() {
        let mut latch = Latch::default();

        assert!(latch.admit(address(4_000), Some(address(4_000)), 1));
    }

    #[test]
    fn another_port_is_believed_at_its_second_packet() {
        let mut latch = Latch::default();

        assert!(!latch.admit(address(5_000), Some(address(4_000)), 1));
        assert!(latch.admit(address(5_000), Some(address(4_000)), 2));

        assert_eq!(latch.source(), Some(address(5_000)));
    }

    #[test]
    fn a_stranger_is_not_heard_while_the_peer_talks_but_after_it_fell_silent() {
        let mut latch = Latch::default();
        latch.admit(address(4_000), Some(address(4_000)), 1);

        assert!(!latch.admit(address(6_666), Some(address(4_000)), 2));
        assert!(!latch.admit(address(6_666), Some(address(4_000)), 3));
        assert!(!latch.admit(address(7_000), Some(address(4_000)), 100));
        assert!(latch.admit(address(7_000), Some(address(4_000)), 101));

        assert_eq!(latch.silent_for(151), Some(50));
    }
}
