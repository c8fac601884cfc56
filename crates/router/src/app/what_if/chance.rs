//! Draws that are named by what they are about, so that the same question always gets the same answer.

use crate::core::InteractionId;

/// What is drawn.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
pub(super) enum About {
    Patience = 1,
    Handling = 2,
    Answer = 3,
    Arrival = 4,
}

/// 0 ≤ draw < 1.
pub(super) fn draw(seed: u64, interaction: InteractionId, about: About, number: u64) -> f64 {
    let InteractionId(id) = interaction;
    let mut mixed = seed ^ (id as u64) ^ ((id >> 64) as u64).rotate_left(32);
    for part in [about as u64, number] {
        mixed = mix(mixed ^ part.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    }
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
const fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::{About, InteractionId, draw};

    #[test]
    fn draws_are_even_and_named() {
        let all: Vec<f64> =
            (0..10_000).map(|id| draw(7, InteractionId(id << 80), About::Patience, 0)).collect();

        let mean = all.iter().sum::<f64>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.02, "{mean}");
        assert!(all.iter().all(|draw| (0.0..1.0).contains(draw)));
        let one = |about| draw(7, InteractionId(1), about, 0).to_bits();
        assert_eq!(one(About::Patience), one(About::Patience));
        assert_ne!(one(About::Patience), one(About::Handling));
    }
}
