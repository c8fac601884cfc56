//! Where a customer stands in a flow, as bytes that travel with the interaction.
//!
//! Layout: `SF`, the number of the format, postcard of the fields, FNV-1a of all that as 4 bytes, little endian. The sum
//! finds damage and bytes of somebody else, it does not guard against forgery: only services hold sessions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Longest session, bytes.
pub const MAX_BYTES: usize = 16 * 1024;

/// Most flows that wait for a flow they run.
pub const MAX_DEPTH: usize = 8;
/// Most variables.
pub const MAX_VARIABLES: usize = 40;
/// Longest value of a variable, bytes.
pub const MAX_VALUE: usize = 300;

const MARK: [u8; 2] = *b"SF";
/// 1 had no language, variables or outer flows; it is still read.
const FORMAT: u8 = 2;

/// Where a customer stands in a flow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Slug of the tenant.
    pub tenant: String,
    /// Key of the flow.
    pub flow: String,
    /// The version it began with, and keeps.
    pub version: i32,
    /// Where in it.
    pub place: Place,
    /// BCP 47; empty: the language the flow is written in.
    pub language: String,
    /// What was learned, by name.
    pub variables: BTreeMap<String, String>,
    /// The flows that wait for this one, outermost first.
    pub outer: Vec<Frame>,
    /// Counts the inputs, so that two that look alike can be told apart.
    pub turn: u32,
}

/// A flow that waits for one that it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Key of the flow.
    pub flow: String,
    /// The version the customer began.
    pub version: i32,
    /// Key of the step it goes on with.
    pub next: String,
}

/// Format 1.
#[derive(Deserialize)]
struct First {
    tenant: String,
    flow: String,
    version: i32,
    place: Place,
}

/// What the flow waits for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// The answer to this step.
    Waiting {
        /// Key of the step.
        step: String,
        /// Wrong or missing answers so far.
        misses: u32,
    },
    /// Nothing: it handed over or ended.
    #[default]
    Done,
    /// Whether the answer to this step was heard aright.
    Confirming {
        /// Key of the step.
        step: String,
        /// Wrong or missing answers so far.
        misses: u32,
        /// The answer, as it would be in writing.
        meant: String,
    },
}

/// Why bytes are no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// Longer than [`MAX_BYTES`].
    #[error("has {0} bytes, may have {MAX_BYTES}")]
    TooLong(usize),
    /// Not made by this service, or damaged on the way.
    #[error("is not a session of a flow")]
    Foreign,
    /// Made by a build with another format.
    #[error("has the unknown format {0}")]
    Format(u8),
    /// Of another tenant.
    #[error("belongs to another tenant")]
    Tenant,
}

impl Session {
    /// The bytes that travel.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![MARK[0], MARK[1], FORMAT];
        // Writing plain fields to memory does not fail; were it to, the empty body would be refused when read.
        bytes.extend(postcard::to_stdvec(self).unwrap_or_default());
        bytes.extend(sum(&bytes).to_le_bytes());
        bytes
    }

    /// Reads bytes that came back, for a caller of `tenant`.
    pub fn decode(bytes: &[u8], tenant: &str) -> Result<Self, SessionError> {
        if bytes.len() > MAX_BYTES {
            return Err(SessionError::TooLong(bytes.len()));
        }
        let (content, expected) = bytes.split_last_chunk::<4>().ok_or(SessionError::Foreign)?;
        if sum(content) != u32::from_le_bytes(*expected) {
            return Err(SessionError::Foreign);
        }
        let session = match content.strip_prefix(&MARK).and_then(<[u8]>::split_first) {
            Some((1, body)) => postcard::from_bytes(body).map(Self::of_first),
            Some((&FORMAT, body)) => postcard::from_bytes(body),
            Some((&format, _)) => return Err(SessionError::Format(format)),
            None => return Err(SessionError::Foreign),
        };
        let session: Self = session.map_err(|_| SessionError::Foreign)?;
        if session.tenant == tenant { Ok(session) } else { Err(SessionError::Tenant) }
    }

    fn of_first(first: First) -> Self {
        let First { tenant, flow, version, place } = first;
        Self { tenant, flow, version, place, ..Self::default() }
    }
}

fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Frame, MAX_BYTES, MAX_DEPTH, MAX_VALUE, MAX_VARIABLES, Place, Session, SessionError};

    fn session() -> Session {
        Session {
            tenant: "demo".into(),
            flow: "main".into(),
            version: 7,
            place: Place::Waiting { step: "menu".into(), misses: 2 },
            language: "de".into(),
            variables: [("account".to_owned(), "1234".to_owned())].into(),
            outer: vec![Frame { flow: "outer".into(), version: 1, next: "bye".into() }],
            turn: 3,
        }
    }

    #[test]
    fn a_session_of_the_first_format_is_still_read() {
        // `demo`, `main`, version 7, waiting at `menu` after 2 misses, as the first build wrote it.
        let mut bytes = b"SF\x01\x04demo\x04main\x0e\x00\x04menu\x02".to_vec();
        bytes.extend(super::sum(&bytes).to_le_bytes());

        let read = Session::decode(&bytes, "demo").unwrap();

        assert_eq!(read.place, session().place);
        assert_eq!((read.version, read.variables.len()), (7, 0));
    }

    #[test]
    fn the_largest_session_fits() {
        let mut largest = session();
        largest.variables =
            (0..MAX_VARIABLES).map(|n| (format!("{n:0>32}"), "x".repeat(MAX_VALUE))).collect();
        largest.outer = vec![Frame { flow: "f".repeat(63), version: 1, next: "s".repeat(63) }; MAX_DEPTH];

        assert!(largest.encode().len() <= MAX_BYTES);
    }

    #[test]
    fn a_session_survives_the_journey() {
        assert_eq!(Session::decode(&session().encode(), "demo"), Ok(session()));
    }

    #[test]
    fn a_session_of_another_tenant_is_refused() {
        assert_eq!(Session::decode(&session().encode(), "acme"), Err(SessionError::Tenant));
    }

    #[test]
    fn what_is_too_long_or_of_another_format_says_so() {
        let mut newer = session().encode();
        newer[2] = 9;
        let end = newer.len() - 4;
        let sum = super::sum(&newer[..end]).to_le_bytes();
        newer[end..].copy_from_slice(&sum);

        assert_eq!(Session::decode(&newer, "demo"), Err(SessionError::Format(9)));
        assert_eq!(
            Session::decode(&vec![0; MAX_BYTES + 1], "demo"),
            Err(SessionError::TooLong(MAX_BYTES + 1))
        );
        assert_eq!(Session::decode(&[], "demo"), Err(SessionError::Foreign));
    }

    proptest! {
        #[test]
        fn garbage_is_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Session::decode(&bytes, "demo").is_err());
        }

        #[test]
        fn damage_is_found(place in 0..20_usize, bit in 0..8_u8) {
            let mut bytes = session().encode();
            let place = place % bytes.len();
            bytes[place] ^= 1 << bit;

            prop_assert!(Session::decode(&bytes, "demo").is_err());
        }
    }
}
