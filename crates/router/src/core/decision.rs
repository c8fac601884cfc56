//! Why an interaction was offered to this agent, or to nobody.

use contract::Timestamp;

use super::ids::Name;

/// At most this many agents are named in a decision.
pub const MAX_CANDIDATES: usize = 50;

/// How many agents besides the chosen one are named when the queue has more than [`MAX_CANDIDATES`].
pub const NAMED_IN_LARGE_QUEUES: usize = 9;

/// Why an agent got the offer or did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// First in the strategy's order.
    Chosen {
        /// The strategy's number.
        score: i64,
    },
    /// Qualified and ready, but others came first.
    Outranked {
        /// The strategy's number.
        score: i64,
    },
    /// The requirements are not met; names the first condition that fails, and what the agent has.
    MissingSkill(String),
    /// Offline or away.
    NotAvailable,
    /// Every slot is in use, or a channel in use may not be interrupted by this one.
    AtCapacity,
    /// An offer on this channel is ringing.
    OfferedOtherWork,
    /// The last slot is held by paperwork.
    WrappingUp,
    /// Declined it or let it ring.
    Excluded {
        /// Until then.
        until: Timestamp,
    },
    /// The routing profile lets this agent in later.
    Delayed {
        /// From then on.
        until: Timestamp,
    },
    /// The routing profile does not name the queue and channel.
    NotInQueue,
    /// Let an earlier offer ring.
    NotResponding,
    /// It waits for another agent alone.
    NotPreferred,
    /// As many offers ring as the routing profile lets ring at once.
    Paced,
}

impl Verdict {
    /// The same reason without its particulars, for counting: an index below [`Verdict::KINDS`].
    pub const fn kind(&self) -> usize {
        match self {
            Self::Chosen { .. } => 0,
            Self::Outranked { .. } => 1,
            Self::MissingSkill(_) => 2,
            Self::NotAvailable => 3,
            Self::AtCapacity => 4,
            Self::OfferedOtherWork => 5,
            Self::WrappingUp => 6,
            Self::Excluded { .. } => 7,
            Self::Delayed { .. } => 8,
            Self::NotInQueue => 9,
            Self::NotResponding => 10,
            Self::NotPreferred => 11,
            Self::Paced => 12,
        }
    }

    /// How many kinds there are.
    pub const KINDS: usize = 13;
}

/// One agent the router looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub agent: Name,
    /// Why, or why not.
    pub verdict: Verdict,
}

/// Agents that are counted and not named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Others {
    /// Per [`Verdict::kind`]. In a decision made for a queue of more than [`MAX_CANDIDATES`] agents, whoever meets the
    /// requirements and is not ready is counted under "not available", whatever the particular reason.
    pub counts: [u32; Verdict::KINDS],
}

/// A decision, with the alternatives it had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Where the interaction waited.
    pub queue: Name,
    /// Its place there, 1 is next; 0 when it is not waiting.
    pub place: u32,
    /// How many waited there, itself included.
    pub waiting: u32,
    /// Index of the widest ring in force.
    pub ring: u8,
    /// Its expression.
    pub expression: Name,
    /// For people: `longest idle`.
    pub strategy: &'static str,
    /// The chosen one first, then by rank, then the others by name of the reason.
    pub candidates: Vec<Candidate>,
    /// Agents of the queue that are not named.
    pub others: Others,
    /// When.
    pub decided_at: Timestamp,
    /// Position in the log of the input that led to it.
    pub log_sequence: u64,
}
