//! Whether a process can do its work: for probes, people and load balancers.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// What a service and the chassis report about themselves.
#[derive(Clone, Default)]
pub struct Health(Arc<Mutex<BTreeMap<String, String>>>);

impl Health {
    /// Reports that a part is well.
    pub fn well(&self, part: &str) {
        self.lock().remove(part);
    }

    /// Reports why a part keeps the process from being ready.
    pub fn ill(&self, part: &str, reason: impl Into<String>) {
        self.lock().insert(part.to_owned(), reason.into());
    }

    /// Parts that are not well, with the reason; empty: ready.
    pub fn problems(&self) -> BTreeMap<String, String> {
        self.lock().clone()
    }

    /// True when every part is well.
    pub fn is_ready(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
