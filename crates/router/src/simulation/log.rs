//! The log as the bus keeps it: numbered, stamped, and fenced for outputs.

use contract::Timestamp;

use crate::core::{Effect, Input, MessageId, publication::OutputId};

#[derive(Clone, Debug)]
pub(super) enum Body {
    Input(Input),
    Output(OutputId, Effect),
}

#[derive(Clone, Debug)]
pub(super) struct Message {
    pub sequence: u64,
    pub at: Timestamp,
    pub message: MessageId,
    pub body: Body,
}

/// The log refused an output: the writer has missed one.
#[derive(Debug)]
pub(super) struct Refused;

/// How many of the last messages the log compares a new output with.
const DEDUPLICATED: usize = 10;

#[derive(Default)]
pub(super) struct Log {
    entries: Vec<Message>,
    last_output: u64,
    last_at: Timestamp,
}

impl Log {
    pub(super) fn entries(&self) -> &[Message] {
        &self.entries
    }

    pub(super) fn append(&mut self, at: Timestamp, message: MessageId, body: Body) -> u64 {
        let sequence = self.entries.len() as u64 + 1;
        self.last_at = self.last_at.max(at);
        self.entries.push(Message { sequence, at: self.last_at, message, body });
        sequence
    }

    /// Takes an output unless another was taken after `expected_last`. One that it holds already is not taken again.
    pub(super) fn append_output(
        &mut self,
        at: Timestamp,
        id: OutputId,
        effect: Effect,
        expected_last: u64,
    ) -> Result<u64, Refused> {
        let known = self
            .entries
            .iter()
            .rev()
            .take(DEDUPLICATED)
            .find(|entry| matches!(&entry.body, Body::Output(held, _) if *held == id));
        if let Some(known) = known {
            return Ok(known.sequence);
        }
        if expected_last != self.last_output {
            return Err(Refused);
        }
        self.last_output = self.append(at, MessageId(0), Body::Output(id, effect));
        Ok(self.last_output)
    }
}
