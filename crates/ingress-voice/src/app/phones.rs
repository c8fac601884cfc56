//! The phones agents can be rung on, in memory for the ringing, in Postgres for the next life and the other instances.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use contract::Timestamp;

use super::Voice;
use crate::{sip::ring::Target, store::registrations::Registration};

type Key = (String, String);

/// What is known of all agents' phones.
#[derive(Default)]
pub struct Phones(Mutex<HashMap<Key, Vec<Registration>>>);

impl Phones {
    /// Replaces what is known of one agent.
    pub fn set(&self, tenant: &str, agent: &str, phones: Vec<Registration>) {
        let key = (tenant.to_owned(), agent.to_owned());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if phones.is_empty() {
            all.remove(&key);
        } else {
            all.insert(key, phones);
        }
    }

    fn has_browser(&self, tenant: &str, agent: &str, now: Timestamp) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.get(&(tenant.to_owned(), agent.to_owned()));
        known.into_iter().flatten().any(|phone| phone.expires_at > now && phone.is_browser())
    }

    /// Whether this very device is known and has not expired.
    pub fn has_contact(&self, tenant: &str, agent: &str, contact: &str, now: Timestamp) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.get(&(tenant.to_owned(), agent.to_owned()));
        known.into_iter().flatten().any(|phone| phone.expires_at > now && phone.contact == contact)
    }

    fn targets(&self, tenant: &str, agent: &str, now: Timestamp) -> Vec<Target> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.get(&(tenant.to_owned(), agent.to_owned()));
        known
            .into_iter()
            .flatten()
            .filter(|phone| phone.expires_at > now)
            .filter_map(Registration::target)
            .collect()
    }
}

impl Voice {
    /// Whether a browser of the agent is ready to take calls.
    pub async fn has_browser(&self, tenant: &str, agent: &str) -> bool {
        let now = self.clock.now();
        if !self.phones.has_browser(tenant, agent, now) {
            self.refresh_phones(tenant, agent).await;
        }
        self.phones.has_browser(tenant, agent, now)
    }

    /// The phones of an agent that can be rung now. What memory does not know, Postgres may: an agent who registered
    /// with another instance, or in an earlier life of this one.
    pub async fn phones_of(&self, tenant: &str, agent: &str) -> Vec<Target> {
        let now = self.clock.now();
        let targets = self.phones.targets(tenant, agent, now);
        if !targets.is_empty() {
            return targets;
        }
        self.refresh_phones(tenant, agent).await;
        self.phones.targets(tenant, agent, now)
    }

    /// Reads one agent's phones anew.
    pub async fn refresh_phones(&self, tenant: &str, agent: &str) {
        match crate::store::registrations::of_agent(&self.db, tenant, agent, self.clock.now()).await {
            Ok(phones) => self.phones.set(tenant, agent, phones),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "registrations could not be read");
            }
        }
    }
}
