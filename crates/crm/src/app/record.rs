//! Records a batch of facts of one tenant: what the batch needs is loaded once, what it changes is written once.
//!
//! A fact arrives at least once (the inbox makes it once) and may be overtaken by others; what is recorded depends on
//! the set of facts only, see [`History`](crate::core::history::History).

use std::collections::{BTreeMap, BTreeSet};

use chassis::{HandleError, Ids, Received, Tx};
use contract::{Event, Timestamp};
use sqlx::PgConnection;

use super::{
    on_callback_scheduled, on_interaction_started, on_message_added, on_name_configured, on_progress,
};
use crate::{
    config::Config,
    core::timeline,
    store::{
        cases, interactions, messages, names,
        names::{Named, Names},
        timeline::{self as lines, Line},
    },
};

/// Longest interaction id that is taken.
const ID_BYTES: usize = 64;

/// Why a fact can't be recorded, ever.
#[derive(Debug, thiserror::Error)]
pub enum FactError {
    /// A fact about nothing.
    #[error("interaction_id has {0} bytes, must have 1 to {ID_BYTES}")]
    InteractionId(usize),
    /// A message without place or content.
    #[error("message.sequence is {0}, must be 1 or more")]
    MessageSequence(i64),
}

/// Records facts. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Recorder {
    pub config: Config,
    pub ids: Ids,
}

impl Recorder {
    /// Records `facts`, all of the tenant that `tx` is entered for, in their order.
    pub async fn record(&self, tx: &mut Tx, facts: &[&Received]) -> Result<(), HandleError> {
        let tenant = tx.tenant().to_owned();
        on_name_configured::keep(tx.conn(), &tenant, facts).await?;
        let names = load_names(tx.conn(), &tenant, facts).await?;
        let progress = interactions_in_progress(facts)?;
        let mut records = interactions::load(tx.conn(), &tenant, &progress).await?;
        let mut said = Vec::new();
        let mut told = Vec::new();
        let mut active_cases: Vec<(String, i64)> = Vec::new();

        for received in facts {
            let envelope = &received.envelope;
            if let Event::MessageAdded(added) = &envelope.event {
                said.push(on_message_added::row(&envelope.interaction_id, added)?);
                continue;
            }
            told.extend(line(received, &names));
            let Some(step) = on_progress::step(envelope) else { continue };
            let record = records.entry(envelope.interaction_id.clone()).or_default();
            let known = record.first_fact_at != Timestamp::default();
            if !known || envelope.occurred_at < record.first_fact_at {
                record.first_fact_at = envelope.occurred_at;
            }
            record.history.add(received.sequence, step);
            let case_id = record.case_id.clone();
            if let Event::InteractionStarted(started) = &envelope.event {
                on_interaction_started::recognise(self, tx, received, started, record).await?;
            }
            if let Event::CallbackScheduled(scheduled) = &envelope.event {
                on_callback_scheduled::recognise_callback(self, tx, received, scheduled, &mut records)
                    .await?;
            }
            if ends(&envelope.event) && !case_id.is_empty() {
                active_cases.push((case_id, envelope.occurred_at.as_millis()));
            }
        }

        interactions::put(tx.conn(), &tenant, &records).await?;
        lines::append(tx.conn(), &tenant, &told).await?;
        let new = messages::append(tx.conn(), &tenant, &said).await?;
        on_message_added::count(said.len(), new);
        if !active_cases.is_empty() {
            cases::touch(tx.conn(), &tenant, &active_cases).await?;
        }
        Ok(())
    }
}

/// Ids of the interactions whose state these facts change, each once.
fn interactions_in_progress(facts: &[&Received]) -> Result<Vec<String>, HandleError> {
    let mut ids = BTreeSet::new();
    for Received { envelope, .. } in facts {
        let about_interaction = !matches!(envelope.event.subject_tokens().0, "directory");
        if about_interaction && !(1..=ID_BYTES).contains(&envelope.interaction_id.len()) {
            let optional =
                matches!(envelope.event, Event::NoteAdded(_)) && envelope.interaction_id.is_empty();
            if !optional {
                return Err(HandleError::dead(FactError::InteractionId(envelope.interaction_id.len())));
            }
        }
        if on_progress::concerns_state(&envelope.event) {
            ids.insert(envelope.interaction_id.clone());
        }
    }
    Ok(ids.into_iter().collect())
}

async fn load_names(connection: &mut PgConnection, tenant: &str, facts: &[&Received]) -> sqlx::Result<Names> {
    let mut keys = BTreeSet::new();
    for received in facts {
        let (agent, queue) = timeline::keys(&received.envelope.event);
        keys.extend([agent, queue].into_iter().filter(|key| !key.is_empty()).map(str::to_owned));
    }
    names::load(connection, tenant, &keys.into_iter().collect::<Vec<_>>()).await
}

fn line(received: &Received, names: &Names) -> Option<Line> {
    let envelope = &received.envelope;
    let (agent, queue) = timeline::keys(&envelope.event);
    let names =
        timeline::Names { agent: names.of(Named::Agent, agent), queue: names.of(Named::Queue, queue) };
    let text = timeline::line(&envelope.event, names);
    let untold = text.is_empty() || envelope.interaction_id.is_empty();
    (!untold).then(|| Line {
        interaction_id: envelope.interaction_id.clone(),
        message_id: envelope.message_id.clone(),
        sequence: i64::try_from(received.sequence).unwrap_or(i64::MAX),
        at: envelope.occurred_at.as_millis(),
        kind: envelope.event.subject_tokens().1.to_owned(),
        line: text,
    })
}

const fn ends(event: &Event) -> bool {
    matches!(event, Event::InteractionEnded(_) | Event::InteractionClosed(_))
}

/// Facts by tenant, each tenant's in their order.
pub fn by_tenant<'a>(batch: &[&'a Received]) -> BTreeMap<&'a str, Vec<&'a Received>> {
    let mut tenants: BTreeMap<&str, Vec<&Received>> = BTreeMap::new();
    for received in batch {
        tenants.entry(&received.envelope.tenant_id).or_default().push(received);
    }
    tenants
}
