//! Tones: making them and finding them.

use crate::SAMPLE_RATE;

/// A sine generator; it keeps its phase, so frames join without a click.
#[derive(Debug, Clone)]
pub struct Tone {
    phase: f32,
    step: f32,
    amplitude: f32,
}

impl Tone {
    /// A tone of `hertz` with a peak of `amplitude` (0 to 32767).
    #[must_use]
    pub fn new(hertz: f32, amplitude: f32) -> Self {
        Self { phase: 0.0, step: hertz * std::f32::consts::TAU / SAMPLE_RATE as f32, amplitude }
    }

    /// Writes the next samples.
    pub fn fill(&mut self, samples: &mut [i16]) {
        for sample in samples {
            *sample = (self.phase.sin() * self.amplitude) as i16;
            self.phase = (self.phase + self.step) % std::f32::consts::TAU;
        }
    }
}

/// Finds one frequency in a block (Goertzel 1958): the peak amplitude of that frequency in the samples.
///
/// Two frequencies are told apart when they differ by at least `8000 / samples.len()` hertz.
#[must_use]
pub fn amplitude_at(samples: &[i16], hertz: f32) -> f32 {
    if samples.is_empty() {
        return 0.0;
    }
    let omega = hertz * std::f32::consts::TAU / SAMPLE_RATE as f32;
    let coefficient = 2.0 * omega.cos();
    let (mut last, mut before) = (0.0f32, 0.0f32);
    for sample in samples {
        (last, before) = (f32::from(*sample) + coefficient * last - before, last);
    }
    let power = last * last + before * before - coefficient * last * before;
    2.0 * power.max(0.0).sqrt() / samples.len() as f32
}

/// Root mean square of a block, 0 to 32768.
#[must_use]
pub fn loudness(samples: &[i16]) -> f32 {
    if samples.is_empty() {
        return 0.0;
    }
    let sum: f32 = samples.iter().map(|sample| f32::from(*sample).powi(2)).sum();
    (sum / samples.len() as f32).sqrt()
}

/// Whether a tone of `hertz` is the main thing to hear in the block: at least half of its power.
#[must_use]
pub fn is_dominated_by(samples: &[i16], hertz: f32) -> bool {
    let rms = loudness(samples);
    let tone = amplitude_at(samples, hertz) / std::f32::consts::SQRT_2;
    rms > 50.0 && tone * tone >= 0.5 * rms * rms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::g711::Law;

    fn samples(hertz: f32) -> Vec<i16> {
        let mut samples = vec![0; 1_600];
        Tone::new(hertz, 8_000.0).fill(&mut samples);
        samples
    }

    #[test]
    fn a_tone_is_found_at_its_own_frequency_only() {
        let block = samples(440.0);

        assert!((amplitude_at(&block, 440.0) - 8_000.0).abs() < 200.0);
        assert!(amplitude_at(&block, 1_000.0) < 200.0);
        assert!(is_dominated_by(&block, 440.0) && !is_dominated_by(&block, 1_000.0));
    }

    #[test]
    fn a_tone_survives_g711() {
        for law in [Law::Mu, Law::A] {
            let coded: Vec<i16> =
                samples(1_000.0).into_iter().map(|sample| law.decode(law.encode(sample))).collect();

            assert!(is_dominated_by(&coded, 1_000.0));
        }
    }

    #[test]
    fn frames_join_without_a_jump() {
        let mut tone = Tone::new(300.0, 10_000.0);
        let (mut first, mut second) = ([0; 160], [0; 160]);

        tone.fill(&mut first);
        tone.fill(&mut second);

        let step = i32::from(second[0]) - i32::from(first[159]);
        assert!(step.abs() < 2_500, "jump of {step}");
    }

    #[test]
    fn silence_is_dominated_by_nothing() {
        assert!(!is_dominated_by(&[0; 800], 440.0));
        assert!(!is_dominated_by(&[], 440.0));
    }
}
