//! `Replay`: folds the log again and compares what the fold says with what the log holds, byte for byte.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Write as _,
};

use chassis::{Caller, Received};
use contract::{Envelope, Event, Timestamp, router::v1 as proto, subject};
use tokio::sync::mpsc;
use tonic::Status;

use super::{
    App, RequestError,
    convert::{inputs, outputs},
    past::{Facts, Past, PastError},
};
use crate::core::Router;

/// Messages between two words of progress.
const TELL_EVERY: u64 = 5_000;
/// Longest text of one side of a difference.
const MOST_TEXT: usize = 2_000;

/// What a replay found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Inputs folded.
    pub inputs: usize,
    /// Outputs that were as the fold says.
    pub outputs: usize,
    /// Bytes of these outputs.
    pub bytes: usize,
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
    let mut folds: BTreeMap<u16, Fold> = BTreeMap::new();
    let mut found = Replayed::default();
    for received in log {
        let number = subject::partition_of(&received.envelope.tenant_id);
        let fold = folds.entry(number).or_insert_with(|| Fold::new(Router::new(number), VecDeque::new()));
        match fold.take(received)? {
            Taken::Input => found.inputs += 1,
            Taken::Output(bytes) => {
                found.outputs += 1;
                found.bytes += bytes;
            }
            Taken::Nothing => {}
        }
    }
    found.unwritten = folds.values().map(|fold| fold.said.len()).sum();
    Ok(found)
}

/// What became of a message.
enum Taken {
    Input,
    /// As the fold says, with its size.
    Output(usize),
    Nothing,
}

/// A fold, and what it has said that the log did not hold yet.
struct Fold {
    router: Router,
    said: VecDeque<Envelope>,
}

impl Fold {
    const fn new(router: Router, said: VecDeque<Envelope>) -> Self {
        Self { router, said }
    }

    fn take(&mut self, received: &Received) -> Result<Taken, ReplayError> {
        if received.envelope.event.subject_tokens().0 == "router" {
            return compare(received, self.said.pop_front()).map(Taken::Output);
        }
        let Some(entry) = inputs::entry(received) else { return Ok(Taken::Nothing) };
        let effects = self.router.handle(entry);
        self.said.extend(outputs::envelopes(received, self.router.partition(), "", &effects));
        Ok(Taken::Input)
    }
}

/// Compares an output with what the fold says there: all of its bytes, but for the name of the process that wrote it.
fn compare(received: &Received, said: Option<Envelope>) -> Result<usize, ReplayError> {
    let found = &received.envelope;
    let wanted = said.as_ref().map(|said| said.message_id.clone()).unwrap_or_default();
    let Some(said) = said.filter(|said| said.message_id == found.message_id) else {
        return Err(ReplayError::Order {
            sequence: received.sequence,
            found: found.message_id.clone(),
            wanted,
        });
    };
    let said = Envelope { producer: found.producer.clone(), ..said };
    let bytes = contract::wrap(found);
    if contract::wrap(&said) == bytes {
        return Ok(bytes.len());
    }
    Err(ReplayError::Content {
        id: wanted,
        found: Box::new(found.event.clone()),
        wanted: Box::new(said.event),
    })
}

/// A replay of one tenant's past between two moments, on its way.
struct Replay {
    past: Past,
    fold: Fold,
    from: Timestamp,
    to: Timestamp,
    found: proto::ReplayResponse,
}

impl App {
    /// Begins a replay; what it finds comes as it goes, the last word with `done`.
    pub(crate) async fn replay(
        &self,
        caller: &Caller,
        request: &proto::ReplayRequest,
        facts: Facts,
    ) -> Result<mpsc::Receiver<Result<proto::ReplayResponse, Status>>, PastError> {
        let place = self.replays.clone().try_acquire_owned().map_err(|_| PastError::Busy)?;
        let from = request.from.map(Timestamp::from);
        let to = request.to.map_or_else(|| self.clock.now(), Timestamp::from);
        if from.is_some_and(|from| from >= to) {
            return Err(RequestError::Field { field: "to", problem: "must be after `from`" }.into());
        }
        let mut past = self.past(&caller.tenant, from, facts).await?;
        let fold = Fold::new(past.take_router(), std::mem::take(&mut past.pending));
        let found = proto::ReplayResponse {
            began_at: past.began_at.map(Timestamp::to_proto),
            began_from_snapshot: past.began_at.is_some(),
            ..proto::ReplayResponse::default()
        };
        let mut replay = Replay { past, fold, from: from.unwrap_or_default(), to, found };
        let (sender, receiver) = mpsc::channel(4);
        tokio::spawn(async move {
            let _place = place;
            while let Some(told) = replay.go_on().await {
                let done = told.done;
                // Nobody reads any more: the replay ends here.
                if sender.send(Ok(told)).await.is_err() || done {
                    return;
                }
            }
        });
        Ok(receiver)
    }
}

impl Replay {
    /// Folds a stretch of the log, and tells what is found so far.
    async fn go_on(&mut self) -> Option<proto::ReplayResponse> {
        if self.found.done {
            return None;
        }
        loop {
            let Some(received) = self.past.next().await else { break };
            // After the end only what was decided before it is read: outputs follow their inputs.
            let late = received.stored_at >= self.to;
            let is_output = received.envelope.event.subject_tokens().0 == "router";
            if late && (!is_output || self.fold.said.is_empty()) {
                if self.fold.said.is_empty() {
                    break;
                }
                continue;
            }
            if !self.take(&received) {
                break;
            }
            if self.found.folded.is_multiple_of(TELL_EVERY) {
                tokio::task::yield_now().await;
                return Some(self.found.clone());
            }
        }
        self.found.done = true;
        self.found.unwritten = self.fold.said.len() as u64;
        Some(self.found.clone())
    }

    /// False at the first difference.
    fn take(&mut self, received: &Received) -> bool {
        let found = &mut self.found;
        found.at = Some(received.stored_at.to_proto());
        found.log_sequence = received.sequence;
        found.folded += 1;
        let counts = received.stored_at >= self.from;
        let wanted = self.fold.said.front().cloned();
        match self.fold.take(received) {
            Ok(Taken::Input) => found.inputs += u64::from(counts),
            Ok(Taken::Output(bytes)) => {
                found.outputs += u64::from(counts);
                found.bytes += if counts { bytes as u64 } else { 0 };
            }
            Ok(Taken::Nothing) => {}
            Err(_) => {
                found.difference = Some(proto::ReplayDifference {
                    log_sequence: received.sequence,
                    at: Some(received.stored_at.to_proto()),
                    interaction_id: received.envelope.interaction_id.clone(),
                    logged: told(&received.envelope),
                    folded: wanted.as_ref().map(told).unwrap_or_default(),
                });
                return false;
            }
        }
        true
    }
}

/// A decision for people.
fn told(envelope: &Envelope) -> String {
    let mut text = format!("{} about {}: ", envelope.message_id, envelope.interaction_id);
    let _ = write!(text, "{:?}", envelope.event);
    match text.char_indices().nth(MOST_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
