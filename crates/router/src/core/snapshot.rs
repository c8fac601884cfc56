//! The whole state as bytes, and back: what a recovery starts from.

use contract::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Router,
    ids::MessageId,
    tenant::{Tenant, TenantSnapshot},
};

/// Changes whenever the bytes change their meaning.
const VERSION: u16 = 3;

#[derive(Serialize, Deserialize)]
struct Snapshot {
    partition: u16,
    sequence: u64,
    now: Timestamp,
    recent: Vec<MessageId>,
    tenants: Vec<TenantSnapshot>,
}

/// Why bytes are no state.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// Written by another version of the core; start from the beginning of the log, or from an older snapshot.
    #[error("the snapshot has version {found}, this build reads {VERSION}")]
    Version {
        /// As found.
        found: u16,
    },
    /// Cut short, or not a snapshot.
    #[error("the snapshot does not decode")]
    Malformed(#[source] postcard::Error),
    /// Could not be written.
    #[error("the snapshot does not encode")]
    Unwritable(#[source] postcard::Error),
}

impl Router {
    /// The state as bytes: two bytes of version, then postcard. Equal states give equal bytes.
    pub fn snapshot(&self) -> Result<Vec<u8>, RestoreError> {
        let snapshot = Snapshot {
            partition: self.partition,
            sequence: self.sequence,
            now: self.now,
            recent: self.recent.iter().collect(),
            tenants: self.tenants.iter().map(Tenant::to_snapshot).collect(),
        };
        postcard::to_extend(&snapshot, VERSION.to_le_bytes().to_vec()).map_err(RestoreError::Unwritable)
    }

    /// The router that wrote `bytes`. It goes on exactly as the writer would have.
    pub fn restore(bytes: &[u8]) -> Result<Self, RestoreError> {
        let (version, rest) = bytes
            .split_first_chunk::<2>()
            .ok_or(RestoreError::Malformed(postcard::Error::DeserializeUnexpectedEnd))?;
        let found = u16::from_le_bytes(*version);
        if found != VERSION {
            return Err(RestoreError::Version { found });
        }
        let snapshot: Snapshot = postcard::from_bytes(rest).map_err(RestoreError::Malformed)?;
        let mut router = Self::new(snapshot.partition);
        router.sequence = snapshot.sequence;
        router.now = snapshot.now;
        router.recent = snapshot.recent.into_iter().collect();
        for tenant in snapshot.tenants {
            router.tenant_of.insert(tenant.name.clone(), router.tenants.len() as u32);
            router.tenants.push(Tenant::from_snapshot(tenant));
        }
        Ok(router)
    }
}
