//! One interaction on its way through the router.

use std::sync::Arc;

use contract::Timestamp;
use serde::{Deserialize, Serialize};

use crate::core::{
    channel::Channel,
    config::Ring,
    effect::DivertReason,
    expression::Level,
    ids::{InteractionId, Name, OfferId},
    input::{Details, EndReason},
};

/// Where an interaction is. It is always in exactly one of these, or closed and forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// In its queue, at its place.
    Waiting,
    /// Ringing at an agent; its place is kept.
    Offered { offer: OfferId, agent: u32, expires_at: Timestamp },
    /// An agent's; connected once the customer is reached.
    Assigned { offer: OfferId, agent: u32, connected_at: Option<Timestamp> },
    /// Its agent waits for the customer and has the slot free.
    Parked {
        offer: OfferId,
        agent: u32,
        connected_at: Timestamp,
        since: Timestamp,
        /// It comes back as soon as there is a slot for it.
        wanted: bool,
    },
    /// Its queue did not serve it; its ingress does something else with the customer.
    Diverted { reason: DivertReason },
    /// The line is gone, the agent finishes the paperwork.
    WrapUp {
        agent: u32,
        answered_at: Timestamp,
        ended_at: Timestamp,
        end_reason: EndReason,
        until: Option<Timestamp>,
        /// Whether it keeps the agent's slot.
        holds: bool,
        /// By how much the agent has extended it.
        extended_ms: u32,
    },
}

impl Stage {
    /// The agent concerned.
    pub(crate) const fn agent(&self) -> Option<u32> {
        match self {
            Self::Waiting | Self::Diverted { .. } => None,
            Self::Offered { agent, .. }
            | Self::Assigned { agent, .. }
            | Self::Parked { agent, .. }
            | Self::WrapUp { agent, .. } => Some(*agent),
        }
    }
}

/// Order of service: who comes first is served first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OrderKey {
    /// Enqueue time minus what the priority is worth, milliseconds.
    pub effective: i64,
    pub enqueued: i64,
    pub id: InteractionId,
    /// Where the interaction is stored; never decides, ids are unique.
    pub slot: u32,
}

/// Who is asked alone, before everyone else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Preferred {
    pub agent: u32,
    /// The agent need not serve the queue.
    pub any_agent: bool,
    /// Milliseconds; `None`: as long as the agent is at work.
    pub for_ms: Option<u32>,
}

/// An agent who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rung {
    pub offer: OfferId,
    pub agent: u32,
    pub expires_at: Timestamp,
}

/// A customer who is called back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Callback {
    pub phone: Name,
    /// The call whose place it keeps.
    pub of: Option<InteractionId>,
    /// Attempts that ended in vain.
    pub attempts: u8,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Interaction {
    pub id: InteractionId,
    pub queue: u32,
    pub channel: Channel,
    pub priority: i32,
    /// Its own rings; empty: the queue's.
    pub rings: Arc<[Ring]>,
    pub details: Arc<Details>,
    /// When it was first queued.
    pub queued_at: Timestamp,
    /// What gives it its place.
    pub enqueued_at: Timestamp,
    /// When the search for an agent in this queue began: the clock of rings and delays.
    pub search_from: Timestamp,
    pub not_before: Option<Timestamp>,
    /// Skills asked for, with the least level.
    pub skills: Arc<[(Name, Level)]>,
    pub preferred: Option<Preferred>,
    pub callback: Option<Box<Callback>>,
    /// Offers that ring beside the one of the stage: the first to accept wins.
    pub also: Vec<Rung>,
    /// It rings at everyone who is ready, also at those who come to be so.
    pub at_all: bool,
    /// Queues it was sent on from since a person or flow last queued it.
    pub hops: u8,
    /// What was estimated when it began to wait, and when that was.
    pub estimate: Option<(Timestamp, i64)>,
    /// Agents who are not asked, and until when. An entry counts until it is taken out at that time.
    pub excluded: Vec<(u32, Timestamp)>,
    pub stage: Stage,

    // Where it stands while waiting, as of the last time it was looked at.
    /// The widest ring in force.
    pub ring: u8,
    /// How many of the queue's delays have passed.
    pub tiers: u32,
    /// Enqueue time minus what its priority is worth, milliseconds.
    pub effective: i64,
    /// Nobody is asked yet, and nobody waits behind it: its time has not come.
    pub early: bool,
    /// Waits for this agent alone.
    pub reserved: Option<u32>,
    /// Set while it waits and everyone is searched for; rebuilt after a restart.
    #[serde(skip)]
    pub plan: Option<u32>,
}

impl Interaction {
    pub(crate) const fn key(&self, slot: u32) -> OrderKey {
        OrderKey { effective: self.effective, enqueued: self.enqueued_at.as_millis(), id: self.id, slot }
    }

    /// The offer by which an agent is rung.
    pub(crate) fn offer_to(&self, agent: u32) -> Option<OfferId> {
        match self.stage {
            Stage::Offered { offer, agent: first, .. } if first == agent => Some(offer),
            Stage::Offered { .. } => self.also.iter().find(|rung| rung.agent == agent).map(|rung| rung.offer),
            _ => None,
        }
    }

    /// The agent who is rung by an offer.
    pub(crate) fn rung_by(&self, offer: OfferId) -> Option<u32> {
        match self.stage {
            Stage::Offered { offer: first, agent, .. } if first == offer => Some(agent),
            Stage::Offered { .. } => self.also.iter().find(|rung| rung.offer == offer).map(|rung| rung.agent),
            _ => None,
        }
    }

    pub(crate) fn excludes(&self, agent: u32) -> bool {
        self.excluded.iter().any(|(excluded, _)| *excluded == agent)
    }

    pub(crate) fn excluded_until(&self, agent: u32) -> Option<Timestamp> {
        self.excluded.iter().find(|(excluded, _)| *excluded == agent).map(|(_, until)| *until)
    }
}
