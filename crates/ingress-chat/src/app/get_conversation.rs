//! `ChatService.GetConversation`: where a chat stands.

use contract::chat::v1::{Conversation as View, ConversationState};

use super::{AgentError, App, CommandError, batch::Key};
use crate::core::Phase;

impl App {
    /// A conversation as agents see it.
    pub async fn get_conversation(&self, key: Key) -> Result<View, AgentError> {
        let found = self.find(&key.tenant, key.interaction_id).await?.ok_or(CommandError::NotFound)?;
        let (state, agent_id) = match found.phase {
            Phase::Flow => (ConversationState::Flow, String::new()),
            Phase::Queued { .. } => (ConversationState::Queued, String::new()),
            Phase::WithAgent { agent_id, .. } => (ConversationState::WithAgent, agent_id),
            Phase::Ended { agent_id, .. } => (ConversationState::Ended, agent_id),
        };
        Ok(View {
            interaction_id: found.interaction_id,
            entry_point: found.entry_point,
            state: state.into(),
            agent_id,
            customer_name: found.customer_name,
            last_sequence: found.last_sequence,
            customer_delivered_sequence: found.marks.customer_delivered,
            customer_seen_sequence: found.marks.customer_seen,
            agent_seen_sequence: found.marks.agent_seen,
            customer_online: state != ConversationState::Ended && found.online_until > self.clock.now(),
            started_at: Some(found.started_at.to_proto()),
        })
    }
}
