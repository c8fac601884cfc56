//! A moment, as every core takes it: milliseconds since 1970, UTC.

use std::{fmt, ops::Sub};

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch, UTC. Ordered, cheap to copy, and never read from a clock here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// A moment `millis` after the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The moment `millis` later; earlier when negative. Saturates.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// The protobuf form.
    pub const fn to_proto(self) -> prost_types::Timestamp {
        prost_types::Timestamp {
            seconds: self.0.div_euclid(1000),
            nanos: (self.0.rem_euclid(1000) * 1_000_000) as i32,
        }
    }

    /// From the protobuf form, cut to the millisecond. Saturates.
    pub const fn from_proto(proto: &prost_types::Timestamp) -> Self {
        Self(proto.seconds.saturating_mul(1000).saturating_add((proto.nanos / 1_000_000) as i64))
    }
}

impl Sub for Timestamp {
    type Output = i64;

    /// Milliseconds from `earlier` to `self`.
    fn sub(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl From<Timestamp> for prost_types::Timestamp {
    fn from(moment: Timestamp) -> Self {
        moment.to_proto()
    }
}

impl From<prost_types::Timestamp> for Timestamp {
    fn from(proto: prost_types::Timestamp) -> Self {
        Self::from_proto(&proto)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.to_proto())
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn a_moment_before_the_epoch_survives_the_protobuf_form() {
        let moment = Timestamp::from_millis(-1_500);

        let proto = moment.to_proto();

        assert_eq!((proto.seconds, proto.nanos), (-2, 500_000_000));
        assert_eq!(Timestamp::from_proto(&proto), moment);
    }

    #[test]
    fn a_moment_reads_as_rfc_3339() {
        assert_eq!(Timestamp::from_millis(1_700_000_000_123).to_string(), "2023-11-14T22:13:20.123Z");
    }
}
