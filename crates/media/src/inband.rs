//! Keys in the sound itself, from telephones that agree on no telephone events: pairs of tones by ITU-T Q.23, judged by the
//! limits of Q.24.
//!
//! Sound is looked at in blocks of 12.75 ms: two whole ones lie in the shortest key that must count (40 ms), and never in the
//! longest that must not (23 ms); three have too little of a key in the shortest pause (40 ms), and never in a gap (10 ms).

use crate::{
    g711::Law,
    tone::{amplitude_at, loudness},
};

const LOW: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
const HIGH: [f32; 4] = [1_209.0, 1_336.0, 1_477.0, 1_633.0];
const KEYS: [[char; 4]; 4] =
    [['1', '2', '3', 'A'], ['4', '5', '6', 'B'], ['7', '8', '9', 'C'], ['*', '0', '#', 'D']];
/// Samples of one look.
const BLOCK: usize = 102;
/// Blocks without a key that end one.
const ENDS_AFTER: u8 = 3;
/// Quietest tone that counts, peak: -36 dBm0 and a little less.
const QUIETEST: f32 = 250.0;
/// How much stronger the high tone may be than the low one, and the low one than the high one: 4 and 8 dB.
const HIGH_ABOVE_LOW: f32 = 1.585;
const LOW_ABOVE_HIGH: f32 = 2.512;
/// How much stronger a tone is than the others of its group: 8 dB, less what its neighbour takes of it in so short a block.
const ABOVE_OTHERS: f32 = 2.0;
/// Share of the two tones in all that is to be heard; less is speech or music.
const SHARE: f32 = 0.8;

/// Listens to one stream for keys.
#[derive(Debug, Clone)]
pub struct Keypad {
    block: [i16; BLOCK],
    filled: usize,
    last: Option<char>,
    without: u8,
    pressed: Option<char>,
}

impl Default for Keypad {
    fn default() -> Self {
        Self { block: [0; BLOCK], filled: 0, last: None, without: 0, pressed: None }
    }
}

impl Keypad {
    /// Hears the payload of a packet; the key that begins to be pressed in it. A key that is held counts once.
    pub fn hear(&mut self, law: Law, payload: &[u8]) -> Option<char> {
        let mut begun = None;
        for byte in payload {
            self.block[self.filled] = law.decode(*byte);
            self.filled += 1;
            if self.filled == BLOCK {
                self.filled = 0;
                begun = self.judge().or(begun);
            }
        }
        begun
    }

    /// Two blocks alike begin a key, three without end it.
    fn judge(&mut self) -> Option<char> {
        let key = key_in(&self.block);
        let before = std::mem::replace(&mut self.last, key);
        self.without = if key.is_some() { 0 } else { self.without.saturating_add(1) };
        if self.without >= ENDS_AFTER {
            self.pressed = None;
        }
        if key.is_none() || key != before || key == self.pressed {
            return None;
        }
        self.pressed = key;
        key
    }
}

/// The key whose two tones are all that is to be heard in the block.
fn key_in(block: &[i16; BLOCK]) -> Option<char> {
    let (low, row) = strongest(block, &LOW)?;
    let (high, column) = strongest(block, &HIGH)?;
    let power = loudness(block).powi(2);
    let balanced = high <= low * HIGH_ABOVE_LOW && low <= high * LOW_ABOVE_HIGH;
    let alone = f32::midpoint(low.powi(2), high.powi(2)) >= power * SHARE;
    (balanced && alone).then_some(KEYS[row][column])
}

/// The strongest tone of a group and its place, if it stands out.
fn strongest(block: &[i16; BLOCK], group: &[f32; 4]) -> Option<(f32, usize)> {
    let heard = group.map(|hertz| amplitude_at(block, hertz));
    let place = (0..group.len()).max_by(|one, other| heard[*one].total_cmp(&heard[*other]))?;
    let stands_out =
        (0..group.len()).all(|other| other == place || heard[place] >= heard[other] * ABOVE_OTHERS);
    (heard[place] >= QUIETEST && stands_out).then_some((heard[place], place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FRAME_SAMPLES, tone::Tone};

    /// What is heard of two tones and the silence after them, in milliseconds, from any place in a block.
    fn press(keypad: &mut Keypad, tones: [(f32, f32); 2], on: usize, off: usize) -> String {
        let mut sound = vec![0; on * 8];
        let mut second = sound.clone();
        Tone::new(tones[0].0, tones[0].1).fill(&mut sound);
        Tone::new(tones[1].0, tones[1].1).fill(&mut second);
        sound.iter_mut().zip(second).for_each(|(one, other)| *one += other);
        sound.resize((on + off) * 8, 0);
        hear(keypad, &sound)
    }

    fn hear(keypad: &mut Keypad, sound: &[i16]) -> String {
        let coded: Vec<u8> = sound.iter().map(|sample| Law::Mu.encode(*sample)).collect();
        coded.chunks(FRAME_SAMPLES).filter_map(|packet| keypad.hear(Law::Mu, packet)).collect()
    }

    fn tones(key: char, low: f32, high: f32) -> [(f32, f32); 2] {
        let row = KEYS.iter().position(|row| row.contains(&key)).unwrap();
        let column = KEYS[row].iter().position(|one| *one == key).unwrap();
        [(LOW[row], low), (HIGH[column], high)]
    }

    #[test]
    fn every_key_is_heard_once_however_short_loud_or_shifted() {
        for key in "1234567890*#ABCD".chars() {
            for (on, amplitude) in [(40, 8_000.0), (50, 1_000.0), (70, 400.0), (900, 15_000.0)] {
                for shift in 0..12 {
                    let mut keypad = Keypad::default();
                    hear(&mut keypad, &vec![0; shift * 9]);
                    let heard = press(&mut keypad, tones(key, amplitude, amplitude), on, 45);
                    assert_eq!(heard, key.to_string(), "{on} ms at {amplitude}, shifted {shift}");
                }
            }
        }
    }

    #[test]
    fn the_same_key_twice_is_two_keys_and_a_short_gap_is_none() {
        let mut keypad = Keypad::default();
        let five = tones('5', 5_000.0, 5_000.0);

        let twice = press(&mut keypad, five, 50, 45) + &press(&mut keypad, five, 50, 45);
        let gap: String = (0..20).map(|_| press(&mut keypad, five, 47, 9)).collect();

        assert_eq!((twice.as_str(), gap.as_str()), ("55", "5"));
    }

    #[test]
    fn twist_counts_within_its_limits() {
        let at = |low: f32, high: f32| press(&mut Keypad::default(), tones('7', low, high), 60, 45);

        assert_eq!((at(4_000.0, 6_000.0), at(6_000.0, 2_600.0)), ("7".to_owned(), "7".to_owned()));
        assert_eq!((at(2_000.0, 6_000.0), at(9_000.0, 1_500.0)), (String::new(), String::new()));
    }

    #[test]
    fn what_is_too_short_single_or_a_third_tone_is_no_key() {
        let none = |tones: [(f32, f32); 2], on| press(&mut Keypad::default(), tones, on, 60);
        assert_eq!(none(tones('3', 6_000.0, 6_000.0), 20), "");
        assert_eq!(none([(697.0, 8_000.0), (440.0, 8_000.0)], 200), "");
        assert_eq!(none([(1_336.0, 8_000.0), (1_000.0, 4_000.0)], 200), "");

        let mut three = vec![0; 1_600];
        for hertz in [770.0, 1_336.0, 2_100.0] {
            let mut one = vec![0; three.len()];
            Tone::new(hertz, 5_000.0).fill(&mut one);
            three.iter_mut().zip(one).for_each(|(sum, sample)| *sum += sample);
        }
        assert_eq!(hear(&mut Keypad::default(), &three), "");
    }

    #[test]
    fn noise_and_chords_press_nothing() {
        let mut seed = 1_u32;
        let noise: Vec<i16> = (0..80_000)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 17) as i16 - 16_384
            })
            .collect();
        assert_eq!(hear(&mut Keypad::default(), &noise), "");
    }
}
