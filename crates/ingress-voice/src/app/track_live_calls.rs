//! `InteractionStarted` and `InteractionEnded` of calls: the table of calls that have begun and not ended; `CallParked` and
//! `CallRetrieved`: which of them wait for somebody to take them.
//!
//! Off the call path: a call never waits for it.

use std::collections::BTreeMap;

use chassis::{HandleError, Handler, Received, Tx};
use contract::{
    Event, Timestamp,
    interaction::v1::{Channel, InteractionStarted},
};

use crate::store::live_calls::{self, LiveCall, Parked};

/// Keeps the table.
pub struct TrackLiveCalls;

impl Handler for TrackLiveCalls {
    fn wants(&self, received: &Received) -> bool {
        match &received.envelope.event {
            Event::InteractionStarted(started) => started.channel() == Channel::Voice,
            Event::InteractionEnded(_) | Event::CallParked(_) | Event::CallRetrieved(_) => true,
            _ => false,
        }
    }

    async fn handle(&self, tx: &mut Tx, received: &Received) -> Result<(), HandleError> {
        self.handle_batch(tx, &[received]).await
    }

    /// A call that began and ended in one batch leaves no trace.
    async fn handle_batch(&self, tx: &mut Tx, batch: &[&Received]) -> Result<(), HandleError> {
        let mut begun = BTreeMap::new();
        let mut ended = BTreeMap::<&str, Vec<String>>::new();
        // The last word about each call counts.
        let mut parked = BTreeMap::<(&str, &str), Option<Parked>>::new();
        for received in batch {
            let envelope = &received.envelope;
            let key = (envelope.tenant_id.as_str(), envelope.interaction_id.as_str());
            match &envelope.event {
                Event::InteractionStarted(started) if started.channel() == Channel::Voice => {
                    if let Some(call) = live_call(
                        &envelope.tenant_id,
                        &envelope.interaction_id,
                        envelope.occurred_at,
                        started,
                    ) {
                        begun.insert(key, call);
                    }
                }
                Event::CallParked(fact) => {
                    let (agent_id, label) = (fact.agent_id.clone(), fact.label.clone());
                    let at = envelope.occurred_at;
                    parked.insert(key, Some(Parked { agent_id, label, queue: fact.queue.clone(), at }));
                }
                Event::CallRetrieved(_) => {
                    parked.insert(key, None);
                }
                Event::InteractionEnded(_) if begun.remove(&key).is_none() => {
                    ended.entry(key.0).or_default().push(envelope.interaction_id.clone());
                }
                _ => {}
            }
        }
        let mut of_tenant = BTreeMap::<&str, Vec<LiveCall>>::new();
        for ((tenant, _), call) in begun {
            of_tenant.entry(tenant).or_default().push(call);
        }
        for (tenant, calls) in of_tenant {
            tx.enter(tenant).await?;
            live_calls::insert(tx, tenant, &calls).await?;
        }
        for ((tenant, interaction_id), parked) in parked {
            tx.enter(tenant).await?;
            live_calls::park(tx, interaction_id, parked.as_ref()).await?;
        }
        for (tenant, interactions) in ended {
            tx.enter(tenant).await?;
            live_calls::remove(tx, &interactions).await?;
        }
        Ok(())
    }
}

fn live_call(
    tenant: &str,
    interaction_id: &str,
    started_at: Timestamp,
    started: &InteractionStarted,
) -> Option<LiveCall> {
    let (instance, life) = started.instance.split_once('@')?;
    Some(LiveCall {
        tenant_id: tenant.to_owned(),
        interaction_id: interaction_id.to_owned(),
        instance: instance.to_owned(),
        life: life.to_owned(),
        phone: started.customer.as_ref().map(|customer| customer.phone.clone()).unwrap_or_default(),
        started_at,
    })
}
