//! From the telephone's narrow band to 16,000 samples a second, which recognisers of speech want.

use std::f64::consts::PI;

/// Samples looked at on either side of a new one.
const SIDE: usize = 16;

/// Twice as many samples: those there are, and between each two of them one interpolated with a windowed sinc.
#[must_use]
pub fn double(samples: &[i16]) -> Vec<i16> {
    let taps = taps();
    let at = |place: isize| {
        let sample = usize::try_from(place).ok().and_then(|place| samples.get(place));
        f64::from(sample.copied().unwrap_or(0))
    };
    let mut doubled = Vec::with_capacity(2 * samples.len());
    for (place, sample) in samples.iter().enumerate() {
        let place = place as isize;
        let pairs = taps.iter().enumerate();
        let between: f64 =
            pairs.map(|(side, tap)| tap * (at(place - side as isize) + at(place + 1 + side as isize))).sum();
        doubled.push(*sample);
        doubled.push(between.round().clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16);
    }
    doubled
}

/// Half a sinc under a Hann window, at the half places, adding up to a half.
fn taps() -> [f64; SIDE] {
    let mut taps = [0.0; SIDE];
    for (side, tap) in taps.iter_mut().enumerate() {
        let place = side as f64 + 0.5;
        *tap = (PI * place).sin() / (PI * place) * (0.5 + 0.5 * (PI * place / SIDE as f64).cos());
    }
    let sum: f64 = taps.iter().sum();
    taps.map(|tap| tap / (2.0 * sum))
}

#[cfg(test)]
mod tests {
    use super::double;
    use crate::tone::{Tone, amplitude_at};

    #[test]
    fn a_tone_keeps_its_pitch_and_loudness_and_gets_no_echo_above() {
        for hertz in [300.0, 1_000.0, 3_000.0] {
            let mut narrow = vec![0; 8_000];
            Tone::new(hertz, 8_000.0).fill(&mut narrow);

            let wide = double(&narrow);

            // `amplitude_at` believes in 8,000 samples a second: at 16,000 a frequency looks like half of it.
            let inner = &wide[1_600..14_400];
            assert_eq!(wide.len(), 16_000);
            assert!((amplitude_at(inner, hertz / 2.0) - 8_000.0).abs() < 200.0, "{hertz}");
            assert!(amplitude_at(inner, 4_000.0 - hertz / 2.0) < 80.0, "{hertz}");
        }
    }
}
