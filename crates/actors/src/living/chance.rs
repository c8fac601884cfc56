//! Chance that people are made of: seeded, one stream for each of them.

use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

/// Chance of its own for the `number`th person of a kind.
pub(super) fn mind(seed: u64, kind: u64, number: u64) -> StdRng {
    // SplitMix64's increment keeps neighbours apart.
    let mixed = seed ^ kind.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    StdRng::seed_from_u64(mixed)
}

/// Anything between the two, in seconds.
pub(super) fn between(rng: &mut StdRng, from: f64, to: f64) -> Duration {
    Duration::from_secs_f64(rng.random_range(from..to))
}

/// Exponential with this mean, in seconds, kept between the two: how long people talk and wait.
pub(super) fn about(rng: &mut StdRng, mean: f64, least: f64, most: f64) -> Duration {
    let uniform: f64 = rng.random_range(f64::EPSILON..1.0);
    Duration::from_secs_f64((-uniform.ln() * mean).clamp(least, most))
}

/// One of them.
pub(super) fn one_of<'a, T: ?Sized>(rng: &mut StdRng, all: &[&'a T]) -> &'a T {
    all[rng.random_range(0..all.len())]
}

#[cfg(test)]
mod tests {
    use rand::RngExt as _;

    use super::{about, mind};

    #[test]
    fn people_of_a_seed_are_the_same_and_differ_from_each_other() {
        let number = |seed, kind, index| mind(seed, kind, index).random::<u64>();

        assert_eq!(number(7, 1, 2), number(7, 1, 2));
        assert_ne!(number(7, 1, 2), number(7, 1, 3));
        assert_ne!(number(7, 1, 2), number(7, 2, 2));
        assert_ne!(number(7, 1, 2), number(8, 1, 2));
    }

    #[test]
    fn an_exponential_has_its_mean() {
        let mut rng = mind(1, 1, 1);
        let sum: f64 = (0..20_000).map(|_| about(&mut rng, 40.0, 0.0, 4_000.0).as_secs_f64()).sum();

        assert!((sum / 20_000.0 - 40.0).abs() < 1.0, "{}", sum / 20_000.0);
    }
}
