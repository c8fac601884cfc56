//! The facts of one interaction, in whatever order and however often they arrive.
//!
//! A [`History`] is a set of facts by their position in the stream: adding is commutative and idempotent, and what
//! the set adds up to ([`Summary`]) depends on nothing but the set. Only the newest [`KEPT`] facts are kept apart;
//! older ones are read into `base` for good, and a fact that arrives later than [`KEPT`] newer ones is ignored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::replay::{Replay, Step, Summary};

/// How many facts may still be overtaken by an older one.
pub const KEPT: usize = 64;

/// Everything known about one interaction; stored beside its row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct History {
    /// What the facts up to `floor` add up to.
    base: Replay,
    floor: u64,
    /// Later facts by their position in the stream.
    steps: BTreeMap<u64, Step>,
}

impl History {
    /// Adds the fact at position `sequence` of the stream. False when it changes nothing.
    pub fn add(&mut self, sequence: u64, step: Step) -> bool {
        if sequence <= self.floor || self.steps.contains_key(&sequence) {
            return false;
        }
        self.steps.insert(sequence, step);
        while self.steps.len() > KEPT
            && let Some((sequence, step)) = self.steps.pop_first()
        {
            self.base.read(&step);
            self.floor = sequence;
        }
        true
    }

    /// What the facts add up to.
    pub fn summary(&self) -> Summary {
        let mut replay = self.base.clone();
        for step in self.steps.values() {
            replay.read(step);
        }
        replay.summary()
    }
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
