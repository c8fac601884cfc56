//! Slows down whoever guesses passwords: after some failures in a row a login must wait, each time twice as long.

use std::collections::{BTreeMap, BTreeSet};

use contract::Timestamp;

/// When a login is slowed down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Failures in a row that cost nothing.
    pub free_failures: u32,
    /// First wait, milliseconds; doubles with every further failure.
    pub first_wait_ms: i64,
    /// Longest wait, milliseconds.
    pub longest_wait_ms: i64,
    /// Logins remembered at once; the one that failed longest ago is forgotten first.
    pub remembered: usize,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Timestamp,
}

/// Failures of logins, whether or not anybody has that login.
#[derive(Clone, Debug)]
pub struct Throttle {
    limits: Limits,
    failures: BTreeMap<String, Failures>,
    by_age: BTreeSet<(Timestamp, String)>,
}

impl Throttle {
    /// Remembers nothing yet.
    pub const fn new(limits: Limits) -> Self {
        Self { limits, failures: BTreeMap::new(), by_age: BTreeSet::new() }
    }

    /// When `login` may try again; `None`: now.
    pub fn wait_until(&self, now: Timestamp, login: &str) -> Option<Timestamp> {
        let failures = self.failures.get(login)?;
        let beyond = failures.count.checked_sub(self.limits.free_failures)?;
        let doubled = self.limits.first_wait_ms.saturating_mul(1_i64 << beyond.min(32));
        let until = failures.last.plus_millis(doubled.min(self.limits.longest_wait_ms));
        (until > now).then_some(until)
    }

    /// Counts a failure. One that lies longer ago than twice the longest wait is forgotten.
    pub fn failed(&mut self, now: Timestamp, login: &str) {
        let before = self.forget(login);
        let count = match before {
            Some(before) if now - before.last <= self.limits.longest_wait_ms.saturating_mul(2) => {
                before.count.saturating_add(1)
            }
            _ => 1,
        };
        self.failures.insert(login.to_owned(), Failures { count, last: now });
        self.by_age.insert((now, login.to_owned()));
        while self.failures.len() > self.limits.remembered.max(1) {
            let Some((_, oldest)) = self.by_age.pop_first() else { return };
            self.failures.remove(&oldest);
        }
    }

    /// The right password was given: past failures no longer count.
    pub fn succeeded(&mut self, login: &str) {
        self.forget(login);
    }

    fn forget(&mut self, login: &str) -> Option<Failures> {
        let before = self.failures.remove(login)?;
        self.by_age.remove(&(before.last, login.to_owned()));
        Some(before)
    }
}

#[cfg(test)]
mod tests {
    use contract::Timestamp;

    use super::{Limits, Throttle};

    const LIMITS: Limits =
        Limits { free_failures: 3, first_wait_ms: 1_000, longest_wait_ms: 60_000, remembered: 3 };

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_few_mistakes_cost_nothing_and_each_further_one_costs_twice_as_much() {
        let mut throttle = Throttle::new(LIMITS);

        throttle.failed(at(0), "ann");
        throttle.failed(at(0), "ann");
        assert_eq!(throttle.wait_until(at(0), "ann"), None);
        throttle.failed(at(0), "ann");
        assert_eq!(throttle.wait_until(at(0), "ann"), Some(at(1_000)));
        throttle.failed(at(1_000), "ann");

        assert_eq!(throttle.wait_until(at(1_000), "ann"), Some(at(3_000)));
        assert_eq!(throttle.wait_until(at(3_000), "ann"), None);
        assert_eq!(throttle.wait_until(at(0), "bob"), None);
    }

    #[test]
    fn waits_end_at_the_longest_and_success_forgets_them() {
        let mut throttle = Throttle::new(LIMITS);
        for _ in 0..100 {
            throttle.failed(at(5), "ann");
        }

        assert_eq!(throttle.wait_until(at(5), "ann"), Some(at(60_005)));
        throttle.succeeded("ann");

        assert_eq!(throttle.wait_until(at(5), "ann"), None);
    }

    #[test]
    fn guessing_many_logins_does_not_fill_the_memory() {
        let mut throttle = Throttle::new(LIMITS);

        for number in 0..10_000 {
            throttle.failed(at(number), &format!("login-{number}"));
        }

        assert_eq!(throttle.failures.len(), 3);
        assert_eq!(throttle.by_age.len(), 3);
    }
}
