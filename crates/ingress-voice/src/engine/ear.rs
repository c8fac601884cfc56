//! What one leg says, as one frame a tick: needed where voices are mixed or recorded. Packets that are only passed on
//! do not come through here.

use media::{
    FRAME_SAMPLES, Frame,
    comfort::Comfort,
    g711::{self, Law},
    jitter::{JitterBuffer, Pop},
    rtp::Packet,
};

/// Payload of half a frame: phones that send every 10 ms.
const HALF: usize = FRAME_SAMPLES / 2;
/// Longest payload that is taken: 60 ms.
const LONGEST: usize = 3 * FRAME_SAMPLES;
/// Timestamp units in a round of the media thread.
const ROUND_UNITS: u64 = HALF as u64;

/// A jitter buffer and the frame that came out of it last.
pub(super) struct Ear {
    jitter: JitterBuffer,
    frame: Frame,
    speaks: bool,
    half: Option<(u32, [u8; HALF])>,
    /// They send no sound, and say how loud their silence is.
    comfort: Option<Comfort>,
}

impl Ear {
    pub(super) fn new() -> Self {
        Self {
            jitter: JitterBuffer::new(),
            frame: [0; FRAME_SAMPLES],
            speaks: false,
            half: None,
            comfort: None,
        }
    }

    /// From now on there is noise of this level, until a packet of sound comes.
    pub(super) fn comfort(&mut self, level: u8, seed: u32) {
        match &mut self.comfort {
            Some(comfort) => comfort.set(level),
            comfort => *comfort = Some(Comfort::new(level, seed)),
        }
    }

    /// Takes a packet in `law` that came in this round. Frames are told apart by their time, not by their sequence
    /// number, so that packets of any whole number of frames fit.
    pub(super) fn hear(&mut self, packet: &Packet<'_>, law: Law, round: u64) {
        let length = packet.payload.len();
        if length > LONGEST {
            return;
        }
        let mut payload = [0; LONGEST];
        let payload = &mut payload[..length];
        payload.copy_from_slice(packet.payload);
        g711::transcode(law, Law::Mu, payload);
        if length == HALF {
            return self.hear_half(packet.timestamp, payload, round);
        }
        for (index, part) in payload.chunks_exact(FRAME_SAMPLES).enumerate() {
            let timestamp = packet.timestamp.wrapping_add((index * FRAME_SAMPLES) as u32);
            self.push(timestamp, part, round);
        }
    }

    fn hear_half(&mut self, timestamp: u32, payload: &[u8], round: u64) {
        match self.half.take() {
            Some((first, begun)) if first.wrapping_add(HALF as u32) == timestamp => {
                let mut whole = [0; FRAME_SAMPLES];
                whole[..HALF].copy_from_slice(&begun);
                whole[HALF..].copy_from_slice(payload);
                self.push(first, &whole, round);
            }
            _ => {
                let mut begun = [0; HALF];
                begun.copy_from_slice(payload);
                self.half = Some((timestamp, begun));
            }
        }
    }

    fn push(&mut self, timestamp: u32, frame: &[u8], round: u64) {
        self.comfort = None;
        let number = (timestamp / FRAME_SAMPLES as u32) as u16;
        self.jitter.push(number, timestamp, round * ROUND_UNITS, frame);
    }

    /// A tick: makes the next frame the present one.
    pub(super) fn tick(&mut self) {
        self.speaks = match self.jitter.pop() {
            Pop::Frame(bytes) => {
                let length = Law::Mu.decode_into(bytes, &mut self.frame);
                self.frame[length..].fill(0);
                true
            }
            Pop::Lost | Pop::Empty => match &mut self.comfort {
                Some(comfort) => {
                    comfort.fill(&mut self.frame);
                    true
                }
                None => false,
            },
        };
    }

    /// The frame of this tick; none when nothing was said.
    pub(super) fn frame(&self) -> Option<&Frame> {
        self.speaks.then_some(&self.frame)
    }
}

#[cfg(test)]
mod tests {
    use media::tone::{Tone, amplitude_at};

    use super::*;

    fn heard(milliseconds: usize) -> f32 {
        let samples_each = milliseconds * 8;
        let mut tone = Tone::new(500.0, 8_000.0);
        let (mut ear, mut out) = (Ear::new(), Vec::new());
        let mut timestamp = u32::MAX - 5_000;
        for tick in 0..100u64 {
            let due = (tick as usize + 1) * FRAME_SAMPLES / samples_each
                - tick as usize * FRAME_SAMPLES / samples_each;
            for _ in 0..due {
                let mut samples = vec![0; samples_each];
                tone.fill(&mut samples);
                let mut payload = vec![0; samples_each];
                Law::A.encode_into(&samples, &mut payload);
                let packet = Packet {
                    marker: false,
                    payload_type: 8,
                    sequence: tick as u16,
                    timestamp,
                    ssrc: 1,
                    payload: &payload,
                };
                ear.hear(&packet, Law::A, tick * 2);
                timestamp = timestamp.wrapping_add(samples_each as u32);
            }
            ear.tick();
            out.extend_from_slice(ear.frame().unwrap_or(&[0; FRAME_SAMPLES]));
        }
        amplitude_at(&out[8_000..15_840], 500.0)
    }

    #[test]
    fn packets_of_10_20_40_and_60_milliseconds_are_heard() {
        for milliseconds in [10, 20, 40, 60] {
            let amplitude = heard(milliseconds);
            assert!(amplitude > 7_000.0, "{milliseconds} ms: {amplitude}");
        }
    }
}
