//! One queue: its configuration, who waits, who serves it.

use std::{collections::BTreeSet, sync::Arc};

use serde::{Deserialize, Serialize};

use super::interaction::OrderKey;
use crate::core::{
    channel::PerChannel,
    config::{QueueConfig, Ring},
    estimate::Measured,
    expression::Level,
    ids::Name,
    lookup::Lookup,
    ordered::OrderedSet,
};

/// What makes two interactions of a queue alike to search for: rings, and the skills they are ranked by.
pub(crate) type PlanKey = (Arc<[Ring]>, Arc<[(Name, Level)]>);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Queue {
    pub name: Name,
    /// `None`: removed, or named before it was configured. What waits in it is kept.
    pub config: Option<QueueConfig>,
    /// Closed by a supervisor.
    pub closed_by_hand: bool,
    /// As last said to the world.
    pub published_open: bool,
    pub measured: Measured,

    // Everything below follows from the rest and is rebuilt after a restart.
    /// Everything that waits here and whose time has come, in order of service.
    #[serde(skip)]
    pub places: OrderedSet<OrderKey>,
    /// What waits here for its time to come.
    #[serde(skip)]
    pub early: BTreeSet<OrderKey>,
    /// What rings at everyone who is ready, in order of service.
    #[serde(skip)]
    pub ringing: BTreeSet<OrderKey>,
    /// Delays after which groups of agents may take work of this queue, ascending, per channel.
    #[serde(skip)]
    pub tiers: PerChannel<Vec<u32>>,
    /// Agents whose profile names the queue, ascending.
    #[serde(skip)]
    pub members: Vec<u32>,
    /// Plans with lines.
    #[serde(skip)]
    pub plans: Vec<u32>,
    #[serde(skip)]
    pub plan_of: Lookup<PlanKey, u32>,
    /// The plan of the queue's own rings.
    #[serde(skip)]
    pub own_plan: Option<u32>,
    /// Offers ringing, interactions assigned, in wrap-up.
    #[serde(skip)]
    pub in_hand: u32,
    /// Parked by their agents.
    #[serde(skip)]
    pub parked: u32,
}

impl Queue {
    pub(crate) fn new(name: Name) -> Self {
        Self {
            name,
            config: None,
            closed_by_hand: false,
            published_open: true,
            measured: Measured::default(),
            early: BTreeSet::new(),
            ringing: BTreeSet::new(),
            places: OrderedSet::default(),
            tiers: PerChannel::default(),
            members: Vec::new(),
            plans: Vec::new(),
            plan_of: Lookup::default(),
            own_plan: None,
            in_hand: 0,
            parked: 0,
        }
    }
}
