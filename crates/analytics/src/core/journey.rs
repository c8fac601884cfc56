//! The facts of one interaction, in whatever order and however often they arrive.
//!
//! A [`Journey`] is a set of facts by their position in the stream: adding is commutative and idempotent, and what it
//! adds to the figures depends on nothing but the set. Only the newest [`KEPT`] facts are kept apart; older ones are
//! read into `base` for good, and a fact that arrives later than [`KEPT`] newer ones is ignored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::visit::{Facts, Figures, Replay, Step};

/// How many facts may still be overtaken by an older one.
pub const KEPT: usize = 64;

/// Everything the figures need of one interaction; stored beside its row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Journey {
    /// What the facts up to `floor` add up to.
    base: Replay,
    floor: u64,
    /// Later facts by their position in the stream.
    steps: BTreeMap<u64, Step>,
}

impl Journey {
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

    /// What the interaction adds to the figures.
    pub fn figures(&self) -> Figures {
        self.replay().figures()
    }

    /// The interaction as a row of facts.
    pub fn facts(&self) -> Facts {
        self.replay().facts()
    }

    fn replay(&self) -> Replay {
        let mut replay = self.base.clone();
        for step in self.steps.values() {
            replay.read(step);
        }
        replay
    }
}

#[cfg(test)]
#[path = "journey_tests.rs"]
mod tests;
