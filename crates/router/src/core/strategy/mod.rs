//! Which of the agents who may take an interaction is asked first: every strategy is one number, lowest wins, ties by
//! the order in which agents were first configured.

mod fewest_today;
mod least_occupied;
mod longest_idle;
mod most_skilled;
mod round_robin;

use contract::Timestamp;
use serde::{Deserialize, Serialize};

/// What a strategy may look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Since when the agent has had nothing to do; while working, when the last offer was made.
    pub idle_since: Timestamp,
    /// Slots in use over all channels, offers included.
    pub load: u32,
    /// Slots over all channels.
    pub slots: u32,
    /// Position in the log of the last offer made to the agent; 0: none.
    pub last_offer: u64,
    /// Interactions accepted since midnight UTC.
    pub accepted_today: u32,
    /// Sum of the agent's proficiency, in hundredths, in the skills that the requirements name.
    pub skill_sum: u32,
}

/// How agents are ranked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Strategy {
    /// Who has been idle the longest.
    #[default]
    LongestIdle,
    /// Who has the smallest share of their slots in use.
    LeastOccupied,
    /// Whose last offer is the longest ago.
    RoundRobin,
    /// Who masters the required skills best.
    MostSkilled,
    /// Who has accepted the fewest interactions today.
    FewestToday,
    /// Everyone who is ready, in the order of longest idle.
    RingAll,
}

impl Strategy {
    /// The number by which an agent is ranked; lowest first.
    pub const fn score(self, facts: &Facts) -> i64 {
        match self {
            Self::LongestIdle | Self::RingAll => longest_idle::score(facts),
            Self::LeastOccupied => least_occupied::score(facts),
            Self::RoundRobin => round_robin::score(facts),
            Self::MostSkilled => most_skilled::score(facts),
            Self::FewestToday => fewest_today::score(facts),
        }
    }

    /// For people: `longest idle`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LongestIdle => "longest idle",
            Self::LeastOccupied => "least occupied",
            Self::RoundRobin => "round robin",
            Self::MostSkilled => "most skilled",
            Self::FewestToday => "fewest today",
            Self::RingAll => "ring all",
        }
    }
}

/// Bits that hold a moment in milliseconds until the year 2248.
const TIME_BITS: u32 = 43;

/// `major` decides, the moment breaks ties: the earlier, the sooner.
const fn then_longest_idle(major: i64, facts: &Facts) -> i64 {
    (major << TIME_BITS) | (facts.idle_since.as_millis() & ((1 << TIME_BITS) - 1))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const IDLE: Facts = Facts {
        idle_since: Timestamp::from_millis(1_700_000_000_000),
        load: 0,
        slots: 4,
        last_offer: 10,
        accepted_today: 3,
        skill_sum: 300,
    };

    pub(crate) fn first_of(strategy: Strategy, facts: [Facts; 2]) -> usize {
        usize::from(strategy.score(&facts[1]) < strategy.score(&facts[0]))
    }
}
