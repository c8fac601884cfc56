//! Finds numbered things by their key: a table of hashes and numbers, without the keys.
//!
//! Whoever asks compares what a number stands for with what is looked for. So a thing costs eight bytes here, and the table of
//! 100,000 stays close to the processor. Linear probing; what leaves closes the gap behind it (Knuth, The Art of Computer
//! Programming 3, 6.4, algorithm R), so that the table never fills with the dead.

use std::hash::Hash;

use super::lookup::Mix;

const LEAST: usize = 16;

/// See the module. It can only be asked, never walked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    /// 0: free; otherwise the hash above 32 bits of one more than the number.
    places: Vec<u64>,
    len: usize,
}

fn packed<K: Hash>(key: &K, number: u32) -> u64 {
    let mut mix = Mix::default();
    key.hash(&mut mix);
    u64::from(mix.high()) << 32 | (u64::from(number) + 1)
}

impl Index {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Where the search for it begins: the first bits of the hash.
    fn home(&self, packed: u64) -> usize {
        (packed >> (u64::BITS - self.places.len().trailing_zeros())) as usize
    }

    fn after(&self, at: usize) -> usize {
        (at + 1) & (self.places.len() - 1)
    }

    /// The number under `key`; `is_it` says whether a number found is what is looked for.
    pub(crate) fn get<K: Hash>(&self, key: &K, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        if self.len == 0 {
            return None;
        }
        let wanted = packed(key, 0);
        let mut at = self.home(wanted);
        loop {
            let place = self.places[at];
            if place == 0 {
                return None;
            }
            let number = (place as u32).wrapping_sub(1);
            if place >> 32 == wanted >> 32 && is_it(number) {
                return Some(number);
            }
            at = self.after(at);
        }
    }

    /// Adds a number, which must not be there under this key.
    pub(crate) fn insert<K: Hash>(&mut self, key: &K, number: u32) {
        self.reserve(1);
        self.put(packed(key, number));
        self.len += 1;
    }

    /// Takes a number out; false when it was not there under this key.
    pub(crate) fn remove<K: Hash>(&mut self, key: &K, number: u32) -> bool {
        if self.len == 0 {
            return false;
        }
        let wanted = packed(key, number);
        let mut at = self.home(wanted);
        while self.places[at] != wanted {
            if self.places[at] == 0 {
                return false;
            }
            at = self.after(at);
        }
        self.close(at);
        self.len -= 1;
        true
    }

    /// Makes room for so many more.
    pub(crate) fn reserve(&mut self, additional: usize) {
        // At most two in three places are taken.
        let wanted = (self.len + additional) * 3 / 2 + 1;
        if wanted <= self.places.len() {
            return;
        }
        let old = std::mem::replace(&mut self.places, vec![0; wanted.next_power_of_two().max(LEAST)]);
        for place in old.into_iter().filter(|place| *place != 0) {
            self.put(place);
        }
    }

    fn put(&mut self, packed: u64) {
        let mut at = self.home(packed);
        while self.places[at] != 0 {
            at = self.after(at);
        }
        self.places[at] = packed;
    }

    /// Frees a place, and moves up whoever would not be found behind it any more.
    fn close(&mut self, mut gap: usize) {
        let mask = self.places.len() - 1;
        let mut at = gap;
        loop {
            at = self.after(at);
            let place = self.places[at];
            if place == 0 {
                break;
            }
            let from_home = at.wrapping_sub(self.home(place)) & mask;
            let from_gap = at.wrapping_sub(gap) & mask;
            if from_home >= from_gap {
                self.places[gap] = place;
                gap = at;
            }
        }
        self.places[gap] = 0;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::Index;

    proptest! {
        #[test]
        fn it_finds_what_a_plain_map_finds(steps in prop::collection::vec((0_u8..3, 0_u16..400), 0..4_000)) {
            let (mut index, mut model, mut keys) = (Index::default(), BTreeMap::new(), Vec::new());

            for (what, key) in steps {
                let found = index.get(&key, |number| keys[number as usize] == key);
                prop_assert_eq!(found, model.get(&key).copied());
                if what == 0 {
                    let removed = model.remove(&key);
                    prop_assert_eq!(index.remove(&key, removed.unwrap_or(0)), removed.is_some());
                } else if found.is_none() {
                    let number = keys.len() as u32;
                    keys.push(key);
                    index.insert(&key, number);
                    model.insert(key, number);
                }
                prop_assert_eq!(index.len(), model.len());
            }
        }
    }
}
