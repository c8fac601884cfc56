//! Where a conversation stands, as its visitor is told.

use contract::interaction::v1::EndReason;

use crate::core::{Awaiting, Conversation, Phase};

/// What a visitor's screen shows around the messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Grows with every change: what is older than what one has is dropped.
    pub version: i64,
    pub phase: StandingPhase,
}

/// The phase, without what only the centre needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StandingPhase {
    /// The flow talks.
    #[default]
    Flow,
    /// The flow waits for one of the buttons.
    Choice,
    /// The flow waits for the form.
    Form,
    /// Waits for an agent.
    Queued,
    /// This agent is there.
    WithAgent(String),
    /// Over.
    Ended(EndReason),
}

/// Place in the queue; zeros: not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    pub position: i32,
    pub waiting: i32,
    pub estimated_wait_seconds: i64,
}

impl Standing {
    pub fn of(conversation: &Conversation) -> Self {
        let phase = match &conversation.phase {
            Phase::Flow => match conversation.script.awaiting {
                Awaiting::Nothing => StandingPhase::Flow,
                Awaiting::Choice { .. } => StandingPhase::Choice,
                Awaiting::Form => StandingPhase::Form,
            },
            Phase::Queued { .. } => StandingPhase::Queued,
            Phase::WithAgent { agent_name, .. } => StandingPhase::WithAgent(agent_name.clone()),
            Phase::Ended { reason, .. } => StandingPhase::Ended(*reason),
        };
        Self { version: conversation.version, phase }
    }
}
