//! What should happen because of an input. The core does none of it.

use std::sync::Arc;

use contract::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    channel::{Channel, PerChannel},
    config::Alternative,
    decision::Decision,
    ids::{InteractionId, MessageId, Name, OfferId},
    input::{CallbackOutcome, Details, EndReason, Status},
};

/// How an offer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The agent took it.
    Accepted,
    /// The agent refused it.
    Declined,
    /// The agent let it ring.
    TimedOut,
    /// The customer left, the interaction moved, or the agent stopped taking work.
    Rescinded,
    /// The agent's device was busy, gone or refused.
    Unreachable,
}

/// What follows from an agent's status and work at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AgentState {
    /// Not signed in.
    Offline,
    /// Signed in, takes nothing.
    Away,
    /// Takes work and has none.
    Ready,
    /// Something is ringing.
    Offered,
    /// Handles at least one interaction.
    Busy,
    /// Has only paperwork.
    WrapUp,
    /// Let an offer ring; takes nothing until they set a status.
    NotResponding,
}

/// Slots of one channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// In use, offers included.
    pub used: u8,
    /// Allowed by the routing profile.
    pub slots: u8,
}

/// Status, state and load of an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentSnapshot {
    /// What the agent declared.
    pub status: Status,
    /// What the agent becomes when the present work is done.
    pub next: Option<Status>,
    /// What follows.
    pub state: AgentState,
    /// Since when status and state have been these.
    pub since: Timestamp,
    /// Per channel.
    pub loads: PerChannel<Load>,
}

/// An interaction that nobody works on any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Which.
    pub interaction: InteractionId,
    /// Where it last waited.
    pub queue: Name,
    /// Of what kind.
    pub channel: Channel,
    /// Who handled it; `None`: nobody answered.
    pub agent: Option<Name>,
    /// What the agent said about it.
    pub disposition: String,
    /// What the agent wrote about it.
    pub note: String,
    /// As its ingress said.
    pub end_reason: EndReason,
    /// When it was first queued.
    pub queued_at: Timestamp,
    /// When the customer reached an agent.
    pub answered_at: Option<Timestamp>,
    /// When the line was gone.
    pub ended_at: Timestamp,
    /// Now.
    pub closed_at: Timestamp,
    /// It was a call-back.
    pub callback: bool,
    /// The call whose place it kept.
    pub callback_of: Option<InteractionId>,
}

/// Why a command changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No such agent is configured.
    #[error("no such agent is configured")]
    NotConfigured,
    /// The offer ended, or never was.
    #[error("the offer is gone")]
    OfferGone,
    /// The offer or interaction is another agent's.
    #[error("it belongs to another agent")]
    NotYours,
    /// The interaction is not being wrapped up.
    #[error("the interaction is not being wrapped up")]
    NotWrappingUp,
    /// The queue does not know the disposition.
    #[error("the queue has no such disposition")]
    UnknownDisposition,
    /// No such queue is configured.
    #[error("no such queue is configured")]
    UnknownQueue,
    /// It is closed, or was never queued.
    #[error("the router holds no such interaction")]
    UnknownInteraction,
    /// It does not wait for an agent.
    #[error("the interaction does not wait")]
    NotWaiting,
    /// No agent is talking to the customer.
    #[error("the interaction is in no agent's hands")]
    NotHeld,
    /// The agent takes no work.
    #[error("the agent takes no work now")]
    AgentAway,
    /// The agent has no slot for it.
    #[error("the agent has no room for it")]
    AgentBusy,
    /// Live channels are not parked, nor more than an agent can overlook.
    #[error("the interaction can't be parked")]
    CannotPark,
    /// It is not parked.
    #[error("the interaction is not parked")]
    NotParked,
    /// The agent has extended it as far as the queue allows.
    #[error("the wrap-up can't be extended any further")]
    ExtensionUsedUp,
    /// No customer is being called back.
    #[error("nobody is being called back")]
    NoCallback,
    /// Another interaction has the id.
    #[error("the id is taken")]
    IdTaken,
}

/// Why a queue does not serve an interaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DivertReason {
    /// Its last ring is over.
    Exhausted,
    /// The queue is closed.
    Closed,
}

/// How an offer is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// Said to the agent alone before the customer is connected; may be empty.
    pub whisper: Name,
    /// It is taken as it is made.
    pub auto_accept: bool,
    /// The customer is dialled once it is taken.
    pub callback: bool,
    /// It rings at several agents; the first wins.
    pub ring_all: bool,
    /// Given by hand, whatever skills and queues say.
    pub by_hand: bool,
}

/// Something that should happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// An agent is asked to take an interaction.
    OfferMade {
        /// Names the attempt.
        offer: OfferId,
        /// What is offered.
        interaction: InteractionId,
        /// Whom to.
        agent: Name,
        /// Where it waited.
        queue: Name,
        /// Of what kind.
        channel: Channel,
        /// When it is taken back.
        expires_at: Timestamp,
        /// When it was first queued.
        queued_at: Timestamp,
        /// For people.
        details: Arc<Details>,
        /// Why this agent.
        decision: Box<Decision>,
        /// How it is made.
        manner: Manner,
    },
    /// An offer is over. Unless accepted, the interaction is back at its old place or gone.
    OfferEnded {
        /// Names the attempt.
        offer: OfferId,
        /// What was offered.
        interaction: InteractionId,
        /// Whom to.
        agent: Name,
        /// Where it waited.
        queue: Name,
        /// Of what kind.
        channel: Channel,
        /// How it ended.
        outcome: Outcome,
    },
    /// The interaction belongs to this agent now; its ingress connects them.
    InteractionAssigned {
        /// What.
        interaction: InteractionId,
        /// Whose it is.
        agent: Name,
        /// For people.
        agent_name: String,
        /// The offer that was accepted.
        offer: OfferId,
        /// Where it waited.
        queue: Name,
        /// Of what kind.
        channel: Channel,
        /// Milliseconds since it was first queued.
        waited_ms: i64,
        /// Said to the agent alone before the customer is connected; may be empty.
        whisper: Name,
        /// The customer is not on the line.
        callback: bool,
        /// How wrong the estimate was that was made when it began to wait, thousandths of the wait.
        estimate_error: Option<u32>,
    },
    /// The line is gone, the agent finishes the paperwork.
    WrapUpStarted {
        /// What.
        interaction: InteractionId,
        /// Whose it is.
        agent: Name,
        /// Where it waited.
        queue: Name,
        /// Of what kind.
        channel: Channel,
        /// When it completes by itself.
        until: Option<Timestamp>,
    },
    /// Nobody works on the interaction any more; said once for everything that was ever queued.
    InteractionClosed(Box<Closed>),
    /// The queue does not serve it; what instead its ingress does, unless it went to another queue.
    InteractionDiverted {
        /// What.
        interaction: InteractionId,
        /// Of what kind.
        channel: Channel,
        /// Where it waited.
        queue: Name,
        /// Why.
        reason: DivertReason,
        /// What instead.
        to: Alternative,
        /// What the queue has the customer told; empty: the channel's own words.
        word: Name,
    },
    /// By hand it waits elsewhere, or for someone else.
    InteractionTransferred {
        /// What.
        interaction: InteractionId,
        /// Of what kind.
        channel: Channel,
        /// Who held it.
        from_agent: Option<Name>,
        /// Where it was.
        from_queue: Name,
        /// Where it is.
        queue: Name,
        /// Whom it waits for.
        to_agent: Option<Name>,
        /// Whether it keeps its place.
        keeps_place: bool,
    },
    /// Its own priority is another now.
    PriorityChanged {
        /// What.
        interaction: InteractionId,
        /// Of what kind.
        channel: Channel,
        /// Where it waits.
        queue: Name,
        /// As said.
        priority: i32,
    },
    /// Its agent waits for the customer.
    InteractionParked {
        /// What.
        interaction: InteractionId,
        /// Whose.
        agent: Name,
        /// Where it waited.
        queue: Name,
        /// Of what kind.
        channel: Channel,
    },
    /// It is in its agent's hands again.
    InteractionUnparked {
        /// What.
        interaction: InteractionId,
        /// Whose.
        agent: Name,
        /// Where it waited.
        queue: Name,
        /// Of what kind.
        channel: Channel,
    },
    /// The paperwork may take longer.
    WrapUpExtended {
        /// What.
        interaction: InteractionId,
        /// Whose it is.
        agent: Name,
        /// Where it waited.
        queue: Name,
        /// Of what kind.
        channel: Channel,
        /// When it completes by itself now.
        until: Timestamp,
    },
    /// A customer is to be called back.
    CallbackScheduled {
        /// The call-back.
        interaction: InteractionId,
        /// Where it waits.
        queue: Name,
        /// What to dial.
        phone: Name,
        /// The call whose place it keeps.
        of: Option<InteractionId>,
        /// What gives it its place.
        enqueued_at: Timestamp,
        /// Not earlier.
        not_before: Option<Timestamp>,
        /// For people.
        details: Arc<Details>,
    },
    /// An agent is reserved: the customer is dialled now.
    CallbackDue {
        /// The call-back.
        interaction: InteractionId,
        /// Who takes it.
        agent: Name,
        /// The offer they took.
        offer: OfferId,
        /// Where it waited.
        queue: Name,
        /// What to dial.
        phone: Name,
        /// 1 is the first.
        attempt: u8,
    },
    /// The customer was not reached.
    CallbackAttemptEnded {
        /// The call-back.
        interaction: InteractionId,
        /// Who is free again.
        agent: Name,
        /// Where it waited.
        queue: Name,
        /// As reported.
        outcome: CallbackOutcome,
        /// 1 is the first.
        attempt: u8,
        /// `None`: it was the last.
        next_at: Option<Timestamp>,
    },
    /// The agents of a profile left its outbound queues, or serve them again.
    BlendingChanged {
        /// Key of the profile.
        profile: Name,
        /// Whether they serve them.
        serves_outbound: bool,
    },
    /// A queue opened or closed.
    QueueOpennessChanged {
        /// Which.
        queue: Name,
        /// Whether it is open.
        open: bool,
    },
    /// Status, state or load of an agent changed.
    AgentStateChanged {
        /// Whose.
        agent: Name,
        /// For people.
        agent_name: String,
        /// What they are now.
        now: Box<AgentSnapshot>,
    },
    /// The answer to a command; it goes to whoever waits for it and is not published.
    Reply {
        /// The command.
        to: MessageId,
        /// Done, or why not.
        result: Result<(), Rejection>,
    },
}
