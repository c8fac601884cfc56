//! Mixing two or more parties: everyone hears the sum of the others, never themselves.

use crate::{FRAME_SAMPLES, Frame};

/// Collects one frame of everybody, then yields for each the sum of the others. Reused frame after frame.
#[derive(Debug, Clone)]
pub struct Mixer {
    sum: [i32; FRAME_SAMPLES],
}

impl Default for Mixer {
    fn default() -> Self {
        Self { sum: [0; FRAME_SAMPLES] }
    }
}

impl Mixer {
    /// Forgets the last frame.
    pub fn clear(&mut self) {
        self.sum = [0; FRAME_SAMPLES];
    }

    /// Adds what one party says.
    pub fn add(&mut self, frame: &Frame) {
        for (sum, sample) in self.sum.iter_mut().zip(frame) {
            *sum += i32::from(*sample);
        }
    }

    /// What a party hears that itself said `own` (a listener who said nothing passes `None`), saturated.
    pub fn hear(&self, own: Option<&Frame>, out: &mut Frame) {
        for (index, (out, sum)) in out.iter_mut().zip(&self.sum).enumerate() {
            let others = sum - own.map_or(0, |own| i32::from(own[index]));
            *out = others.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::{Tone, amplitude_at};

    fn tone(hertz: f32) -> Frame {
        let mut frame = [0; FRAME_SAMPLES];
        Tone::new(hertz, 5_000.0).fill(&mut frame);
        frame
    }

    #[test]
    fn each_of_three_hears_the_two_others_and_not_itself() {
        let parties = [tone(400.0), tone(1_000.0), tone(1_800.0)];
        let mut mixer = Mixer::default();
        for party in &parties {
            mixer.add(party);
        }

        let mut heard = [0; FRAME_SAMPLES];
        mixer.hear(Some(&parties[0]), &mut heard);

        assert!(amplitude_at(&heard, 400.0) < 100.0);
        assert!(amplitude_at(&heard, 1_000.0) > 4_500.0);
        assert!(amplitude_at(&heard, 1_800.0) > 4_500.0);
    }

    #[test]
    fn loud_parties_saturate_instead_of_wrapping() {
        let mut mixer = Mixer::default();
        mixer.add(&[30_000; FRAME_SAMPLES]);
        mixer.add(&[30_000; FRAME_SAMPLES]);

        let mut heard = [0; FRAME_SAMPLES];
        mixer.hear(None, &mut heard);

        assert_eq!(heard, [i16::MAX; FRAME_SAMPLES]);
    }

    #[test]
    fn a_cleared_mixer_is_silent() {
        let mut mixer = Mixer::default();
        mixer.add(&tone(400.0));
        mixer.clear();

        let mut heard = [1; FRAME_SAMPLES];
        mixer.hear(None, &mut heard);

        assert_eq!(heard, [0; FRAME_SAMPLES]);
    }
}
