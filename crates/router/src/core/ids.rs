//! Names and numbers by which the core knows things.

use std::{fmt, str::FromStr};

pub use contract::Name;
use serde::{Deserialize, Serialize};

/// The 128 bits of an interaction's UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InteractionId(pub u128);

/// The 128 bits of a message's UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MessageId(pub u128);

/// Names one attempt to give an interaction to an agent: where in the log it was made, and the how-manieth there.
/// A late answer therefore names nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OfferId {
    /// Partition of the log.
    pub partition: u16,
    /// Sequence of the input that led to the offer.
    pub sequence: u64,
    /// Counts the offers of one input from 0.
    pub number: u16,
}

impl fmt::Display for OfferId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}-{}", self.partition, self.sequence, self.number)
    }
}

/// The text is not `<partition>-<sequence>-<number>`.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("an offer id reads <partition>-<sequence>-<number>")]
pub struct OfferIdError;

impl FromStr for OfferId {
    type Err = OfferIdError;

    fn from_str(text: &str) -> Result<Self, OfferIdError> {
        let mut parts = text.split('-');
        let (Some(partition), Some(sequence), Some(number), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(OfferIdError);
        };
        Ok(Self {
            partition: partition.parse().map_err(|_| OfferIdError)?,
            sequence: sequence.parse().map_err(|_| OfferIdError)?,
            number: number.parse().map_err(|_| OfferIdError)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{OfferId, OfferIdError};

    #[test]
    fn an_offer_id_survives_its_text() {
        let id = OfferId { partition: 8, sequence: 4711, number: 2 };

        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("8-4711".parse::<OfferId>(), Err(OfferIdError));
        assert_eq!("8-4711-2-1".parse::<OfferId>(), Err(OfferIdError));
    }
}
