//! Who may take an interaction: boolean expressions over skills and attributes of agents, the language of rings.
//!
//! `billing >= 2 and (french >= 4 or site == "LIS")`, `agent.id in ["ann", "bob"]`, `not team == "night"`.
//! A bare name is a skill that the agent must have at all; a skill that an agent lacks counts as 0. An empty text is
//! everyone. Pure: the directory checks expressions with it, the router decides by them.

mod lexer;
mod parser;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Name;
pub use parser::ExpressionError;

/// Longest text of one expression, bytes.
pub const MAX_LENGTH: usize = 4096;

/// Proficiency in hundredths: 0 to 500 for 0.0 to 5.0.
pub type Level = u16;

/// How a skill is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `>=`
    AtLeast,
    /// `>`
    More,
}

impl Comparison {
    /// Whether `has` compares so with `wanted`.
    pub const fn holds(self, has: Level, wanted: Level) -> bool {
        match self {
            Self::Less => has < wanted,
            Self::AtMost => has <= wanted,
            Self::Equal => has == wanted,
            Self::NotEqual => has != wanted,
            Self::AtLeast => has >= wanted,
            Self::More => has > wanted,
        }
    }

    /// Whether an agent without the skill can never satisfy it.
    pub const fn needs_the_skill(self, wanted: Level) -> bool {
        !self.holds(0, wanted)
    }

    const fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::AtLeast => ">=",
            Self::More => ">",
        }
    }
}

/// What is compared with texts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Subject {
    /// `agent.id`
    Agent,
    /// `team`
    Team,
    /// Any other name: a free attribute.
    Attribute(Name),
}

/// A condition on agents.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Expression {
    /// Every agent of the queue.
    Anyone,
    /// Proficiency in a skill.
    Skill(Name, Comparison, Level),
    /// One of some texts.
    OneOf(Subject, Vec<Name>),
    /// All of these.
    All(Vec<Expression>),
    /// At least one of these.
    Any(Vec<Expression>),
    /// Not this.
    Not(Box<Expression>),
}

impl Expression {
    /// Shows every condition that holds no other, from left to right.
    pub fn each_condition<'a>(&'a self, see: &mut impl FnMut(&'a Self)) {
        match self {
            Self::Anyone | Self::Skill(..) | Self::OneOf(..) => see(self),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.each_condition(see)),
            Self::Not(inner) => inner.each_condition(see),
        }
    }
}

impl std::str::FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        parser::parse(text)
    }
}

/// Canonical text, which parses to the same expression.
impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anyone => formatter.write_str("anyone"),
            Self::Skill(skill, comparison, level) => {
                write!(formatter, "{skill} {} {}", comparison.sign(), f64::from(*level) / 100.0)
            }
            Self::OneOf(subject, values) => {
                let subject = match subject {
                    Subject::Agent => "agent.id",
                    Subject::Team => "team",
                    Subject::Attribute(name) => name,
                };
                if let [only] = values.as_slice() {
                    return write!(formatter, "{subject} == {}", Quoted(only));
                }
                write!(formatter, "{subject} in [")?;
                for (place, value) in values.iter().enumerate() {
                    write!(formatter, "{}{}", if place > 0 { ", " } else { "" }, Quoted(value))?;
                }
                formatter.write_str("]")
            }
            Self::All(parts) => joined(formatter, parts, " and "),
            Self::Any(parts) => joined(formatter, parts, " or "),
            Self::Not(inner) => write!(formatter, "not ({inner})"),
        }
    }
}

/// A text in the quotation marks that it does not contain itself; the language knows no escapes.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.0.contains('"') { '\'' } else { '"' };
        write!(formatter, "{mark}{}{mark}", self.0)
    }
}

fn joined(formatter: &mut fmt::Formatter<'_>, parts: &[Expression], word: &str) -> fmt::Result {
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            formatter.write_str(word)?;
        }
        match part {
            Expression::All(_) | Expression::Any(_) => write!(formatter, "({part})")?,
            _ => write!(formatter, "{part}")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
