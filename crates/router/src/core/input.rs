//! What the router's log says to the core.

use std::sync::Arc;

use contract::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    channel::Channel,
    config::{AgentConfig, HoursConfig, ProfileConfig, QueueConfig, Ring},
    expression::Level,
    ids::{InteractionId, MessageId, Name, OfferId},
};

/// One message of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Position in the log; later entries have higher ones.
    pub sequence: u64,
    /// The log's own time of the message.
    pub at: Timestamp,
    /// Names the message: the second entry with the same id does nothing.
    pub message: MessageId,
    /// Whom it concerns.
    pub tenant: Name,
    /// What it says.
    pub input: Input,
}

/// What an agent declares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Not signed in.
    Offline,
    /// Takes work.
    Available,
    /// Signed in, takes nothing new; the aux code says why.
    Away(Name),
}

/// What people see of a waiting interaction; the core carries it along.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Name or number of the customer.
    pub customer_label: String,
    /// Where the customer came in.
    pub entry_point: String,
    /// What the flow learned.
    pub attributes: Vec<(String, String)>,
}

/// An interaction that wants an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// Which.
    pub interaction: InteractionId,
    /// Of what kind.
    pub channel: Channel,
    /// Where it waits.
    pub queue: Name,
    /// Added to the queue's priority; higher is sooner.
    pub priority: i32,
    /// Who may take it; empty: as the queue says.
    pub rings: Arc<[Ring]>,
    /// It is not offered before this moment, and keeps its place meanwhile.
    pub not_before: Option<Timestamp>,
    /// For people.
    pub details: Arc<Details>,
    /// Skills asked for, with the least proficiency in hundredths.
    pub skills: Arc<[(Name, Level)]>,
    /// Who is to be asked first.
    pub preferred: Option<Name>,
    /// Of one that an agent holds: it keeps the time since which it waited.
    pub keep_place: bool,
    /// The time that gives it its place, when that is not now.
    pub enqueued_at: Option<Timestamp>,
    /// Nobody is on the line: whom to dial, and the call whose place it keeps.
    pub callback: Option<CallbackWish>,
}

impl Queued {
    /// An interaction that asks for nothing in particular.
    pub fn new(interaction: InteractionId, channel: Channel, queue: Name) -> Self {
        Self {
            interaction,
            channel,
            queue,
            priority: 0,
            rings: Arc::from(Vec::new()),
            not_before: None,
            details: Arc::default(),
            skills: Arc::from(Vec::new()),
            preferred: None,
            keep_place: false,
            enqueued_at: None,
            callback: None,
        }
    }
}

/// A customer who is to be called back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackWish {
    /// What to dial.
    pub phone: Name,
    /// The call whose place it keeps.
    pub of: Option<InteractionId>,
}

/// Why a customer was not reached: the number of `router.v1.CallbackOutcome`, which the core only carries along.
pub type CallbackOutcome = i32;

/// Where an interaction is given to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Which.
    pub interaction: InteractionId,
    /// Who holds it; `None`: whoever does, or nobody.
    pub agent: Option<Name>,
    /// `None`: the queue it is in.
    pub queue: Option<Name>,
    /// It waits for them alone.
    pub to_agent: Option<Name>,
    /// For so long, milliseconds; `None`: as long as that agent is at work.
    pub only_for_ms: Option<u32>,
    /// It keeps the time since which it waited.
    pub keep_place: bool,
}

/// Why an interaction ended: the number of `interaction.v1.EndReason`, which the core only carries along.
pub type EndReason = i32;

/// Something the log says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// An agent was added or changed.
    AgentConfigured(Name, AgentConfig),
    /// An agent takes no more work; what they hold is finished.
    AgentRemoved(Name),
    /// A queue was added or changed.
    QueueConfigured(Name, QueueConfig),
    /// A queue is served no more; what waits in it stays until it is moved, served again, or leaves.
    QueueRemoved(Name),
    /// A routing profile was added or changed.
    ProfileConfigured(Name, ProfileConfig),
    /// Agents of this profile serve nothing.
    ProfileRemoved(Name),
    /// An interaction waits for an agent. Said again with another queue: it moves there and, if it was waiting, keeps
    /// the time since which it has been waiting. Said after its end: nothing.
    InteractionQueued(Queued),
    /// Customer and agent can hear or read each other.
    InteractionConnected(InteractionId),
    /// The line is gone.
    InteractionEnded(InteractionId, EndReason),
    /// An agent declares a status; away and offline take effect when the present work is done.
    SetAgentStatus(Name, Status),
    /// An agent takes what was offered.
    AcceptOffer(Name, OfferId),
    /// An agent refuses what was offered.
    DeclineOffer(Name, OfferId),
    /// The agent's device was busy, gone or refused; before or after acceptance, never after connection.
    ReportUnreachable(Name, OfferId),
    /// The paperwork is done.
    CompleteWrapUp {
        /// Who did it.
        agent: Name,
        /// For which interaction.
        interaction: InteractionId,
        /// A code or free text, may be empty.
        disposition: String,
        /// Free text, may be empty.
        note: String,
    },
    /// The leader saw a deadline pass.
    DeadlinePassed,
    /// Hours were added or changed.
    HoursConfigured(Name, HoursConfig),
    /// Queues with these hours are always open.
    HoursRemoved(Name),
    /// Someone gives an interaction to a queue or an agent.
    Transfer(Transfer),
    /// A supervisor offers what waits to an agent.
    Assign(InteractionId, Name),
    /// A supervisor gives what waits to an agent, without ringing.
    Pull(InteractionId, Name),
    /// Its own priority is another now.
    ChangePriority(InteractionId, i32),
    /// Its agent waits for the customer.
    Park(InteractionId, Name),
    /// Back to its agent; `None`: it is not the agent who asks.
    Unpark(InteractionId, Option<Name>),
    /// The paperwork takes longer.
    ExtendWrapUp {
        /// Who asks.
        agent: Name,
        /// For which interaction.
        interaction: InteractionId,
        /// Milliseconds.
        by_ms: u32,
    },
    /// The customer gives up the line and keeps the place.
    RequestCallback {
        /// The call that waits, is offered or was diverted.
        interaction: InteractionId,
        /// What stands in for it from now on.
        callback: InteractionId,
        /// What to dial.
        phone: Name,
        /// Not earlier.
        not_before: Option<Timestamp>,
    },
    /// The customer was not reached.
    CallbackAttempt(InteractionId, CallbackOutcome),
    /// A supervisor closes a queue, or opens it again.
    SetClosure(Name, bool),
}

impl Input {
    /// Whether its sender waits for a [`Reply`](super::effect::Effect::Reply).
    pub const fn is_command(&self) -> bool {
        matches!(
            self,
            Self::SetAgentStatus(..)
                | Self::AcceptOffer(..)
                | Self::DeclineOffer(..)
                | Self::ReportUnreachable(..)
                | Self::CompleteWrapUp { .. }
                | Self::Transfer(_)
                | Self::Assign(..)
                | Self::Pull(..)
                | Self::ChangePriority(..)
                | Self::Park(..)
                | Self::Unpark(..)
                | Self::ExtendWrapUp { .. }
                | Self::RequestCallback { .. }
                | Self::CallbackAttempt(..)
                | Self::SetClosure(..)
        )
    }
}
