//! What people configure, as the core needs it.

use serde::{Deserialize, Serialize};

use super::{
    channel::{Channel, ChannelSet, PerChannel},
    expression::{Expression, Level},
    ids::Name,
    strategy::Strategy,
};

/// A person who takes work.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentConfig {
    /// For people: "Ann Archer".
    pub display_name: String,
    /// Skills with proficiency in hundredths.
    pub skills: Vec<(Name, Level)>,
    /// The team, empty when in none.
    pub team: Option<Name>,
    /// Free attributes for expressions.
    pub attributes: Vec<(Name, Name)>,
    /// Key of the routing profile.
    pub routing_profile: Option<Name>,
}

/// One widening step of the search for an agent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ring {
    /// Who may take the interaction from this step on.
    pub expression: Expression,
    /// Milliseconds until the next step applies as well; `None`: for ever. After a last ring with an end, everyone who
    /// serves the queue may take it.
    pub lasts_ms: Option<u32>,
}

/// What happens after the line is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WrapUp {
    /// The agent is free at once and may add a disposition within the limit.
    Optional {
        /// Milliseconds.
        limit_ms: u32,
    },
    /// The slot is held until the agent completes it.
    Mandatory,
    /// The slot is held until the agent completes it, or the limit passes.
    Timed {
        /// Milliseconds.
        limit_ms: u32,
    },
}

/// Where interactions wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueConfig {
    /// For people.
    pub display_name: String,
    /// Who may take its work when the interaction itself does not say; empty: every agent who serves the queue.
    pub rings: Vec<Ring>,
    /// Who is asked first.
    pub strategy: Strategy,
    /// Higher is sooner.
    pub priority: i32,
    /// Milliseconds of waiting that one point of priority is worth.
    pub priority_worth_ms: u32,
    /// Milliseconds that an agent may let it ring.
    pub offer_timeout_ms: u32,
    /// Milliseconds for which an agent who declined or let it ring is not asked for the same interaction again.
    pub retry_same_agent_after_ms: u32,
    /// An agent who lets it ring stays available, instead of becoming "not responding".
    pub stay_available_after_no_answer: bool,
    /// Paperwork after the interaction.
    pub wrap_up: WrapUp,
    /// Codes an agent may choose from; empty: free text.
    pub dispositions: Vec<Name>,
}

impl Default for QueueConfig {
    fn default() -> Self {
        Self {
            display_name: String::new(),
            rings: Vec::new(),
            strategy: Strategy::LongestIdle,
            priority: 0,
            priority_worth_ms: 60_000,
            offer_timeout_ms: 20_000,
            retry_same_agent_after_ms: 60_000,
            stay_available_after_no_answer: false,
            wrap_up: WrapUp::Optional { limit_ms: 30_000 },
            dispositions: Vec::new(),
        }
    }
}

/// How much of one channel an agent takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacity {
    /// How many at once; 0: none.
    pub slots: u8,
    /// Channels that may still be offered while this one is being handled.
    pub interruptible_by: ChannelSet,
}

/// A queue that agents of a profile serve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileRule {
    /// Key of the queue.
    pub queue: Name,
    /// `None`: every channel.
    pub channel: Option<Channel>,
    /// Added to the interaction's priority for these agents.
    pub priority: i32,
    /// Milliseconds of waiting after which these agents may take it.
    pub delay_ms: u32,
}

/// What a group of agents works on, and how much of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileConfig {
    /// Slots and interruption per channel.
    pub capacities: PerChannel<Capacity>,
    /// The queues. The first rule that names a queue and channel counts.
    pub rules: Vec<ProfileRule>,
}
