use super::run;

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
