use super::run;
use crate::core::mutation::{Guard, without};

/// A seed fails alone: `cargo run -p router --bin router-sim -- --seed N` plays it again.
fn play(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        if let Err(problem) = run(seed) {
            panic!("seed {seed}: {problem}");
        }
    }
}

#[test]
fn everything_that_goes_wrong_from_250_seeds() {
    play(0..250);
}

#[test]
fn everything_that_goes_wrong_from_250_other_seeds() {
    play(250..500);
}

#[test]
fn a_seed_gives_the_same_run_again() {
    assert_eq!(run(7), run(7));
}

/// Seeds until a missing guard must have been noticed.
const PATIENCE: u64 = 60;

/// Whoever takes a guard away makes some property fail: an invariant, the history, the end, or a count that overflows.
#[test]
fn without_any_one_guard_a_property_fails() {
    let mut unnoticed = Vec::new();
    for guard in Guard::ALL {
        let noticed = (0..PATIENCE)
            .find(|seed| std::panic::catch_unwind(|| without(guard, || run(*seed).is_err())).unwrap_or(true));
        if noticed.is_none() {
            unnoticed.push(guard);
        }
    }

    assert_eq!(unnoticed, [], "nobody misses these guards");
}
