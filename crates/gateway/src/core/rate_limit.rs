//! So many a minute for each key: token buckets that fill again evenly, with a bound on the keys remembered.

use std::collections::BTreeMap;

use contract::Timestamp;

const MINUTE_MS: i64 = 60_000;

/// Buckets by key. A key that has been quiet for a minute is as good as new and need not be remembered.
#[derive(Clone, Debug)]
pub struct RateLimit {
    per_minute: u32,
    remembered: usize,
    buckets: BTreeMap<String, Bucket>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Milliseconds' worth of tokens used; each token costs `MINUTE_MS / per_minute`.
    used_ms: i64,
    at: Timestamp,
}

impl RateLimit {
    /// At most `per_minute` takes a minute for each key, and at most `remembered` keys.
    pub const fn new(per_minute: u32, remembered: usize) -> Self {
        Self { per_minute, remembered, buckets: BTreeMap::new() }
    }

    /// Takes one; false when the key has none left.
    pub fn take(&mut self, now: Timestamp, key: &str) -> bool {
        let cost = MINUTE_MS / i64::from(self.per_minute.max(1));
        let used_ms = self.used(now, key);
        if used_ms + cost > MINUTE_MS {
            return false;
        }
        if !self.buckets.contains_key(key) && self.buckets.len() >= self.remembered.max(1) {
            self.forget(now);
        }
        self.buckets.insert(key.to_owned(), Bucket { used_ms: used_ms + cost, at: now });
        true
    }

    /// Gives one back: what was taken for turned out to be fine.
    pub fn give_back(&mut self, key: &str) {
        let cost = MINUTE_MS / i64::from(self.per_minute.max(1));
        if let Some(bucket) = self.buckets.get_mut(key) {
            bucket.used_ms = (bucket.used_ms - cost).max(0);
        }
    }

    fn used(&self, now: Timestamp, key: &str) -> i64 {
        self.buckets.get(key).map_or(0, |bucket| (bucket.used_ms - (now - bucket.at).max(0)).max(0))
    }

    /// Drops the keys that are as good as new; when all are busy, the one that has used least.
    fn forget(&mut self, now: Timestamp) {
        self.buckets.retain(|_, bucket| bucket.used_ms > now - bucket.at);
        if self.buckets.len() >= self.remembered.max(1) {
            let least = self.buckets.iter().min_by_key(|(_, bucket)| bucket.used_ms - (now - bucket.at));
            if let Some(key) = least.map(|(key, _)| key.clone()) {
                self.buckets.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use contract::Timestamp;

    use super::RateLimit;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_key_has_so_many_a_minute_and_gets_them_back_evenly() {
        let mut limit = RateLimit::new(3, 10);

        let first: Vec<bool> = (0..4).map(|_| limit.take(at(0), "a")).collect();

        assert_eq!(first, [true, true, true, false]);
        assert!(!limit.take(at(19_999), "a"));
        assert!(limit.take(at(20_000), "a"));
        assert!(limit.take(at(20_000), "b"));
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let mut limit = RateLimit::new(1, 10);

        assert!(limit.take(at(0), "a"));
        limit.give_back("a");

        assert!(limit.take(at(0), "a"));
    }

    #[test]
    fn the_memory_is_bounded_and_keeps_the_worst() {
        let mut limit = RateLimit::new(2, 3);
        limit.take(at(0), "worst");
        limit.take(at(0), "worst");
        for key in ["b", "c", "d", "e", "f"] {
            assert!(limit.take(at(0), key));
        }

        assert!(limit.buckets.len() <= 3);
        assert!(!limit.take(at(0), "worst"));
    }
}
