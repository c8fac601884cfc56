//! `InteractionStarted` and `InteractionEnded` of calls: the table of calls that have begun and not ended.
//!
//! Off the call path: a call never waits for it.

use chassis::{HandleError, Handler, Received, Tx};
use contract::{
    Event,
    interaction::v1::{Channel, InteractionStarted},
};

use crate::store::live_calls::{self, LiveCall};

/// Keeps the table.
pub struct TrackLiveCalls;

impl Handler for TrackLiveCalls {
    async fn handle(&self, tx: &mut Tx, received: &Received) -> Result<(), HandleError> {
        let envelope = &received.envelope;
        match &envelope.event {
            Event::InteractionStarted(started) if started.channel() == Channel::Voice => {
                if let Some(call) = live_call(&envelope.tenant_id, &envelope.interaction_id, started) {
                    live_calls::insert(tx, &call, envelope.occurred_at).await?;
                }
            }
            Event::InteractionEnded(_) => {
                live_calls::remove(tx, std::slice::from_ref(&envelope.interaction_id)).await?;
            }
            _ => {}
        }
        Ok(())
    }
}

fn live_call(tenant: &str, interaction_id: &str, started: &InteractionStarted) -> Option<LiveCall> {
    let (instance, life) = started.instance.split_once('@')?;
    Some(LiveCall {
        tenant_id: tenant.to_owned(),
        interaction_id: interaction_id.to_owned(),
        instance: instance.to_owned(),
        life: life.to_owned(),
    })
}
