//! Music on hold, composed here: a slow, original arpeggio that loops without a seam.

use crate::SAMPLE_RATE;

/// Chords of the piece, as semitones above A2 (110 Hz); each is broken into eight notes.
const CHORDS: [[u8; 4]; 8] = [
    [3, 10, 15, 19],
    [0, 7, 15, 19],
    [8, 15, 20, 24],
    [10, 17, 22, 26],
    [3, 10, 15, 22],
    [12, 15, 19, 24],
    [5, 12, 17, 20],
    [10, 14, 17, 20],
];
/// Order in which a chord's notes are played.
const PATTERN: [usize; 8] = [0, 2, 1, 3, 2, 1, 3, 2];
/// Samples between two notes.
const NOTE: usize = SAMPLE_RATE as usize * 3 / 10;
/// Samples that a note rings on.
const RING: usize = SAMPLE_RATE as usize * 6 / 5;

/// Renders the piece: about 19 s at 8000 Hz, peak near a third of full scale. Always the same samples.
#[must_use]
pub fn music_on_hold() -> Vec<i16> {
    let length = CHORDS.len() * PATTERN.len() * NOTE;
    let mut sum = vec![0f32; length];
    for (chord_index, chord) in CHORDS.iter().enumerate() {
        for (step, voice) in PATTERN.iter().enumerate() {
            let start = (chord_index * PATTERN.len() + step) * NOTE;
            let hertz = 110.0 * 2f32.powf(f32::from(chord[*voice]) / 12.0);
            let loud = if step == 0 { 1.0 } else { 0.7 };
            add_note(&mut sum, start, hertz, loud);
        }
    }
    sum.into_iter().map(|sample| (sample * 6_000.0).clamp(-32_768.0, 32_767.0) as i16).collect()
}

/// Adds a plucked note whose tail wraps round to the beginning, so that the loop has no seam.
fn add_note(sum: &mut [f32], start: usize, hertz: f32, loud: f32) {
    let length = sum.len();
    let step = hertz * std::f32::consts::TAU / SAMPLE_RATE as f32;
    for n in 0..RING {
        let time = n as f32;
        let attack = (time / 120.0).min(1.0);
        let release = ((RING - n) as f32 / 400.0).min(1.0);
        let decay = (-time / 2_600.0).exp();
        let phase = step * time;
        let wave = phase.sin() + 0.35 * (2.0 * phase).sin() + 0.12 * (3.0 * phase).sin();
        sum[(start + n) % length] += wave * attack * decay * release * loud;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::loudness;

    #[test]
    fn the_music_is_heard_all_the_time_and_never_clips() {
        let music = music_on_hold();

        for second in music.chunks(SAMPLE_RATE as usize) {
            assert!(loudness(second) > 400.0);
        }
        assert!(music.iter().all(|sample| sample.unsigned_abs() < 20_000));
    }

    #[test]
    fn the_loop_has_no_seam() {
        let music = music_on_hold();

        let jump = (i32::from(music[0]) - i32::from(music[music.len() - 1])).abs();

        assert!(jump < 2_500, "jump of {jump}");
    }
}
