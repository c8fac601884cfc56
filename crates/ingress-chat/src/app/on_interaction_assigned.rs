//! `router.InteractionAssigned`: the agent comes in, *InteractionConnected* goes out.

use std::sync::{Arc, Mutex, PoisonError};

use chassis::{HandleError, Handler, Received, Tx};
use contract::{Event, interaction::v1::Channel};
use uuid::Uuid;

use super::{App, batch};
use crate::{
    core::{Conversation, Input, Outcome, Step},
    store,
};

/// What a transaction has changed; told only when it is durable.
type Changed = Vec<(Conversation, Outcome)>;

/// Handles assignments of chats.
pub struct OnInteractionAssigned {
    app: Arc<App>,
    changed: Mutex<Changed>,
}

impl OnInteractionAssigned {
    pub fn new(app: Arc<App>) -> Self {
        Self { app, changed: Mutex::default() }
    }
}

impl Handler for OnInteractionAssigned {
    fn wants(&self, received: &Received) -> bool {
        matches!(&received.envelope.event, Event::InteractionAssigned(assigned) if assigned.channel() == Channel::Chat)
    }

    async fn handle_batch(&self, tx: &mut Tx, batch: &[&Received]) -> Result<(), HandleError> {
        // A batch that failed before has changed nothing.
        self.changed.lock().unwrap_or_else(PoisonError::into_inner).clear();
        for received in batch {
            tx.enter(&received.envelope.tenant_id).await?;
            self.handle(tx, received).await?;
        }
        Ok(())
    }

    async fn handle(&self, tx: &mut Tx, received: &Received) -> Result<(), HandleError> {
        let envelope = &received.envelope;
        let Event::InteractionAssigned(assigned) = &envelope.event else { return Ok(()) };
        if assigned.channel() != Channel::Chat {
            return Ok(());
        }
        let Ok(id) = Uuid::parse_str(&envelope.interaction_id) else {
            return Err(HandleError::dead("the interaction's id is no UUID"));
        };
        let Some(mut conversation) = store::conversation::lock(tx.conn(), &envelope.tenant_id, id).await?
        else {
            return Err(HandleError::retry("there is no such conversation"));
        };
        let input = Input::Assigned {
            agent_id: assigned.agent_id.clone(),
            agent_name: assigned.agent_name.clone(),
            offer_id: assigned.offer_id.clone(),
        };
        let now = self.app.clock.now();
        let outcome = conversation
            .handle(&input, &self.app.limits, &mut Step { now, new_id: &mut || self.app.ids.new_id(now) })
            .map_err(HandleError::dead)?;
        if outcome == Outcome::default() {
            return Ok(());
        }
        tracing::info!(
            interaction.id = envelope.interaction_id,
            agent = assigned.agent_id,
            "an agent has joined a chat"
        );
        let changed = [(conversation, outcome)];
        batch::save(tx, &changed, &envelope.message_id).await?;
        self.changed.lock().unwrap_or_else(PoisonError::into_inner).extend(changed);
        Ok(())
    }

    fn committed(&self, _batch: &[&Received]) {
        let changed = std::mem::take(&mut *self.changed.lock().unwrap_or_else(PoisonError::into_inner));
        for (conversation, outcome) in changed {
            self.app.committed(&conversation, outcome);
        }
    }
}
