//! Comfort noise (RFC 3389): one packet that says how loud the silence is, and the noise that is heard until somebody speaks.
//!
//! Of a packet the level counts, its first byte: 0 to 127 decibels below the overload point. The shape of the noise, which
//! may follow, is not; the noise here is white.

use crate::Frame;

/// Level of the silence we announce, decibels below overload: a quiet line.
pub const QUIET_LINE: u8 = 70;
/// Louder noise is none: 30 decibels below overload.
const LOUDEST: u8 = 30;

/// The level that a packet says, or none when it is empty.
#[must_use]
pub fn level(payload: &[u8]) -> Option<u8> {
    payload.first().map(|level| (level & 0x7f).max(LOUDEST))
}

/// Makes noise of one level. Allocates nothing.
#[derive(Debug, Clone)]
pub struct Comfort {
    seed: u32,
    peak: f32,
}

impl Comfort {
    /// Noise `level` decibels below overload (a mean square of full scale), different for every `seed`.
    #[must_use]
    pub fn new(level: u8, seed: u32) -> Self {
        let mut comfort = Self { seed: seed | 1, peak: 0.0 };
        comfort.set(level);
        comfort
    }

    /// From now on so loud.
    pub fn set(&mut self, level: u8) {
        let rms = 32_768.0 * 10f32.powf(-f32::from(level) / 20.0);
        // Evenly spread over an interval: its mean square is a third of that of its end.
        self.peak = rms * 3f32.sqrt();
    }

    /// The next frame of it.
    pub fn fill(&mut self, frame: &mut Frame) {
        for sample in frame {
            // xorshift32 (Marsaglia 2003).
            self.seed ^= self.seed << 13;
            self.seed ^= self.seed >> 17;
            self.seed ^= self.seed << 5;
            let even = f32::from((self.seed >> 16) as u16) / 32_768.0 - 1.0;
            *sample = (even * self.peak).round() as i16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FRAME_SAMPLES, tone::loudness};

    #[test]
    fn the_noise_is_as_loud_as_the_packet_says() {
        for (level, rms) in [(30, 1_036.0), (50, 103.6), (70, 10.4)] {
            let mut comfort = Comfort::new(level, 99);
            let mut second = Vec::new();
            for _ in 0..50 {
                let mut frame = [0; FRAME_SAMPLES];
                comfort.fill(&mut frame);
                second.extend_from_slice(&frame);
            }
            let heard = loudness(&second);
            assert!((heard / rms - 1.0).abs() < 0.1, "-{level}: {heard}");
        }
    }

    #[test]
    fn nobody_is_deafened_and_nothing_is_said_by_nothing() {
        assert_eq!(level(&[]), None);
        assert_eq!((level(&[0]), level(&[0xbc, 9, 9])), (Some(LOUDEST), Some(60)));
    }
}
