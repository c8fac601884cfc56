//! Replay: folds a log again and compares what the fold says with what the log holds.

use std::collections::{BTreeMap, VecDeque};

use chassis::Received;
use contract::{Envelope, Event, subject};

use super::convert::{inputs, outputs};
use crate::core::Router;

/// What a replay found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Inputs folded.
    pub inputs: usize,
    /// Outputs that were as the fold says.
    pub outputs: usize,
    /// Outputs that the fold says and the log does not hold, all at its end.
    pub unwritten: usize,
}

/// Where log and fold part.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum ReplayError {
    /// The log holds an output that the fold does not say there.
    #[error("output {found} stands at {sequence}, where the fold says {wanted}")]
    Order {
        /// Position in the log.
        sequence: u64,
        /// As in the log.
        found: String,
        /// As the fold says.
        wanted: String,
    },
    /// The output is another than the fold says.
    #[error("output {id} differs: the log says {found:?}, the fold says {wanted:?}")]
    Content {
        /// Which.
        id: String,
        /// As in the log.
        found: Box<Event>,
        /// As the fold says.
        wanted: Box<Event>,
    },
}

/// Folds a log from its beginning. `log` is every message the router reads, of any partitions, in order.
pub fn replay<'a>(log: impl IntoIterator<Item = &'a Received>) -> Result<Replayed, ReplayError> {
    let mut routers: BTreeMap<u16, (Router, VecDeque<Envelope>)> = BTreeMap::new();
    let mut found = Replayed::default();
    for received in log {
        let number = subject::partition_of(&received.envelope.tenant_id);
        let (router, said) = routers.entry(number).or_insert_with(|| (Router::new(number), VecDeque::new()));
        if received.envelope.event.subject_tokens().0 == "router" {
            compare(received, said.pop_front())?;
            found.outputs += 1;
        } else if let Some(entry) = inputs::entry(received) {
            found.inputs += 1;
            let effects = router.handle(entry);
            said.extend(outputs::envelopes(received, number, "", &effects));
        }
    }
    found.unwritten = routers.values().map(|(_, said)| said.len()).sum();
    Ok(found)
}

fn compare(received: &Received, said: Option<Envelope>) -> Result<(), ReplayError> {
    let found = &received.envelope;
    let wanted = said.as_ref().map(|said| said.message_id.clone()).unwrap_or_default();
    if found.message_id != wanted {
        return Err(ReplayError::Order {
            sequence: received.sequence,
            found: found.message_id.clone(),
            wanted,
        });
    }
    match said {
        Some(said) if said.event != found.event => Err(ReplayError::Content {
            id: wanted,
            found: Box::new(found.event.clone()),
            wanted: Box::new(said.event),
        }),
        _ => Ok(()),
    }
}
