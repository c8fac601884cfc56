//! One conversation, pure: what may happen in which phase, what is said, what is announced, what is due when.
//!
//! C1: sequences of messages are 1, 2, 3 … without gaps.
//! C2: an ended conversation never changes again, except for what was delivered and seen.
//! C3: `InteractionEnded` is announced exactly once, and nothing is announced after it.
//! C4: an answer of the flow counts only for the question it answers.
//! C5: every conversation that is not ended has a moment at which it is looked at again.

mod agent;
mod clock;
mod conversation;
mod customer;
mod elsewhere;
mod flow;
mod input;
mod label;
mod outcome;

#[cfg(test)]
mod tests;

pub use conversation::{Awaiting, Conversation, FlowInput, Limits, Marks, Phase, Script, Start};
pub use input::{Actor, Diversion, Input, Refusal, Said};
pub use outcome::{Announcement, Outcome, Step};
