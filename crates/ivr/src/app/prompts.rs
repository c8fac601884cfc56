//! Which recording a prompt names, in memory for a moment.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use contract::Timestamp;

/// Most prompts remembered.
const MAX_REMEMBERED: usize = 4_096;

/// Tenant, key and language.
type Name = (String, String, String);

/// The recordings that prompts name; empty: none.
pub struct Prompts {
    ttl_ms: i64,
    known: Mutex<BTreeMap<Name, (String, Timestamp)>>,
}

impl Prompts {
    /// Looks them up again after `ttl_ms`.
    pub fn new(ttl_ms: i64) -> Self {
        Self { ttl_ms, known: Mutex::default() }
    }

    /// The recording, if it was looked up lately.
    pub fn get(&self, now: Timestamp, name: &Name) -> Option<String> {
        let known = self.known();
        let (audio, since) = known.get(name)?;
        (now - *since < self.ttl_ms).then(|| audio.clone())
    }

    /// Remembers it.
    pub fn put(&self, now: Timestamp, name: Name, audio: String) {
        let mut known = self.known();
        if known.len() >= MAX_REMEMBERED {
            known.clear();
        }
        known.insert(name, (audio, now));
    }

    /// Forgets the prompts of a tenant.
    pub fn forget(&self, tenant: &str) {
        self.known().retain(|(owner, _, _), _| owner != tenant);
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<Name, (String, Timestamp)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
