//! What should happen because of an input. The core does none of it.

use std::sync::Arc;

use contract::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    channel::{Channel, PerChannel},
    decision::Decision,
    ids::{InteractionId, MessageId, Name, OfferId},
    input::{Details, EndReason, Status},
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
