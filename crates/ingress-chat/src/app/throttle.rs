//! Token buckets: how often something may happen.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Instant,
};

/// Tenants remembered at once.
const MAX_KEYS: usize = 10_000;

/// One bucket.
#[derive(Clone, Copy, Debug)]
pub struct Throttle {
    per_second: f64,
    burst: f64,
    tokens: f64,
    filled_at: Instant,
}

impl Throttle {
    /// A full bucket.
    pub fn new(per_second: u32, burst: u32, now: Instant) -> Self {
        Self {
            per_second: f64::from(per_second),
            burst: f64::from(burst),
            tokens: f64::from(burst),
            filled_at: now,
        }
    }

    /// Takes a token if there is one.
    pub fn take(&mut self, now: Instant) -> bool {
        let elapsed = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.tokens = (self.tokens + elapsed * self.per_second).min(self.burst);
        self.filled_at = now;
        let has = self.tokens >= 1.0;
        if has {
            self.tokens -= 1.0;
        }
        has
    }
}

/// One bucket a tenant.
pub struct Throttles {
    per_second: u32,
    burst: u32,
    buckets: Mutex<HashMap<String, Throttle>>,
}

impl Throttles {
    pub fn new(per_second: u32, burst: u32) -> Self {
        Self { per_second, burst, buckets: Mutex::default() }
    }

    /// Takes a token of `key`.
    pub fn take(&self, key: &str, now: Instant) -> bool {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(key) {
            return bucket.take(now);
        }
        if buckets.len() >= MAX_KEYS {
            buckets.clear();
        }
        let mut bucket = Throttle::new(self.per_second, self.burst, now);
        let has = bucket.take(now);
        buckets.insert(key.to_owned(), bucket);
        has
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Throttle;

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let now = Instant::now();
        let mut bucket = Throttle::new(10, 3, now);

        assert_eq!((0..5).filter(|_| bucket.take(now)).count(), 3);
        assert!(bucket.take(now + Duration::from_millis(101)));
        assert!(!bucket.take(now + Duration::from_millis(102)));
    }
}
