//! A fax machine that calls: 1100 Hz for half a second, silence for three (ITU-T T.30 section 4.1, CNG).
//!
//! One such tone between two silences is believed: while a fax machine sends it, it makes no other sound. Cheap enough to
//! run while a caller waits: one filter a frame.

use crate::{
    FRAME_MS, Frame,
    tone::{amplitude_at, loudness},
};

/// The tone, hertz. It may be 38 off: the two neighbours are asked as well.
const CALLING: [f32; 3] = [1_075.0, 1_100.0, 1_125.0];
/// Share of the tone in what is heard.
const SHARE: f32 = 0.75;
/// Quietest frame that is looked at: -43 dB of full scale, as the quietest that T.30 lets arrive.
const QUIETEST: f32 = 230.0;
/// How long it lasts, frames: 0.5 s, 15 % more or less, and a frame at each end.
const LASTS: std::ops::RangeInclusive<u32> = 20..=30;
/// Silence around it, frames.
const QUIET: u32 = 15;

/// Frames of a burst that may be something else: its edges.
const EDGES: u32 = 4;

/// Listens to a caller for the tone. Allocates nothing.
#[derive(Debug, Clone, Default)]
pub struct FaxCaller {
    quiet: u32,
    /// Frames of the present burst: the tone, and anything else.
    tone: u32,
    other: u32,
    /// The burst came out of a silence.
    clean: bool,
}

impl FaxCaller {
    /// Takes the next frame, none when nothing came; `true`: it is a fax machine.
    pub fn frame(&mut self, frame: Option<&Frame>) -> bool {
        let heard = frame.map_or(Heard::Silence, judge);
        if heard == Heard::Silence {
            self.quiet = self.quiet.saturating_add(1);
            return self.quiet == QUIET && self.clean && self.other <= EDGES && LASTS.contains(&self.tone);
        }
        if self.quiet > 0 {
            let fresh = self.quiet >= QUIET;
            if fresh {
                (self.tone, self.other) = (0, 0);
            }
            self.clean = fresh;
            self.quiet = 0;
        }
        let count = if heard == Heard::Tone { &mut self.tone } else { &mut self.other };
        *count = count.saturating_add(1);
        false
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Heard {
    Silence,
    Tone,
    Other,
}

fn judge(frame: &Frame) -> Heard {
    let rms = loudness(frame);
    if rms < QUIETEST {
        return Heard::Silence;
    }
    let power = rms * rms;
    let is_tone = CALLING.iter().any(|hertz| amplitude_at(frame, *hertz).powi(2) / 2.0 >= SHARE * power);
    if is_tone { Heard::Tone } else { Heard::Other }
}

/// Milliseconds after the beginning of its tone at which a fax machine is known.
pub const KNOWN_AFTER_MS: u32 = (*LASTS.end() + QUIET) * FRAME_MS;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FRAME_SAMPLES, g711::Law, tone::Tone};

    fn tone(hertz: f32, amplitude: f32, milliseconds: usize) -> Vec<i16> {
        let mut sound = vec![0; milliseconds * 8];
        Tone::new(hertz, amplitude).fill(&mut sound);
        sound
    }

    /// Milliseconds after which the caller is taken for a fax machine.
    fn heard(line: &[i16]) -> Option<usize> {
        let mut fax = FaxCaller::default();
        let coded: Vec<i16> = line.iter().map(|sample| Law::A.decode(Law::A.encode(*sample))).collect();
        let frames = coded.as_chunks::<FRAME_SAMPLES>().0;
        frames.iter().position(|frame| fax.frame(Some(frame))).map(|at| (at + 1) * 20)
    }

    fn call(hertz: f32, amplitude: f32, on: usize) -> Vec<i16> {
        [tone(0.0, 0.0, 1_007), tone(hertz, amplitude, on), tone(0.0, 0.0, 3_000)].concat()
    }

    #[test]
    fn a_fax_machine_is_known_by_its_first_tone_within_its_tolerances() {
        for hertz in [1_062.0, 1_100.0, 1_138.0] {
            for (amplitude, on) in [(8_000.0, 425), (1_000.0, 500), (400.0, 575)] {
                let after = heard(&call(hertz, amplitude, on));
                let limit = 1_007 + KNOWN_AFTER_MS as usize + 40;
                assert!(after.is_some_and(|after| after <= limit), "{hertz} Hz, {on} ms: {after:?}");
            }
        }
    }

    #[test]
    fn other_tones_longer_ones_and_tones_without_a_pause_are_none() {
        for (hertz, on) in [(1_000.0, 500), (1_209.0, 500), (1_100.0, 300), (1_100.0, 900), (2_100.0, 500)] {
            assert_eq!(heard(&call(hertz, 8_000.0, on)), None, "{hertz} Hz for {on} ms");
        }
        let spoken = [tone(300.0, 6_000.0, 900), tone(1_100.0, 6_000.0, 500), tone(300.0, 6_000.0, 900)];
        assert_eq!(heard(&spoken.concat()), None);
    }

    #[test]
    fn a_line_that_says_nothing_is_none() {
        let mut fax = FaxCaller::default();
        assert!((0..500).all(|_| !fax.frame(None)));
    }
}
