//! How a call stands, for whoever asks from outside.

use super::{Call, Guest, Phase, Side};

impl Call {
    /// Nothing more follows.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    /// Everybody beside customer and agent.
    #[must_use]
    pub fn guests(&self) -> &[Guest] {
        &self.guests
    }

    /// Key of the queue it waits or waited in.
    #[must_use]
    pub fn queue(&self) -> &str {
        self.queue.as_ref().map_or("", |queue| queue.queue.as_str())
    }

    /// The agent asks somebody apart from the customer.
    #[must_use]
    pub fn is_consulting(&self) -> bool {
        self.agent().is_some() && self.consulted().is_some()
    }

    /// Another phone may take this side's place: it is in a conversation, or waits with music.
    #[must_use]
    pub fn can_move(&self, side: Side) -> bool {
        match (&self.phase, side) {
            (Phase::Talking { .. }, _) => !self.recording.delays(),
            (Phase::Waiting { announcing: None }, Side::Customer) => true,
            _ => false,
        }
    }

    /// It waits in a queue, and nobody is rung for it.
    #[must_use]
    pub fn waits_alone(&self) -> bool {
        matches!(self.phase, Phase::Waiting { .. }) && self.offer.is_none() && !self.parked
    }

    /// Whether the recording pauses; none: there is none.
    #[must_use]
    pub fn recording(&self) -> Option<bool> {
        self.recording.paused
    }

    /// The customer is on hold by the agent's wish; the agent is mute; the call is parked.
    #[must_use]
    pub fn standing(&self) -> (bool, bool, bool) {
        (self.agent_holds, self.muted, self.parked)
    }

    /// The agent on the line.
    #[must_use]
    pub fn agent(&self) -> Option<&str> {
        match &self.phase {
            Phase::Talking { agent_id }
            | Phase::Whispering { agent_id, .. }
            | Phase::Reserved { agent_id, .. }
            | Phase::Dialling { agent_id, .. }
            | Phase::Screening { agent_id, .. } => Some(agent_id),
            Phase::LeavingMessage { agent_id, .. } if !agent_id.is_empty() => Some(agent_id),
            _ => None,
        }
    }
}
