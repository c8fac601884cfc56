//! What is asked to be otherwise.

use std::collections::{BTreeMap, BTreeSet};

use contract::{Name, router::v1 as proto};

use super::seen::Seen;
use crate::{app::RequestError, core::AgentConfig};

/// Most agents that can be added, and changes of each kind.
const MOST: usize = 1_000;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    pub seed: u64,
    add: Vec<(Name, usize)>,
    pub remove: BTreeSet<Name>,
    pub priorities: BTreeMap<Name, i32>,
    handling: BTreeMap<Name, f64>,
    pub arrivals: f64,
    /// New agents: key, configuration, and whose hours they keep.
    pub added: Vec<(Name, AgentConfig, Name)>,
}

impl Changes {
    /// Everything as it was.
    pub fn none(seed: u64) -> Self {
        Self { seed, arrivals: 1.0, ..Self::default() }
    }

    /// Reads a request, as far as it can be judged without the log.
    pub fn read(request: &proto::WhatIfRequest) -> Result<Self, RequestError> {
        let wrong = |field, problem| Err(RequestError::Field { field, problem });
        let mut changes = Self::none(request.seed);
        let lists = [
            request.add_agents.len(),
            request.remove_agents.len(),
            request.priorities.len(),
            request.handling.len(),
        ];
        if lists.iter().any(|length| *length > MOST) {
            return wrong("changes", "are more than 1,000 of a kind");
        }
        for add in &request.add_agents {
            match usize::try_from(add.count) {
                Ok(count @ 1..=MOST) => changes.add.push((add.skill.as_str().into(), count)),
                _ => return wrong("add_agents.count", "must be 1 to 1,000"),
            }
        }
        changes.remove = request.remove_agents.iter().map(|key| key.as_str().into()).collect();
        for change in &request.priorities {
            if !(-1_000..=1_000).contains(&change.priority) {
                return wrong("priorities.priority", "must be -1,000 to 1,000");
            }
            changes.priorities.insert(change.queue.as_str().into(), change.priority);
        }
        for change in &request.handling {
            if !(0.01..=100.0).contains(&change.factor) {
                return wrong("handling.factor", "must be 0.01 to 100");
            }
            changes.handling.insert(change.queue.as_str().into(), change.factor);
        }
        if request.arrivals != 0.0 {
            if !(0.01..=10.0).contains(&request.arrivals) {
                return wrong("arrivals", "must be 0.01 to 10");
            }
            changes.arrivals = request.arrivals;
        }
        Ok(changes)
    }

    /// Finds the people and queues that are named.
    pub fn resolve(&self, seen: &Seen) -> Result<Self, String> {
        let mut changes = self.clone();
        for (skill, count) in &self.add {
            let models = seen.masters_of(skill);
            if models.is_empty() {
                return Err(format!("add_agents: nobody masters {skill:?}, so nobody can be the model"));
            }
            for number in 0..*count {
                let (model, config) = &models[number % models.len()];
                let key = Name::from(format!("+{skill}-{}", number + 1));
                changes.added.push((key, config.clone(), model.clone()));
            }
        }
        if let Some(unknown) = self.remove.iter().find(|agent| !seen.people.contains_key(agent)) {
            return Err(format!("remove_agents: no agent {unknown:?} was there"));
        }
        let queues = self.priorities.keys().chain(self.handling.keys().filter(|queue| !queue.is_empty()));
        for queue in queues {
            if !seen.knows_queue(queue) {
                return Err(format!("nothing arrived in a queue {queue:?} in this span"));
            }
        }
        Ok(changes)
    }

    /// What handling in a queue is multiplied with.
    pub fn handling(&self, queue: &Name) -> f64 {
        let every = || self.handling.iter().find(|(key, _)| key.is_empty()).map(|(_, factor)| *factor);
        self.handling.get(queue).copied().or_else(every).unwrap_or(1.0)
    }
}
