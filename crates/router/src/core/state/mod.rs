//! What the core remembers. Facts are stored; what follows from them is marked and rebuilt after a restart.

pub(crate) mod agent;
pub(crate) mod interaction;
pub(crate) mod profile;
pub(crate) mod queue;
pub(crate) mod slab;

pub(crate) use agent::{Agent, Membership};
pub(crate) use interaction::{Callback, Interaction, OrderKey, Preferred, Rung, Stage};
pub(crate) use profile::{Profile, Rule};
pub(crate) use queue::{PlanKey, Queue};
pub(crate) use slab::Slab;
