//! `ChatService.MarkSeen`: the agent's screen shows everything up to a sequence.

use super::{AgentError, App, batch::Key};
use crate::core::{Actor, Input};

impl App {
    /// Stores what the agent has seen and tells the visitor.
    pub async fn mark_seen(&self, key: Key, agent: Actor, seen: i64) -> Result<(), AgentError> {
        if seen < 0 {
            return Err(AgentError::invalid("sequence", "must not be negative"));
        }
        self.committer.run(key, Input::AgentMarks { agent, seen }, Vec::new()).await?;
        Ok(())
    }
}
