//! One interaction on its way through the router.

use std::sync::Arc;

use contract::Timestamp;
use serde::{Deserialize, Serialize};

use crate::core::{
    channel::Channel,
    config::Ring,
    ids::{InteractionId, OfferId},
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
    /// The line is gone, the agent finishes the paperwork.
    WrapUp {
        agent: u32,
        answered_at: Timestamp,
        ended_at: Timestamp,
        end_reason: EndReason,
        until: Option<Timestamp>,
        /// Whether it keeps the agent's slot.
        holds: bool,
    },
}

impl Stage {
    /// The agent concerned.
    pub(crate) const fn agent(&self) -> Option<u32> {
        match self {
            Self::Waiting => None,
            Self::Offered { agent, .. } | Self::Assigned { agent, .. } | Self::WrapUp { agent, .. } => {
                Some(*agent)
            }
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
    /// Set while it waits and is searched for; rebuilt after a restart.
    #[serde(skip)]
    pub plan: Option<u32>,
}

impl Interaction {
    pub(crate) const fn key(&self, slot: u32) -> OrderKey {
        OrderKey { effective: self.effective, enqueued: self.enqueued_at.as_millis(), id: self.id, slot }
    }

    pub(crate) fn excludes(&self, agent: u32) -> bool {
        self.excluded.iter().any(|(excluded, _)| *excluded == agent)
    }

    pub(crate) fn excluded_until(&self, agent: u32) -> Option<Timestamp> {
        self.excluded.iter().find(|(excluded, _)| *excluded == agent).map(|(_, until)| *until)
    }
}
