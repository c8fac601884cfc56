//! Where somebody begins and stops to speak, frame by frame, and what they said meanwhile.
//!
//! A frame is speech when it is louder than the line's own noise, which is followed all the time, and no pure tone: the
//! signals of a telephone network are as loud as speech and say nothing. An utterance begins with 140 ms of speech within
//! 200, so that a click is none, and ends with a pause.

use crate::{FRAME_SAMPLES, Frame, tone::loudness};

/// Longest utterance, frames: 8 s.
pub const MAX_FRAMES: usize = 400;
/// What was heard before the beginning is part of it, frames: the first consonant is quiet.
const BEFORE: usize = 15;
/// Silence kept after the end, frames.
const AFTER: usize = 15;
/// Frames looked back on, and how many of them must be speech for a beginning.
const WINDOW: u32 = 10;
const BEGINNING: u32 = 7;
/// Frames without speech that end an utterance: 600 ms.
const PAUSE: usize = 30;
/// How far above the noise speech is, and how loud it is at least; decibels of full scale.
const ABOVE_NOISE: f32 = 10.0;
const LEAST_LEVEL: f32 = -45.0;
/// The noise of a line that was not heard before, and its bounds.
const FIRST_NOISE: f32 = -50.0;
const NOISE: std::ops::RangeInclusive<f32> = -70.0..=-20.0;
/// How fast the noise is followed down, a share of the way, and up, decibels a frame: 3 dB a second.
const DOWN: f32 = 0.3;
const UP: f32 = 0.06;
/// What remains of a frame when it is predicted from its last two samples, below which it is a tone: -25 dB.
const TONE: f64 = 0.003;

/// What a frame has brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Nothing new.
    Nothing,
    /// Somebody speaks.
    Began,
    /// They have stopped: [`Endpointer::utterance`] holds it.
    Ended,
    /// They speak, or make a noise, for longer than an answer: it is given up.
    TooLong,
}

/// The noise of a line, followed all the time: what is clearly above it is somebody.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Floor(f32);

impl Default for Floor {
    fn default() -> Self {
        Self(FIRST_NOISE)
    }
}

impl Floor {
    /// Whether the frame is loud at all, and whether it is above the noise as well.
    pub(crate) fn judge(&mut self, frame: &Frame) -> (bool, bool) {
        let level = level(frame);
        (level > LEAST_LEVEL, self.rises(level))
    }

    fn rises(&mut self, level: f32) -> bool {
        let is_above = level > LEAST_LEVEL.max(self.0 + ABOVE_NOISE);
        self.0 += if level < self.0 { (level - self.0) * DOWN } else { UP };
        self.0 = self.0.clamp(*NOISE.start(), *NOISE.end());
        is_above
    }
}

/// Follows one voice up to the end of one utterance. Allocates only when it is made.
#[derive(Debug)]
pub struct Endpointer {
    noise: Floor,
    window: u32,
    speaking: bool,
    quiet: usize,
    samples: Vec<i16>,
}

impl Default for Endpointer {
    fn default() -> Self {
        Self {
            noise: Floor::default(),
            window: 0,
            speaking: false,
            quiet: 0,
            samples: Vec::with_capacity((MAX_FRAMES + BEFORE) * FRAME_SAMPLES),
        }
    }
}

impl Endpointer {
    /// The noise of the line, decibels of full scale.
    #[must_use]
    pub const fn noise(&self) -> f32 {
        self.noise.0
    }

    /// Begins with the noise that was found on this line before.
    pub const fn set_noise(&mut self, noise: f32) {
        self.noise = Floor(noise);
    }

    /// Takes the next frame; none when nothing came.
    pub fn frame(&mut self, frame: Option<&Frame>) -> Heard {
        let is_speech = frame.is_some_and(|frame| self.is_speech(frame));
        self.window = self.window << 1 & ((1 << WINDOW) - 1) | u32::from(is_speech);
        self.samples.extend_from_slice(frame.unwrap_or(&[0; FRAME_SAMPLES]));
        if !self.speaking {
            let too_much = self.samples.len().saturating_sub(BEFORE * FRAME_SAMPLES);
            self.samples.drain(..too_much);
            if self.window.count_ones() < BEGINNING {
                return Heard::Nothing;
            }
            self.speaking = true;
            self.quiet = 0;
            return Heard::Began;
        }
        self.quiet = if is_speech { 0 } else { self.quiet + 1 };
        if self.quiet == PAUSE {
            self.speaking = false;
            self.window = 0;
            self.samples.truncate(self.samples.len() - (PAUSE - AFTER) * FRAME_SAMPLES);
            return Heard::Ended;
        }
        if self.samples.len() >= MAX_FRAMES * FRAME_SAMPLES { Heard::TooLong } else { Heard::Nothing }
    }

    /// What was said, with a little of what was before and after it.
    #[must_use]
    pub fn utterance(self) -> Vec<i16> {
        self.samples
    }

    fn is_speech(&mut self, frame: &Frame) -> bool {
        let level = level(frame);
        if level > LEAST_LEVEL && is_tone(frame) {
            return false;
        }
        self.noise.rises(level)
    }
}

/// Decibels of full scale; digital silence is -100.
fn level(frame: &Frame) -> f32 {
    20.0 * (loudness(frame) / 32_768.0).max(1e-5).log10()
}

/// Whether each sample follows from the two before it: a sine does, whatever its frequency; a voice does not. Linear
/// prediction of the second order by covariance.
fn is_tone(frame: &Frame) -> bool {
    let product = |one: usize, other: usize| -> f64 {
        (2..frame.len()).map(|n| f64::from(frame[n - one]) * f64::from(frame[n - other])).sum()
    };
    let (energy, r01, r02) = (product(0, 0), product(0, 1), product(0, 2));
    let (r11, r12, r22) = (product(1, 1), product(1, 2), product(2, 2));
    let determinant = r11 * r22 - r12 * r12;
    if determinant <= f64::EPSILON * r11 * r22 {
        return true;
    }
    let first = (r01 * r22 - r02 * r12) / determinant;
    let second = (r02 * r11 - r01 * r12) / determinant;
    energy - first * r01 - second * r02 < TONE * energy
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{g711::Law, tone::Tone};

    /// Something like a vowel: harmonics of 120 Hz under two formants, swelling four times a second.
    fn speech(seconds: f32, loudness: f32) -> Vec<i16> {
        let count = (seconds * 8_000.0) as usize;
        let sample = |n: usize| {
            let time = n as f32 / 8_000.0;
            let turn = std::f32::consts::TAU * time;
            let voice: f32 = (1..=25)
                .map(|harmonic| {
                    let hertz = 120.0 * harmonic as f32;
                    let near = |formant: f32| 1.0 / (1.0 + ((hertz - formant) / 150.0).powi(2));
                    (near(600.0) + 0.5 * near(1_700.0)) * (turn * hertz).sin()
                })
                .sum();
            let swell = 0.6 - 0.4 * (turn * 4.0).cos();
            (loudness * voice * swell) as i16
        };
        (0..count).map(sample).collect()
    }

    /// Noise that repeats itself on every run.
    fn noise(seconds: f32, loudness: f32) -> Vec<i16> {
        let mut state = 1_u32;
        (0..(seconds * 8_000.0) as usize)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ((state >> 16) as f32 / 32_768.0 - 1.0).mul_add(loudness, 0.0) as i16
            })
            .collect()
    }

    fn heard(endpointer: &mut Endpointer, samples: &[i16]) -> Vec<(usize, Heard)> {
        let mut noticed = Vec::new();
        for (place, frame) in samples.chunks_exact(FRAME_SAMPLES).enumerate() {
            // As it comes over a telephone.
            let mut bytes = [0; FRAME_SAMPLES];
            Law::Mu.encode_into(frame, &mut bytes);
            let mut frame = [0; FRAME_SAMPLES];
            Law::Mu.decode_into(&bytes, &mut frame);
            match endpointer.frame(Some(&frame)) {
                Heard::Nothing => {}
                Heard::Began => noticed.push((place, Heard::Began)),
                over => {
                    noticed.push((place, over));
                    break;
                }
            }
        }
        noticed
    }

    fn silence(seconds: f32) -> Vec<i16> {
        vec![0; (seconds * 8_000.0) as usize]
    }

    #[test]
    fn a_word_begins_and_ends_and_is_kept_with_its_edges() {
        let mut endpointer = Endpointer::default();
        let said = [silence(1.0), speech(0.8, 3_000.0), silence(1.0)].concat();

        let heard = heard(&mut endpointer, &said);

        let [(began, Heard::Began), (ended, Heard::Ended)] = heard[..] else { panic!("{heard:?}") };
        assert!((51..60).contains(&began) && (115..122).contains(&ended), "{began} {ended}");
        let seconds = endpointer.utterance().len() as f32 / 8_000.0;
        assert!((1.2..1.5).contains(&seconds), "{seconds}");
    }

    #[test]
    fn tones_of_the_network_clicks_and_a_quiet_line_are_no_speech() {
        for hertz in [200.0, 425.0, 440.0, 700.0, 1_000.0, 2_100.0, 3_400.0] {
            let mut samples = vec![0; 40_000];
            Tone::new(hertz, 8_000.0).fill(&mut samples);
            assert_eq!(heard(&mut Endpointer::default(), &samples), [], "{hertz} Hz");
        }
        let mut click = silence(2.0);
        click[4_000..4_400].copy_from_slice(&speech(0.05, 9_000.0));
        assert_eq!(heard(&mut Endpointer::default(), &click), []);
        assert_eq!(heard(&mut Endpointer::default(), &noise(5.0, 100.0)), []);
    }

    #[test]
    fn what_makes_a_noise_without_end_is_given_up_and_taken_for_the_line() {
        let mut endpointer = Endpointer::default();

        let heard_first = heard(&mut endpointer, &noise(12.0, 3_000.0));

        let over = |heard: &Heard| matches!(heard, Heard::Ended | Heard::TooLong);
        assert!(heard_first.iter().any(|(_, heard)| over(heard)), "{heard_first:?}");
        let mut next = Endpointer::default();
        next.set_noise(endpointer.noise());
        assert_eq!(heard(&mut next, &noise(5.0, 3_000.0)), []);
    }

    #[test]
    fn a_word_is_heard_above_the_noise_of_its_line() {
        let mut endpointer = Endpointer::default();
        let mut said = [silence(1.5), speech(0.8, 6_000.0), silence(1.5)].concat();
        let line = noise(4.0, 250.0);
        said.iter_mut().zip(line).for_each(|(said, noise)| *said = said.saturating_add(noise));

        let heard = heard(&mut endpointer, &said);

        assert!(matches!(heard[..], [(_, Heard::Began), (_, Heard::Ended)]), "{heard:?}");
    }

    #[test]
    fn nobody_is_heard_for_longer_than_eight_seconds() {
        let mut endpointer = Endpointer::default();
        let heard = heard(&mut endpointer, &speech(9.0, 6_000.0));

        assert!(matches!(heard[..], [(_, Heard::Began), (_, Heard::TooLong)]), "{heard:?}");
        let kept = endpointer.samples.capacity();
        assert!(kept <= (MAX_FRAMES + BEFORE) * FRAME_SAMPLES * 2, "{kept}");
    }
}
