//! Plays the simulation: `router-sim --seed N [--seeds M]` plays M seeds from N on, one by default.

use std::{
    io::{self, Write},
    process::ExitCode,
};

fn main() -> ExitCode {
    match play() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::from(2)
        }
    }
}

fn play() -> io::Result<bool> {
    let (mut seed, mut seeds) = (0_u64, 1_u64);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().and_then(|value| value.parse().ok());
        match (argument.as_str(), value) {
            ("--seed", Some(value)) => seed = value,
            ("--seeds", Some(value)) => seeds = value,
            _ => return Err(io::Error::other("usage: router-sim [--seed N] [--seeds M]")),
        }
    }
    let mut out = io::stdout().lock();
    let mut sound = true;
    for seed in seed..seed.saturating_add(seeds) {
        match router::simulation::run(seed) {
            Ok(report) => writeln!(
                out,
                "seed {seed}: {} entries, {} offers, {} closed, {} restarts, {} refused writes",
                report.entries, report.offers, report.closed, report.restarts, report.refused
            )?,
            Err(problem) => {
                sound = false;
                writeln!(out, "seed {seed}: {problem}")?;
            }
        }
    }
    Ok(sound)
}
