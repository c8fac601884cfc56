//! Records a batch of facts of one tenant: what the batch needs is loaded once, what it changes is written once.

use std::collections::{BTreeMap, BTreeSet};

use chassis::{HandleError, Received, Tx};
use contract::Event;

use super::{on_agent_state_changed, on_configured, on_flow_step_taken, on_progress};
use crate::store::{agents, flow_steps, interactions};

/// Longest interaction id that is taken.
const ID_BYTES: usize = 64;

/// Why a fact can't be recorded, ever.
#[derive(Debug, thiserror::Error)]
pub enum FactError {
    /// A fact about nothing.
    #[error("interaction_id has {0} bytes, must have 1 to {ID_BYTES}")]
    InteractionId(usize),
}

/// Records `facts`, all of the tenant that `tx` is entered for, in their order.
pub async fn record(tx: &mut Tx, facts: &[&Received]) -> Result<(), HandleError> {
    let tenant = tx.tenant().to_owned();
    let mut steps = Vec::new();
    let mut states = Vec::new();
    let mut taken = Vec::new();
    for received in facts {
        let envelope = &received.envelope;
        if let Some(step) = on_progress::step(envelope) {
            if !(1..=ID_BYTES).contains(&envelope.interaction_id.len()) {
                return Err(HandleError::dead(FactError::InteractionId(envelope.interaction_id.len())));
            }
            steps.push((received, step));
        } else if let Event::FlowStepTaken(step) = &envelope.event {
            if !(1..=ID_BYTES).contains(&envelope.interaction_id.len()) {
                return Err(HandleError::dead(FactError::InteractionId(envelope.interaction_id.len())));
            }
            taken.push(on_flow_step_taken::taken(received, step));
        } else if let Event::AgentStateChanged(changed) = &envelope.event {
            states.push(on_agent_state_changed::entered(received, changed));
        } else {
            on_configured::keep(tx.conn(), &tenant, received).await?;
        }
    }
    agents::enter(tx.conn(), &tenant, &states).await?;
    flow_steps::put(tx.conn(), &tenant, &taken).await?;
    if steps.is_empty() {
        return Ok(());
    }

    let ids: BTreeSet<&str> =
        steps.iter().map(|(received, _)| received.envelope.interaction_id.as_str()).collect();
    let ids: Vec<String> = ids.into_iter().map(str::to_owned).collect();
    let mut records = interactions::load(tx.conn(), &tenant, &ids).await?;
    let mut changed = BTreeSet::new();
    for (received, step) in steps {
        let envelope = &received.envelope;
        let record = records.entry(envelope.interaction_id.clone()).or_default();
        if record.journey.add(received.sequence, step) {
            record.active_at = record.active_at.max(envelope.occurred_at);
            changed.insert(envelope.interaction_id.clone());
        }
    }
    records.retain(|id, _| changed.contains(id));
    interactions::put(tx.conn(), &tenant, &records).await?;
    Ok(())
}

/// Facts by tenant, each tenant's in their order.
pub fn by_tenant<'a>(batch: &[&'a Received]) -> BTreeMap<&'a str, Vec<&'a Received>> {
    let mut tenants: BTreeMap<&str, Vec<&Received>> = BTreeMap::new();
    for received in batch {
        tenants.entry(&received.envelope.tenant_id).or_default().push(received);
    }
    tenants
}
