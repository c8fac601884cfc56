//! What a line sounds like, frame by frame: silence, a tone, or anything else that is loud, which is taken for a voice.
//!
//! A tone is one or two frequencies that hold at least three quarters of a frame's power. A change counts once it has
//! lasted two frames, so that the edge between a tone and its pause is no sound of its own.

use crate::{
    Frame,
    tone::{amplitude_at, loudness},
    utterance::Floor,
};

/// Where tones are looked for, hertz, and how finely.
const LOWEST: u16 = 300;
const HIGHEST: u16 = 2_200;
const STEP: u16 = 25;
/// The band of the signals of exchanges: 350 to 620 Hz (ITU-T E.180 and its supplement 2), less and more for the noise.
const SIGNALS: std::ops::RangeInclusive<u16> = 325..=650;
/// Share of a frame's power in a tone, and in the two of a pair.
const SHARE: f32 = 0.75;
const PAIR_SHARE: f32 = 0.85;
/// Least share of the weaker of two.
const WEAKER: f32 = 0.2;
/// How far a tone may be from where it was, hertz.
const WANDERS: u16 = 40;
/// Frames that a change must last.
const LASTS: u8 = 2;
/// Frames that a tone must hold before it is one: less are a vowel that is held.
pub(crate) const STEADY: u32 = 4;

/// The sound of a stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sound {
    /// Nothing above the noise of the line.
    Silence,
    /// One tone of an exchange, or two: ringing, busy.
    Signal,
    /// Any other tone, hertz.
    Tone(u16),
    /// All else that is loud.
    Voice,
}

impl Sound {
    /// One of the two kinds of tone.
    #[must_use]
    pub const fn is_tone(self) -> bool {
        matches!(self, Self::Signal | Self::Tone(_))
    }

    fn goes_on_as(self, next: Self) -> bool {
        match (self, next) {
            (Self::Tone(before), Self::Tone(now)) => before.abs_diff(now) <= WANDERS,
            (before, now) => before == now,
        }
    }
}

/// A stretch of one sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// What is heard.
    pub sound: Sound,
    /// For how many frames.
    pub frames: u32,
}

/// Cuts a line into stretches. Allocates nothing.
#[derive(Debug, Clone)]
pub struct Sounds {
    floor: Floor,
    now: Stretch,
    next: Option<(Sound, u8)>,
}

impl Default for Sounds {
    fn default() -> Self {
        Self { floor: Floor::default(), now: Stretch { sound: Sound::Silence, frames: 0 }, next: None }
    }
}

impl Sounds {
    /// Takes the next frame, none when nothing came; the stretch that was over with it.
    pub fn hear(&mut self, frame: Option<&Frame>) -> Option<Stretch> {
        let heard = frame.map_or(Sound::Silence, |frame| self.judge(frame));
        if self.now.sound.goes_on_as(heard) {
            self.now.frames += 1 + u32::from(self.next.take().map_or(0, |(_, frames)| frames));
            return None;
        }
        match &mut self.next {
            Some((sound, frames)) if sound.goes_on_as(heard) => *frames += 1,
            next => {
                self.now.frames += next.map_or(0, |(_, frames)| u32::from(frames));
                *next = Some((heard, 1));
            }
        }
        let (sound, frames) = self.next?;
        if frames < LASTS {
            return None;
        }
        self.next = None;
        Some(std::mem::replace(&mut self.now, Stretch { sound, frames: frames.into() }))
    }

    /// What is heard now, and for how long already.
    #[must_use]
    pub const fn now(&self) -> Stretch {
        self.now
    }

    fn judge(&mut self, frame: &Frame) -> Sound {
        let (loud, above_noise) = self.floor.judge(frame);
        if loud && let Some(tone) = tone_in(frame) {
            return tone;
        }
        if above_noise { Sound::Voice } else { Sound::Silence }
    }
}

/// The tone that is nearly all of the frame.
fn tone_in(frame: &Frame) -> Option<Sound> {
    let power = loudness(frame).powi(2);
    let share = |hertz: u16| amplitude_at(frame, f32::from(hertz)).powi(2) / 2.0 / power;
    let (first, most) = strongest(share, |_| true)?;
    if most >= SHARE {
        return Some(if SIGNALS.contains(&first) { Sound::Signal } else { Sound::Tone(first) });
    }
    if !SIGNALS.contains(&first) {
        return None;
    }
    let apart = |hertz: u16| hertz.abs_diff(first) >= 2 * STEP && SIGNALS.contains(&hertz);
    let (_, other) = strongest(share, apart)?;
    (other >= WEAKER && most + other >= PAIR_SHARE).then_some(Sound::Signal)
}

fn strongest(share: impl Fn(u16) -> f32, fits: impl Fn(u16) -> bool) -> Option<(u16, f32)> {
    let steps = (LOWEST..=HIGHEST).step_by(STEP.into()).filter(|hertz| fits(*hertz));
    steps.map(|hertz| (hertz, share(hertz))).max_by(|one, other| one.1.total_cmp(&other.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FRAME_SAMPLES, g711::Law, tone::Tone};

    fn stretches(sound: &[i16]) -> Vec<Stretch> {
        let mut sounds = Sounds::default();
        let frames = sound.as_chunks::<FRAME_SAMPLES>().0;
        let mut all: Vec<Stretch> = frames.iter().filter_map(|frame| sounds.hear(Some(frame))).collect();
        all.push(sounds.now());
        all
    }

    fn tone(hertz: &[f32], milliseconds: usize) -> Vec<i16> {
        let mut sound = vec![0i16; milliseconds * 8];
        for one in hertz {
            let mut part = vec![0; sound.len()];
            Tone::new(*one, 4_000.0).fill(&mut part);
            sound.iter_mut().zip(part).for_each(|(sum, sample)| *sum += sample);
        }
        sound
    }

    #[test]
    fn a_tone_and_its_pauses_are_told_apart_to_a_frame() {
        let line = [tone(&[], 500), tone(&[1_100.0], 510), tone(&[], 995)].concat();

        let heard = stretches(&line);

        let [before, tone, after] = heard[..] else { panic!("{heard:?}") };
        assert_eq!((before.sound, after.sound), (Sound::Silence, Sound::Silence));
        assert_eq!(tone.sound, Sound::Tone(1_100));
        assert!((24..=27).contains(&tone.frames), "{heard:?}");
    }

    #[test]
    fn the_signals_of_many_countries_are_signals_in_both_laws_and_through_noise() {
        for pair in [[425.0, 0.0], [440.0, 480.0], [480.0, 620.0], [400.0, 450.0], [350.0, 440.0]] {
            for law in [Law::Mu, Law::A] {
                let hertz: Vec<f32> = pair.into_iter().filter(|hertz| *hertz > 0.0).collect();
                let mut seed = 7_u32;
                let line: Vec<i16> = tone(&hertz, 1_000)
                    .into_iter()
                    .map(|sample| {
                        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        law.decode(law.encode(sample + ((seed >> 23) as i16 - 256)))
                    })
                    .collect();

                let heard = stretches(&line);

                let signal: u32 =
                    heard.iter().filter(|part| part.sound == Sound::Signal).map(|part| part.frames).sum();
                assert!(signal >= 45, "{pair:?} {law:?}: {heard:?}");
            }
        }
    }

    #[test]
    fn nothing_is_silence() {
        let mut sounds = Sounds::default();

        assert_eq!((0..100).find_map(|_| sounds.hear(None)), None);

        assert_eq!(sounds.now(), Stretch { sound: Sound::Silence, frames: 100 });
    }
}
