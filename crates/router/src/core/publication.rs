//! What the fold wants to say, and how much of it the log already holds.
//!
//! Every replica keeps this, leading or not: it adds what each input leads to, and takes away what it sees in the log. A
//! leader publishes the rest in order, each with the sequence of the output before it; the log refuses a writer that has
//! missed an output, so two leaders cannot both write, and a replay writes nothing twice.

use std::{collections::VecDeque, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Names one output: the input that led to it, and the how-manieth of its outputs it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OutputId {
    /// Partition of the log.
    pub partition: u16,
    /// Sequence of the input in the log.
    pub input: u64,
    /// Counts the outputs of one input from 0.
    pub number: u32,
}

impl fmt::Display for OutputId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "router:{}:{}:{}", self.partition, self.input, self.number)
    }
}

/// The text is not `router:<partition>:<input>:<number>`.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("an output id reads router:<partition>:<input>:<number>")]
pub struct OutputIdError;

impl FromStr for OutputId {
    type Err = OutputIdError;

    fn from_str(text: &str) -> Result<Self, OutputIdError> {
        let mut parts = text.strip_prefix("router:").ok_or(OutputIdError)?.split(':');
        let (Some(partition), Some(input), Some(number), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(OutputIdError);
        };
        Ok(Self {
            partition: partition.parse().map_err(|_| OutputIdError)?,
            input: input.parse().map_err(|_| OutputIdError)?,
            number: number.parse().map_err(|_| OutputIdError)?,
        })
    }
}

/// Outputs that the log does not hold yet, as far as this replica has read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication<T> {
    partition: u16,
    pending: VecDeque<(OutputId, T)>,
    /// Sequence in the log of the last output seen there, 0: none.
    last_seen: u64,
    /// How many of `pending`, from the front, this leader has written and not yet seen.
    #[serde(skip)]
    written: usize,
    /// Sequence in the log of the last output written, if later than `last_seen`.
    #[serde(skip)]
    last_written: u64,
}

impl<T> Publication<T> {
    /// Nothing is to be said.
    pub fn new(partition: u16) -> Self {
        Self { partition, pending: VecDeque::new(), last_seen: 0, written: 0, last_written: 0 }
    }

    /// Adds what the input at `input` leads to.
    pub fn produced(&mut self, input: u64, outputs: impl IntoIterator<Item = T>) {
        for (number, output) in outputs.into_iter().enumerate() {
            let id = OutputId { partition: self.partition, input, number: number as u32 };
            self.pending.push_back((id, output));
        }
    }

    /// The log holds the output `id` at `sequence`.
    pub fn seen(&mut self, id: OutputId, sequence: u64) {
        self.last_seen = self.last_seen.max(sequence);
        while self.pending.front().is_some_and(|(pending, _)| *pending <= id) {
            self.pending.pop_front();
            self.written = self.written.saturating_sub(1);
        }
    }

    /// Everything that the log is not known to hold, in order.
    pub fn pending(&self) -> impl Iterator<Item = &(OutputId, T)> {
        self.pending.iter()
    }

    /// What a leader may write now, in order.
    pub fn unwritten(&self) -> impl Iterator<Item = &(OutputId, T)> {
        self.pending.iter().skip(self.written)
    }

    /// The sequence that the last output in the log must have for the next write to be allowed.
    pub fn expected_last(&self) -> u64 {
        self.last_seen.max(self.last_written)
    }

    /// The log has taken the output `id` at `sequence`.
    pub fn wrote(&mut self, id: OutputId, sequence: u64) {
        self.last_written = self.last_written.max(sequence);
        self.written = self.pending.partition_point(|(pending, _)| *pending <= id);
    }

    /// The log says which output it holds last, 0: none. It may have forgotten old ones.
    pub fn correct_last(&mut self, sequence: u64) {
        if sequence < self.last_seen {
            self.last_seen = sequence;
        }
        self.forget_written();
    }

    /// A write was refused or its fate is unknown: only what is seen counts.
    pub fn forget_written(&mut self) {
        self.written = 0;
        self.last_written = 0;
    }

    /// How many outputs the log is not known to hold.
    pub fn len(&self) -> usize {
        self.pending.len()
    }

    /// Whether everything was seen in the log.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{OutputId, Publication};

    fn id(input: u64, number: u32) -> OutputId {
        OutputId { partition: 3, input, number }
    }

    #[test]
    fn an_output_id_survives_its_text() {
        assert_eq!(id(7, 1).to_string(), "router:3:7:1");
        assert_eq!("router:3:7:1".parse(), Ok(id(7, 1)));
    }

    #[test]
    fn a_new_leader_writes_only_what_the_log_does_not_hold() {
        let mut publication = Publication::new(3);
        publication.produced(7, ["offer", "state"]);
        publication.produced(9, ["assigned"]);

        publication.seen(id(7, 0), 8);

        let left: Vec<_> = publication.unwritten().copied().collect();
        assert_eq!(left, [(id(7, 1), "state"), (id(9, 0), "assigned")]);
        assert_eq!(publication.expected_last(), 8);
    }

    #[test]
    fn what_was_written_and_then_refused_is_written_again() {
        let mut publication = Publication::new(3);
        publication.produced(7, ["offer", "state"]);
        publication.wrote(id(7, 0), 8);
        assert_eq!(publication.unwritten().count(), 1);
        assert_eq!(publication.expected_last(), 8);

        publication.forget_written();

        assert_eq!(publication.unwritten().count(), 2);
        assert_eq!(publication.expected_last(), 0);
    }
}
