//! Expressions against agents: whether one satisfies it, what is missing, and who need not be looked at.

use std::collections::BTreeSet;

use super::{Expression, Subject};
use crate::core::{config::AgentConfig, ids::Name};

/// What the router asks of an expression.
pub(crate) trait OfAgents {
    /// Whether an agent satisfies it.
    fn holds(&self, name: &Name, agent: &AgentConfig) -> bool;

    /// For people: the first condition that fails, and what the agent has: `billing >= 2, has 1`.
    fn unmet(&self, name: &Name, agent: &AgentConfig) -> Option<String>;

    /// Adds the skills that are asked for.
    fn add_skills<'a>(&'a self, skills: &mut BTreeSet<&'a Name>);
}

impl OfAgents for Expression {
    fn holds(&self, name: &Name, agent: &AgentConfig) -> bool {
        match self {
            Self::Anyone => true,
            Self::Skill(skill, comparison, wanted) => comparison.holds(level(agent, skill), *wanted),
            Self::OneOf(subject, values) => {
                text(subject, name, agent).is_some_and(|text| values.iter().any(|value| value == text))
            }
            Self::All(parts) => parts.iter().all(|part| part.holds(name, agent)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(name, agent)),
            Self::Not(inner) => !inner.holds(name, agent),
        }
    }

    fn unmet(&self, name: &Name, agent: &AgentConfig) -> Option<String> {
        if self.holds(name, agent) {
            return None;
        }
        Some(match self {
            Self::All(parts) => parts.iter().find_map(|part| part.unmet(name, agent))?,
            Self::Skill(skill, ..) => format!("{self}, has {}", f64::from(level(agent, skill)) / 100.0),
            Self::OneOf(subject, _) => match text(subject, name, agent) {
                Some(text) => format!("{self}, is {text:?}"),
                None => format!("{self}, has none"),
            },
            _ => self.to_string(),
        })
    }

    fn add_skills<'a>(&'a self, skills: &mut BTreeSet<&'a Name>) {
        match self {
            Self::Skill(skill, comparison, wanted) if comparison.needs_the_skill(*wanted) => {
                skills.insert(skill);
            }
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.add_skills(skills)),
            _ => {}
        }
    }
}

/// Proficiency in hundredths, 0 without the skill.
pub(crate) fn level(agent: &AgentConfig, skill: &Name) -> u16 {
    agent.skills.iter().find(|(name, _)| name == skill).map_or(0, |(_, level)| *level)
}

fn text<'a>(subject: &Subject, name: &'a Name, agent: &'a AgentConfig) -> Option<&'a Name> {
    match subject {
        Subject::Agent => Some(name),
        Subject::Team => agent.team.as_ref(),
        Subject::Attribute(wanted) => {
            agent.attributes.iter().find(|(key, _)| key == wanted).map(|(_, value)| value)
        }
    }
}
