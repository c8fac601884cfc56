//! What the router says of chats, in its order: `InteractionAssigned` (the agent comes in, *InteractionConnected* goes out),
//! `InteractionDiverted` (nobody does), `InteractionTransferred` (by hand), `InteractionParked` and `InteractionUnparked`.

use std::sync::{Arc, Mutex, PoisonError};

use chassis::{HandleError, Handler, Received, Tx};
use contract::{Event, directory::v1::AlternativeKind, interaction::v1::Channel};
use uuid::Uuid;

use super::{App, batch};
use crate::{
    core::{Conversation, Diversion, Input, Outcome, Step},
    store,
};

/// What a transaction has changed; told only when it is durable.
type Changed = Vec<(Conversation, Outcome)>;

/// Handles what the router decides about chats.
pub struct OnRouterEvent {
    app: Arc<App>,
    changed: Mutex<Changed>,
}

impl OnRouterEvent {
    pub fn new(app: Arc<App>) -> Self {
        Self { app, changed: Mutex::default() }
    }
}

impl Handler for OnRouterEvent {
    fn wants(&self, received: &Received) -> bool {
        input_of(&received.envelope.event).is_some()
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
        let Some(input) = input_of(&envelope.event) else { return Ok(()) };
        let Ok(id) = Uuid::parse_str(&envelope.interaction_id) else {
            return Err(HandleError::dead("the interaction's id is no UUID"));
        };
        let Some(mut conversation) = store::conversation::lock(tx.conn(), &envelope.tenant_id, id).await?
        else {
            return Err(HandleError::retry("there is no such conversation"));
        };
        let before = conversation.clone();
        let now = self.app.clock.now();
        let outcome = conversation
            .handle(&input, &self.app.limits, &mut Step { now, new_id: &mut || self.app.ids.new_id(now) })
            .map_err(HandleError::dead)?;
        let unchanged = Conversation { version: conversation.version, ..before } == conversation;
        if unchanged && outcome == Outcome::default() {
            return Ok(());
        }
        if let Event::InteractionAssigned(assigned) = &envelope.event {
            tracing::info!(
                interaction.id = envelope.interaction_id,
                agent = assigned.agent_id,
                "an agent has joined a chat"
            );
        }
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

/// What the event means to its chat; none: nothing, or it is about something else.
fn input_of(event: &Event) -> Option<Input> {
    match event {
        Event::InteractionAssigned(assigned) if assigned.channel() == Channel::Chat => {
            Some(Input::Assigned {
                agent_id: assigned.agent_id.clone(),
                agent_name: assigned.agent_name.clone(),
                offer_id: assigned.offer_id.clone(),
            })
        }
        Event::InteractionDiverted(diverted) if diverted.channel() == Channel::Chat => {
            let to = match diverted.to() {
                AlternativeKind::Queue => Diversion::Queue(diverted.to_queue.clone()),
                AlternativeKind::Voicemail | AlternativeKind::Callback => Diversion::Form,
                AlternativeKind::Disconnect => Diversion::Farewell(diverted.word.clone()),
                AlternativeKind::AnyAgent | AlternativeKind::Unspecified => return None,
            };
            Some(Input::Diverted { to })
        }
        Event::InteractionParked(parked) if parked.channel() == Channel::Chat => {
            Some(Input::Parked { parked: true })
        }
        Event::InteractionUnparked(unparked) if unparked.channel() == Channel::Chat => {
            Some(Input::Parked { parked: false })
        }
        Event::InteractionTransferred(moved) if moved.channel() == Channel::Chat => {
            Some(Input::Moved { queue: moved.queue.clone() })
        }
        _ => None,
    }
}
