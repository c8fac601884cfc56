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

/// What skills that an interaction asks for mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Proficiency {
    /// Nothing.
    None,
    /// An agent must hold every one of them, at least as well as asked.
    #[default]
    All,
    /// Nobody is left out; who holds them best, by the sum, is asked first.
    Best,
}

/// What becomes of an interaction that its queue does not serve.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Alternative {
    /// It stays where it is.
    #[default]
    AnyAgent,
    /// It goes to another queue and keeps its place in time.
    Queue(Name),
    /// Its ingress takes a message.
    Voicemail,
    /// Its ingress offers a call-back.
    Callback,
    /// Its ingress says goodbye.
    Disconnect,
}

/// How customers are called back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackPolicy {
    /// How often, at most.
    pub attempts: u8,
    /// Least milliseconds between two attempts.
    pub gap_ms: u32,
}

impl Default for CallbackPolicy {
    fn default() -> Self {
        Self { attempts: 3, gap_ms: 900_000 }
    }
}

/// When a queue is served, as people write it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoursConfig {
    /// IANA name.
    pub time_zone: Name,
    /// Weekday (1 = Monday), first and last minute after local midnight.
    pub week: Vec<(i32, i32, i32)>,
    /// ISO date, with the first and last minutes of its own intervals.
    pub holidays: Vec<(Name, Vec<(i32, i32)>)>,
    /// Closed whatever the intervals say.
    pub closed: bool,
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
    /// What the skills that an interaction asks for mean here.
    pub proficiency: Proficiency,
    /// When the last ring that has an end is over.
    pub on_exhausted: Alternative,
    /// Key of the hours it is served in.
    pub hours: Option<Name>,
    /// Closed whatever the hours say.
    pub closed: bool,
    /// While it is closed, for who comes and for who waits.
    pub on_closed: Alternative,
    /// Milliseconds for which the preferred agent alone may take it.
    pub preferred_for_ms: u32,
    /// The preferred agent need not serve the queue.
    pub sticky_any_agent: bool,
    /// Said to the agent alone before the customer is connected; may be empty.
    pub whisper: Name,
    /// Said to a customer whom nobody takes, before the line ends; empty: the channel's own words.
    pub farewell: Name,
    /// Said to a caller whom nobody takes, before the tone of a message; empty: the channel's own words.
    pub message_greeting: Name,
    /// Mean handling time for estimates until enough is measured, milliseconds.
    pub handling_ms: Option<u32>,
    /// No estimate is below this plus the ringing, milliseconds.
    pub minimum_wait_ms: Option<u32>,
    /// How customers are called back.
    pub callback: CallbackPolicy,
    /// By how much in all an agent may extend a wrap-up, milliseconds.
    pub extension_ms: u32,
    /// Answered within this counts as in time, milliseconds.
    pub service_level_ms: u32,
    /// That clock runs only while the hours are open.
    pub business_time: bool,
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
            proficiency: Proficiency::All,
            on_exhausted: Alternative::AnyAgent,
            hours: None,
            closed: false,
            on_closed: Alternative::AnyAgent,
            preferred_for_ms: 30_000,
            sticky_any_agent: false,
            whisper: Name::default(),
            farewell: Name::default(),
            message_greeting: Name::default(),
            handling_ms: None,
            minimum_wait_ms: None,
            callback: CallbackPolicy::default(),
            extension_ms: 300_000,
            service_level_ms: 20_000,
            business_time: false,
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
    /// Offers are taken without the agent's doing.
    pub auto_accept: bool,
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
    /// At most this many offers ring, or are taken and not yet connected, at one agent at once; 0: one on each channel.
    pub max_offers: u8,
    /// Queues that are left while others need the agents.
    pub blending: Option<Blending>,
}

/// Moves the agents of a profile between inbound and outbound queues by how many wait, and not to and fro.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blending {
    /// Queues that are counted.
    pub inbound: Vec<Name>,
    /// Queues that are left while too many wait.
    pub outbound: Vec<Name>,
    /// So many or more wait: the outbound queues are left.
    pub leave_at: u32,
    /// So few or fewer wait: they are served again.
    pub return_at: u32,
    /// Least milliseconds between two moves.
    pub dwell_ms: u32,
}
