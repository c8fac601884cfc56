//! Counts failures by address and says when it is enough. Bounded, and forgets after a minute.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

/// The window, in milliseconds.
const WINDOW_MS: i64 = 60_000;
/// Addresses remembered at once.
const ADDRESSES: usize = 10_000;

/// Failures of the running minute.
pub struct Throttle {
    limit: u32,
    seen: Mutex<HashMap<IpAddr, (i64, u32)>>,
}

impl Throttle {
    /// Lets `limit` failures a minute pass.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self { limit, seen: Mutex::default() }
    }

    /// Whether this address has failed too often.
    pub fn is_limited(&self, address: IpAddr, now: i64) -> bool {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(&address).is_some_and(|(since, count)| now - since < WINDOW_MS && *count >= self.limit)
    }

    /// Notes a failure.
    pub fn failed(&self, address: IpAddr, now: i64) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= ADDRESSES {
            seen.retain(|_, (since, _)| now - *since < WINDOW_MS);
            if seen.len() >= ADDRESSES {
                return;
            }
        }
        let entry = seen.entry(address).or_insert((now, 0));
        if now - entry.0 >= WINDOW_MS {
            *entry = (now, 0);
        }
        entry.1 += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_limited_for_the_rest_of_its_minute_and_others_are_not() {
        let throttle = Throttle::new(2);
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        throttle.failed(one, 1_000);
        assert!(!throttle.is_limited(one, 1_001));

        throttle.failed(one, 2_000);

        assert!(throttle.is_limited(one, 2_001) && !throttle.is_limited(other, 2_001));
        assert!(!throttle.is_limited(one, 61_001));
    }
}
