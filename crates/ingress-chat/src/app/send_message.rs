//! `ChatService.SendMessage`: the agent writes.

use contract::{chat::v1::SendMessageRequest, interaction::v1::Message};
use uuid::Uuid;

use super::{AgentError, App, CommandError, MAX_ATTACHMENTS, MAX_TEXT, batch::Key};
use crate::core::{Actor, Input, Said};

impl App {
    /// Stores an agent's message; the same client message id again returns the same message.
    pub async fn send_message(
        &self,
        key: Key,
        agent: Actor,
        request: SendMessageRequest,
    ) -> Result<Message, AgentError> {
        let text = ingress::clean(&request.text, MAX_TEXT)
            .map_err(|error| AgentError::invalid("text", error.to_string()))?;
        if request.client_message_id.is_empty() || ingress::provider_id(&request.client_message_id).is_none()
        {
            return Err(AgentError::invalid("client_message_id", "must have 1 to 128 visible characters"));
        }
        let uploads = attachment_ids(&request.attachment_ids).ok_or_else(|| {
            AgentError::invalid("attachment_ids", format!("must be at most {MAX_ATTACHMENTS} ids of files"))
        })?;
        if text.is_empty() && uploads.is_empty() {
            return Err(AgentError::invalid("text", "must not be empty"));
        }
        let said = Said { client_message_id: request.client_message_id, text, attachments: Vec::new() };
        let done = self.committer.run(key, Input::AgentSays { agent, said }, uploads).await?;
        done.message.ok_or(AgentError::Command(CommandError::Unavailable))
    }
}

/// At most [`MAX_ATTACHMENTS`] ids.
pub(crate) fn attachment_ids(texts: &[String]) -> Option<Vec<Uuid>> {
    (texts.len() <= MAX_ATTACHMENTS).then_some(())?;
    texts.iter().map(|text| Uuid::parse_str(text).ok()).collect()
}
