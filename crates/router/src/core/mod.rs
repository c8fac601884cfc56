//! Decides which agent is offered which interaction. Pure: the log comes in, effects go out.

mod capacity;
mod channel;
mod config;
mod decision;
mod effect;
mod estimate;
pub mod expression;
mod ids;
mod index;
mod input;
mod lookup;
pub(crate) mod mutation;
mod ordered;
mod planning;
mod postings;
pub mod publication;
mod router;
mod snapshot;
mod state;
mod strategy;
mod tenant;
#[cfg(test)]
mod tests;

pub use channel::{CHANNELS, Channel, ChannelSet, PerChannel};
pub use config::{
    AgentConfig, Alternative, Blending, CallbackPolicy, Capacity, HoursConfig, Proficiency, ProfileConfig,
    ProfileRule, QueueConfig, Ring, WrapUp,
};
pub use decision::{Candidate, Decision, MAX_CANDIDATES, NAMED_IN_LARGE_QUEUES, Others, Verdict};
pub use effect::{AgentSnapshot, AgentState, Closed, DivertReason, Effect, Load, Manner, Outcome, Rejection};
pub use estimate::{Basis, Estimate};
pub use ids::{InteractionId, MessageId, Name, OfferId, OfferIdError};
pub use input::{CallbackOutcome, CallbackWish, Details, EndReason, Entry, Input, Queued, Status, Transfer};
pub use router::Router;
pub use snapshot::RestoreError;
pub use strategy::{Facts, Strategy};
pub use tenant::{
    AgentView, MAX_DEADLINES, QueueView, StageView, WorkView, invariants::Violation, is_unreadable,
};
