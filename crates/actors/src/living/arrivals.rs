//! When customers arrive: at random, in waves, so that boards move.

use std::{f64::consts::TAU, time::Duration};

use rand::{RngExt as _, rngs::StdRng};

use super::{Plan, chance};

/// Customers a minute for each agent at load 1.
const A_MINUTE_AND_AGENT: f64 = 1.0;
/// How many of them call, when they can also chat.
pub(super) const SHARE_OF_CALLS: f64 = 0.45;
/// A wave's length in seconds, and how far it goes up and down.
const WAVE_S: f64 = 600.0;
const WAVE: f64 = 0.45;
/// More than this many a second is not a demo any more.
const MOST_A_SECOND: f64 = 50.0;

/// A Poisson process whose rate goes up and down.
pub(super) struct Arrivals {
    rng: StdRng,
    seed: u64,
    rate: f64,
    time: f64,
    count: u64,
}

impl Arrivals {
    pub fn new(plan: &Plan) -> Self {
        let rate = plan.load.max(0.0) * plan.agents.len() as f64 * A_MINUTE_AND_AGENT / 60.0;
        let rng = chance::mind(plan.seed, 0, 0);
        Self { rng, seed: plan.seed, rate: rate.min(MOST_A_SECOND), time: 0.0, count: 0 }
    }

    /// How long after the last one the next one comes.
    pub fn next(&mut self) -> Duration {
        let began = self.time;
        let most = self.rate * (1.0 + WAVE);
        if most <= f64::EPSILON {
            return Duration::from_hours(24);
        }
        // Thinning (Lewis and Shedler 1979): as many as at the height of the wave, most of which come.
        loop {
            let uniform: f64 = self.rng.random_range(f64::EPSILON..1.0);
            self.time += -uniform.ln() / most;
            let rate = self.rate * (1.0 + WAVE * (TAU * self.time / WAVE_S).sin());
            if self.rng.random_range(0.0..most) < rate {
                return Duration::from_secs_f64(self.time - began);
            }
        }
    }

    /// Chance of its own for the next customer.
    pub fn mind(&mut self) -> StdRng {
        self.count += 1;
        chance::mind(self.seed, 1, self.count)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, time::Duration};

    use super::{Arrivals, Plan};

    fn plan(seed: u64, load: f64) -> Plan {
        Plan {
            http_url: String::new(),
            sip: ([127, 0, 0, 1], 5060).into(),
            tenant: String::new(),
            agents: vec![(String::new(), String::new()); 12],
            number: None,
            entry_point: None,
            choices: vec!['1'],
            dispositions: BTreeMap::new(),
            seed,
            load,
            duration: None,
        }
    }

    fn in_an_hour(plan: &Plan) -> usize {
        let mut arrivals = Arrivals::new(plan);
        let mut time = Duration::ZERO;
        std::iter::from_fn(|| {
            time += arrivals.next();
            (time < Duration::from_hours(1)).then_some(())
        })
        .count()
    }

    #[test]
    fn as_many_come_as_the_load_says() {
        let (once, twice) = (in_an_hour(&plan(7, 1.0)), in_an_hour(&plan(7, 2.0)));

        assert!((600..840).contains(&once), "{once}");
        assert!((1_250..1_630).contains(&twice), "{twice}");
        assert_eq!(in_an_hour(&plan(7, 0.0)), 0);
    }

    #[test]
    fn the_same_seed_brings_them_at_the_same_moments() {
        let moments = |seed| {
            let mut arrivals = Arrivals::new(&plan(seed, 1.0));
            (0..50).map(|_| arrivals.next()).collect::<Vec<_>>()
        };

        assert_eq!(moments(7), moments(7));
        assert_ne!(moments(7), moments(8));
    }
}
