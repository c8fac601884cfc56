//! An ordered set that also knows the place of each member: who is next, and the how-manieth am I.
//!
//! Keys stand in chunks of at most [`CHUNK`]; first keys and lengths of the chunks lie side by side, so that finding,
//! counting and taking the first touch little memory at 100,000 members.

use std::collections::VecDeque;

const CHUNK: usize = 128;

/// A set of `K` in ascending order.
#[derive(Clone, Debug)]
pub(crate) struct OrderedSet<K> {
    chunks: Vec<VecDeque<K>>,
    firsts: Vec<K>,
    lengths: Vec<u32>,
    len: usize,
}

impl<K> Default for OrderedSet<K> {
    fn default() -> Self {
        Self { chunks: Vec::new(), firsts: Vec::new(), lengths: Vec::new(), len: 0 }
    }
}

impl<K: Ord + Copy> OrderedSet<K> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn first(&self) -> Option<K> {
        self.firsts.first().copied()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = K> + '_ {
        self.chunks.iter().flatten().copied()
    }

    /// The chunk in which `key` is or belongs.
    fn chunk_of(&self, key: &K) -> usize {
        self.firsts.partition_point(|first| first <= key).saturating_sub(1)
    }

    /// False when it was there.
    pub(crate) fn insert(&mut self, key: K) -> bool {
        if self.chunks.is_empty() {
            self.chunks.push(VecDeque::from([key]));
            self.firsts.push(key);
            self.lengths.push(1);
            self.len = 1;
            return true;
        }
        let at = self.chunk_of(&key);
        let chunk = &mut self.chunks[at];
        // Most keys are the last: who comes now waits behind everyone.
        if chunk.back().is_some_and(|last| *last < key) {
            chunk.push_back(key);
        } else {
            let Err(place) = chunk.binary_search(&key) else { return false };
            chunk.insert(place, key);
        }
        self.len += 1;
        if chunk.len() > CHUNK {
            // A queue grows at its end: cut there, so that full chunks stay full.
            let is_last = at + 1 == self.chunks.len();
            let upper = self.chunks[at].split_off(if is_last { CHUNK } else { CHUNK / 2 });
            self.firsts.insert(at + 1, upper[0]);
            self.lengths.insert(at + 1, upper.len() as u32);
            self.chunks.insert(at + 1, upper);
        }
        self.firsts[at] = self.chunks[at][0];
        self.lengths[at] = self.chunks[at].len() as u32;
        true
    }

    /// False when it was not there.
    pub(crate) fn remove(&mut self, key: &K) -> bool {
        if self.chunks.is_empty() {
            return false;
        }
        let at = self.chunk_of(key);
        let chunk = &mut self.chunks[at];
        // Most keys that go are the first: they have been served.
        if self.firsts[at] == *key {
            chunk.pop_front();
        } else {
            let Ok(place) = chunk.binary_search(key) else { return false };
            chunk.remove(place);
        }
        self.len -= 1;
        if let Some(first) = chunk.front() {
            self.firsts[at] = *first;
            self.lengths[at] = chunk.len() as u32;
        } else {
            self.chunks.remove(at);
            self.firsts.remove(at);
            self.lengths.remove(at);
        }
        true
    }

    /// How many are before `key`, whether or not it is a member.
    pub(crate) fn rank(&self, key: &K) -> usize {
        if self.chunks.is_empty() {
            return 0;
        }
        if *key <= self.firsts[0] {
            return 0;
        }
        let at = self.chunk_of(key);
        let before: u32 = self.lengths[..at].iter().sum();
        let (Ok(inside) | Err(inside)) = self.chunks[at].binary_search(key);
        before as usize + inside
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::OrderedSet;

    proptest! {
        #[test]
        fn it_behaves_as_a_plain_ordered_set(steps in prop::collection::vec((any::<bool>(), 0_u16..2_000), 0..4_000)) {
            let (mut set, mut model) = (OrderedSet::default(), BTreeSet::new());

            for (insert, key) in steps {
                if insert {
                    prop_assert_eq!(set.insert(key), model.insert(key));
                } else {
                    prop_assert_eq!(set.remove(&key), model.remove(&key));
                }
                prop_assert_eq!(set.first(), model.first().copied());
                prop_assert_eq!(set.rank(&key), model.range(..key).count());
            }

            prop_assert_eq!(set.len(), model.len());
            prop_assert!(set.iter().eq(model.iter().copied()));
        }
    }
}
