//! A flow made ready to run: its steps by key.

use std::collections::BTreeMap;

use contract::ivr::v1::{Flow, step};

/// One version of a flow, indexed.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Key of the flow.
    pub key: String,
    /// Which of its versions.
    pub version: i32,
    start: String,
    steps: BTreeMap<String, step::Verb>,
}

impl Plan {
    /// Indexes a flow; steps without a verb are left out.
    pub fn of(flow: Flow) -> Self {
        let steps = flow.steps.into_iter().filter_map(|step| Some((step.key, step.verb?))).collect();
        Self { key: flow.key, version: flow.version, start: flow.start, steps }
    }

    /// Key of the first step.
    pub fn start(&self) -> &str {
        &self.start
    }

    /// What a step does.
    pub fn step(&self, key: &str) -> Option<&step::Verb> {
        self.steps.get(key)
    }
}
