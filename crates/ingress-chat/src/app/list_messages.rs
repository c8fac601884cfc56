//! `ChatService.ListMessages`: what was said, in pages.

use contract::chat::v1::{ListMessagesRequest, ListMessagesResponse};

use super::{AgentError, App, CommandError, batch::Key};

/// Messages of one page, at most.
pub const MAX_PAGE: i32 = 500;
const DEFAULT_PAGE: i32 = 200;

impl App {
    /// Messages after a sequence, in order.
    pub async fn list_messages(
        &self,
        key: Key,
        request: ListMessagesRequest,
    ) -> Result<ListMessagesResponse, AgentError> {
        let size = match request.page_size {
            0 => DEFAULT_PAGE,
            size @ 1..=MAX_PAGE => size,
            _ => return Err(AgentError::invalid("page_size", "must be 1 to 500, or 0 for 200")),
        };
        if self.find(&key.tenant, key.interaction_id).await?.is_none() {
            return Err(CommandError::NotFound.into());
        }
        let limit = i64::from(size) + 1;
        let mut messages =
            self.messages_after(&key.tenant, key.interaction_id, request.after_sequence, limit).await?;
        let more = messages.len() > size as usize;
        messages.truncate(size as usize);
        Ok(ListMessagesResponse { messages, more })
    }
}
