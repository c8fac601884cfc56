//! A hash map that can only be asked, never walked: its order can therefore not leak into a decision.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hash, Hasher},
};

use super::index::Index;

/// Multiply-and-rotate hashing of short keys (the scheme of the Firefox hasher). Not for keys chosen by strangers at
/// will: every key here is an id that the house made or a configured name.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mix(u64);

const FACTOR: u64 = 0xf135_7aea_2e62_a9c5;

impl Mix {
    /// The half of the hash that every bit of the key has a part in.
    pub(super) const fn high(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

impl Hasher for Mix {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        let last = rest.iter().rev().fold(0, |last, byte| last << 8 | u64::from(*byte));
        self.write_u64(last);
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }

    fn write_u16(&mut self, value: u16) {
        self.write_u64(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = self.0.wrapping_add(value).wrapping_mul(FACTOR);
    }

    fn write_u128(&mut self, value: u128) {
        self.write_u64(value as u64);
        self.write_u64((value >> 64) as u64);
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }
}

/// A map without an order.
#[derive(Clone, Debug)]
pub(crate) struct Lookup<K, V>(HashMap<K, V, BuildHasherDefault<Mix>>);

impl<K, V> Default for Lookup<K, V> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

impl<K: Eq + Hash, V: Copy> Lookup<K, V> {
    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.0.get(key).copied()
    }

    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.0.insert(key, value)
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        self.0.remove(key)
    }
}

/// The last `LIMIT` ids of some kind.
#[derive(Clone, Debug)]
pub(crate) struct Recent<K, const LIMIT: usize> {
    /// A ring once it is full.
    ids: Vec<K>,
    /// Where the oldest stands in it.
    oldest: usize,
    known: Index,
}

impl<K, const LIMIT: usize> Default for Recent<K, LIMIT> {
    fn default() -> Self {
        Self { ids: Vec::new(), oldest: 0, known: Index::default() }
    }
}

impl<K: Copy + Eq + Hash, const LIMIT: usize> Recent<K, LIMIT> {
    /// Remembers `id`; false when it was known.
    pub(crate) fn insert(&mut self, id: K) -> bool {
        if self.has(&id) {
            return false;
        }
        let place = if self.ids.len() < LIMIT {
            self.ids.push(id);
            self.ids.len() - 1
        } else {
            let place = self.oldest;
            self.known.remove(&self.ids[place], place as u32);
            self.ids[place] = id;
            self.oldest = (place + 1) % LIMIT;
            place
        };
        self.known.insert(&id, place as u32);
        true
    }

    pub(crate) fn has(&self, id: &K) -> bool {
        self.known.get(id, |place| self.ids[place as usize] == *id).is_some()
    }

    /// Oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = K> + '_ {
        let (newer, older) = self.ids.split_at(self.oldest);
        older.iter().chain(newer).copied()
    }
}

impl<K: Copy + Eq + Hash, const LIMIT: usize> FromIterator<K> for Recent<K, LIMIT> {
    fn from_iter<I: IntoIterator<Item = K>>(ids: I) -> Self {
        let mut recent = Self::default();
        for id in ids {
            recent.insert(id);
        }
        recent
    }
}

#[cfg(test)]
mod tests {
    use super::Recent;

    #[test]
    fn only_the_last_ids_are_remembered() {
        let mut recent = Recent::<u32, 100>::default();

        for id in 0..=100 {
            assert!(recent.insert(id));
        }

        assert!(!recent.insert(1));
        assert!(recent.insert(0));
        assert!(!recent.has(&1));
        assert!(recent.iter().eq((2..=100).chain([0])), "oldest first");
    }
}
