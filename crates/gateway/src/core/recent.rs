//! What was so a moment ago: a map whose entries end after a time, with a bound on their number.

use std::collections::{BTreeMap, BTreeSet};

use contract::Timestamp;

/// Entries that end by themselves. When full, the oldest makes room.
#[derive(Clone, Debug)]
pub struct Recent<V> {
    keep_ms: i64,
    most: usize,
    entries: BTreeMap<String, (Timestamp, V)>,
    by_age: BTreeSet<(Timestamp, String)>,
}

impl<V> Recent<V> {
    /// Keeps at most `most` entries for `keep_ms` each.
    pub const fn new(keep_ms: i64, most: usize) -> Self {
        Self { keep_ms, most, entries: BTreeMap::new(), by_age: BTreeSet::new() }
    }

    /// The entry, if it has not ended.
    pub fn get(&self, now: Timestamp, key: &str) -> Option<&V> {
        self.entries.get(key).filter(|(at, _)| now - *at < self.keep_ms).map(|(_, value)| value)
    }

    /// Remembers an entry from now.
    pub fn put(&mut self, now: Timestamp, key: &str, value: V) {
        if let Some((at, _)) = self.entries.remove(key) {
            self.by_age.remove(&(at, key.to_owned()));
        }
        while let Some((at, oldest)) = self.by_age.first().cloned() {
            if self.entries.len() < self.most && now - at < self.keep_ms {
                break;
            }
            self.by_age.remove(&(at, oldest.clone()));
            self.entries.remove(&oldest);
        }
        self.entries.insert(key.to_owned(), (now, value));
        self.by_age.insert((now, key.to_owned()));
    }

    /// Forgets an entry.
    pub fn remove(&mut self, key: &str) {
        if let Some((at, _)) = self.entries.remove(key) {
            self.by_age.remove(&(at, key.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use contract::Timestamp;

    use super::Recent;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn an_entry_ends_after_its_time() {
        let mut recent = Recent::new(100, 10);

        recent.put(at(0), "a", 1);

        assert_eq!(recent.get(at(99), "a"), Some(&1));
        assert_eq!(recent.get(at(100), "a"), None);
    }

    #[test]
    fn the_oldest_makes_room() {
        let mut recent = Recent::new(1_000, 2);
        for (moment, key) in [(0, "a"), (1, "b"), (2, "c"), (3, "b")] {
            recent.put(at(moment), key, moment);
        }

        assert_eq!(recent.get(at(4), "a"), None);
        assert_eq!(recent.get(at(4), "b"), Some(&3));
        assert_eq!(recent.get(at(4), "c"), Some(&2));
        assert_eq!(recent.by_age.len(), 2);
    }
}
