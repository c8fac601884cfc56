//! `ChatService.SetTyping`: the agent's typing indicator. Not stored.

use contract::{
    chat::v1::{ConversationSignal, conversation_signal::Signal},
    interaction::v1::Party,
};

use super::{AgentError, App, CommandError, batch::Key};
use crate::core::Actor;

impl App {
    /// Tells the visitor that the agent types, or has stopped.
    pub async fn set_typing(&self, key: Key, agent: Actor, typing: bool) -> Result<(), AgentError> {
        let found = self.find(&key.tenant, key.interaction_id).await?.ok_or(CommandError::NotFound)?;
        found.may_be_written_by(&agent)?;
        let signal = ConversationSignal { party: Party::Agent.into(), signal: Some(Signal::Typing(typing)) };
        self.signal(&key.tenant, &found.interaction_id, signal).await;
        Ok(())
    }
}
