//! One agent: what they declared, what they hold, and in which lines they stand.

use std::collections::BTreeSet;

use contract::Timestamp;
use serde::{Deserialize, Serialize};

use super::interaction::OrderKey;
use crate::core::{
    capacity::{free_channels, is_free, used_channels},
    channel::{Channel, ChannelSet, PerChannel},
    config::{AgentConfig, Capacity},
    effect::{AgentSnapshot, AgentState, Load},
    ids::Name,
    input::Status,
    mutation::{Guard, stands},
    strategy::{Facts, Strategy},
};

/// An agent's membership of one line.
#[derive(Clone, Debug)]
pub(crate) struct Membership {
    pub line: u32,
    pub channel: Channel,
    pub strategy: Strategy,
    /// Milliseconds by which the profile puts this line's work forward for the agent.
    pub advance_ms: i64,
    pub skill_sum: u32,
    /// The score under which the agent stands in the line's ready set.
    pub listed: Option<i64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Agent {
    pub name: Name,
    /// `None`: removed, or never configured.
    pub config: Option<AgentConfig>,
    pub status: Status,
    pub next: Option<Status>,
    pub not_responding: bool,
    /// Since when there has been nothing to do, as of the last time that was so.
    pub idle_since: Timestamp,
    /// When the last offer was made.
    pub offered_at: Timestamp,
    pub last_offer: u64,
    pub accepted_today: u32,
    /// As last said to the world.
    pub published: AgentSnapshot,

    // Everything below follows from the rest and is rebuilt after a restart.
    #[serde(skip)]
    pub profile: Option<u32>,
    #[serde(skip)]
    pub capacities: PerChannel<Capacity>,
    /// Slots of the interactions held: offered, assigned, wrapped up.
    #[serde(skip)]
    pub work: Vec<u32>,
    /// Slots in use.
    #[serde(skip)]
    pub load: PerChannel<u8>,
    /// Offers that are ringing.
    #[serde(skip)]
    pub ringing: PerChannel<u8>,
    /// Of the slots in use, those that paperwork holds.
    #[serde(skip)]
    pub paper: PerChannel<u8>,
    /// Interactions with a customer on the line.
    #[serde(skip)]
    pub handling: u32,
    /// Of these, not connected yet.
    #[serde(skip)]
    pub connecting: u32,
    /// Parked interactions that come back as soon as there is a slot.
    #[serde(skip)]
    pub wanted: u32,
    /// Most offers at once; 0: one on each channel.
    #[serde(skip)]
    pub max_offers: u8,
    /// What waits for this agent alone, in order of service.
    #[serde(skip)]
    pub direct: BTreeSet<OrderKey>,
    /// What waits for this agent alone must be looked at again.
    #[serde(skip)]
    pub recheck: bool,
    /// Counted as at work in the lines.
    #[serde(skip)]
    pub counted: bool,
    #[serde(skip)]
    pub memberships: Vec<Membership>,
    /// Channels on which the agent stands in ready sets.
    #[serde(skip)]
    pub ready: ChannelSet,
    #[serde(skip)]
    pub touched: bool,
}

impl Agent {
    pub(crate) fn new(name: Name, now: Timestamp) -> Self {
        Self {
            name,
            config: None,
            status: Status::Offline,
            next: None,
            not_responding: false,
            idle_since: now,
            offered_at: now,
            last_offer: 0,
            accepted_today: 0,
            published: AgentSnapshot {
                status: Status::Offline,
                next: None,
                state: AgentState::Offline,
                since: now,
                loads: PerChannel::default(),
            },
            profile: None,
            capacities: PerChannel::default(),
            work: Vec::new(),
            load: PerChannel::default(),
            ringing: PerChannel::default(),
            paper: PerChannel::default(),
            handling: 0,
            connecting: 0,
            wanted: 0,
            max_offers: 0,
            direct: BTreeSet::new(),
            recheck: false,
            counted: false,
            memberships: Vec::new(),
            ready: ChannelSet::EMPTY,
            touched: false,
        }
    }

    pub(crate) fn total_load(&self) -> u32 {
        self.load.0.iter().map(|used| u32::from(*used)).sum()
    }

    /// Whether the agent takes any work at all.
    pub(crate) fn takes_work(&self) -> bool {
        self.config.is_some()
            && self.status == Status::Available
            && self.next.is_none()
            && !self.not_responding
    }

    /// Whether the agent is signed out with nothing pending.
    pub(crate) fn takes_nothing_at_all(&self) -> bool {
        self.status != Status::Available && self.next.is_none()
    }

    /// Channels on which another offer may be made now.
    pub(crate) fn ready_channels(&self) -> ChannelSet {
        if !self.takes_work() {
            return ChannelSet::EMPTY;
        }
        let free = free_channels(&self.capacities, self.load);
        if self.max_offers == 0 {
            free.without(used_channels(self.ringing))
        } else if self.is_paced() {
            ChannelSet::EMPTY
        } else {
            free
        }
    }

    /// Whether the agent has as many offers as they get at once.
    pub(crate) fn is_paced(&self) -> bool {
        self.max_offers > 0 && self.at_once() >= u32::from(self.max_offers) && stands(Guard::Pace)
    }

    /// Offers that ring, or are taken and not yet connected.
    pub(crate) fn at_once(&self) -> u32 {
        self.ringing.0.iter().map(|count| u32::from(*count)).sum::<u32>() + self.connecting
    }

    /// Whether the agent has a slot for one more on a channel, paced or not.
    pub(crate) fn has_room(&self, channel: Channel) -> bool {
        is_free(&self.capacities, self.load, channel)
    }

    /// Whether the agent counts as staff: takes work, or has some.
    pub(crate) fn is_staffed(&self) -> bool {
        self.takes_work() || self.total_load() > 0
    }

    pub(crate) fn facts(&self, skill_sum: u32) -> Facts {
        let load = self.total_load();
        Facts {
            idle_since: if load > 0 { self.offered_at } else { self.idle_since },
            load,
            slots: self.capacities.0.iter().map(|capacity| u32::from(capacity.slots)).sum(),
            last_offer: self.last_offer,
            accepted_today: self.accepted_today,
            skill_sum,
        }
    }

    /// What the agent is, now.
    pub(crate) fn state(&self) -> AgentState {
        if self.ringing.0.iter().any(|count| *count > 0) {
            AgentState::Offered
        } else if self.handling > 0 {
            AgentState::Busy
        } else if self.total_load() > 0 {
            AgentState::WrapUp
        } else {
            match self.status {
                Status::Offline => AgentState::Offline,
                Status::Away(_) => AgentState::Away,
                Status::Available if self.not_responding => AgentState::NotResponding,
                Status::Available => AgentState::Ready,
            }
        }
    }

    /// What the world may know, since `now` unless status and state are as published.
    pub(crate) fn snapshot(&self, now: Timestamp) -> AgentSnapshot {
        let state = self.state();
        let same = self.published.state == state && self.published.status == self.status;
        let mut loads = PerChannel::<Load>::default();
        for channel in Channel::ALL {
            loads[channel] = Load { used: self.load[channel], slots: self.capacities[channel].slots };
        }
        AgentSnapshot {
            status: self.status.clone(),
            next: self.next.clone(),
            state,
            since: if same { self.published.since } else { now },
            loads,
        }
    }
}
