//! `ChatService.EndConversation`: the agent ends the chat. Ending an ended one again is no error.

use super::{AgentError, App, batch::Key};
use crate::core::{Actor, Input};

impl App {
    /// Ends a conversation with `END_REASON_AGENT_ENDED`.
    pub async fn end_conversation(&self, key: Key, agent: Actor) -> Result<(), AgentError> {
        self.committer.run(key, Input::AgentEnds { agent }, Vec::new()).await?;
        Ok(())
    }
}
