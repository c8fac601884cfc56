//! The customer has written to an agent who waits for it: the router gives the conversation back to them.

use std::sync::Arc;

use contract::router::v1::{UnparkInteractionRequest, router_service_client::RouterServiceClient};

use super::App;
use crate::core::Conversation;

impl App {
    /// Asks the router, once a message: what it does not hear now it hears with the next.
    pub(super) fn unpark(self: &Arc<Self>, conversation: &Conversation) {
        let (app, tenant) = (Arc::clone(self), conversation.tenant.clone());
        let request = UnparkInteractionRequest {
            interaction_id: conversation.interaction_id.clone(),
            agent_id: String::new(),
            request_id: format!("chat:{}:{}", conversation.interaction_id, conversation.version),
        };
        self.background.spawn(async move {
            let mut router = RouterServiceClient::new(app.peers.of("router", &tenant));
            if let Err(status) = router.unpark_interaction(request).await {
                tracing::info!(code = ?status.code(), "a parked chat was not given back");
            }
        });
    }
}
