//! Agents by what expressions ask for, so that a rare requirement does not look at everyone.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    config::AgentConfig,
    expression::{Expression, Subject},
    ids::Name,
};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Skill(Name),
    Team(Name),
    Attribute(Name, Name),
}

/// Which agents have a skill, a team, an attribute.
#[derive(Clone, Debug, Default)]
pub(crate) struct Postings(BTreeMap<Key, BTreeSet<u32>>);

impl Postings {
    fn keys(config: &AgentConfig) -> impl Iterator<Item = Key> + '_ {
        let skills = config.skills.iter().map(|(skill, _)| Key::Skill(skill.clone()));
        let team = config.team.iter().map(|team| Key::Team(team.clone()));
        let attributes =
            config.attributes.iter().map(|(name, value)| Key::Attribute(name.clone(), value.clone()));
        skills.chain(team).chain(attributes)
    }

    pub(crate) fn add(&mut self, agent: u32, config: &AgentConfig) {
        for key in Self::keys(config) {
            self.0.entry(key).or_default().insert(agent);
        }
    }

    pub(crate) fn remove(&mut self, agent: u32, config: &AgentConfig) {
        for key in Self::keys(config) {
            if let Some(agents) = self.0.get_mut(&key) {
                agents.remove(&agent);
                if agents.is_empty() {
                    self.0.remove(&key);
                }
            }
        }
    }

    /// Agents among whom all are who satisfy `expression`, ascending; `None`: it could be anyone. `agent_under`:
    /// the number of the agent under a name.
    pub(crate) fn narrow(
        &self,
        expression: &Expression,
        agent_under: &impl Fn(&Name) -> Option<u32>,
    ) -> Option<Vec<u32>> {
        match expression {
            Expression::Skill(skill, comparison, wanted) if comparison.needs_the_skill(*wanted) => {
                Some(self.under([Key::Skill(skill.clone())]))
            }
            Expression::OneOf(Subject::Agent, names) => {
                let mut found: Vec<u32> = names.iter().filter_map(agent_under).collect();
                found.sort_unstable();
                found.dedup();
                Some(found)
            }
            Expression::OneOf(Subject::Team, teams) => {
                Some(self.under(teams.iter().map(|team| Key::Team(team.clone()))))
            }
            Expression::OneOf(Subject::Attribute(name), values) => {
                Some(self.under(values.iter().map(|value| Key::Attribute(name.clone(), value.clone()))))
            }
            Expression::All(parts) => {
                parts.iter().filter_map(|part| self.narrow(part, agent_under)).min_by_key(Vec::len)
            }
            Expression::Any(parts) => {
                let mut found = BTreeSet::new();
                for part in parts {
                    found.extend(self.narrow(part, agent_under)?);
                }
                Some(found.into_iter().collect())
            }
            Expression::Anyone | Expression::Skill(..) | Expression::Not(_) => None,
        }
    }

    fn under(&self, keys: impl IntoIterator<Item = Key>) -> Vec<u32> {
        let mut found: Vec<u32> =
            keys.into_iter().filter_map(|key| self.0.get(&key)).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}
