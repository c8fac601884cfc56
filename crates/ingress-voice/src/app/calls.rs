//! The calls this process holds, found by interaction.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::mpsc;

use crate::{core::call::Input, metrics};

/// Messages that may wait for one call.
pub const MAILBOX: usize = 64;

/// The way to one call.
#[derive(Clone)]
pub struct CallHandle {
    /// Whose call it is now, and which lines are in it.
    pub whereabouts: Arc<Mutex<Whereabouts>>,
    /// Its tenant.
    pub tenant: String,
    /// The customer's number, or empty.
    pub phone: String,
    /// Takes what happens to it.
    pub mailbox: mpsc::Sender<super::call::Note>,
}

/// What a call is looked for by; its task keeps it up to date.
#[derive(Debug, Default)]
pub struct Whereabouts {
    /// The agent on the line, or empty.
    pub agent: String,
    /// Call-IDs of the dialogs of its telephones.
    pub lines: Vec<String>,
}

impl CallHandle {
    /// Whether an agent of this name is in it.
    #[must_use]
    pub fn is_agents(&self, agent: &str) -> bool {
        self.whereabouts.lock().unwrap_or_else(PoisonError::into_inner).agent == agent
    }

    fn has_line(&self, call_id: &str) -> bool {
        let known = self.whereabouts.lock().unwrap_or_else(PoisonError::into_inner);
        known.lines.iter().any(|line| line == call_id)
    }
}

/// All calls of this process.
#[derive(Default)]
pub struct Calls(Mutex<HashMap<String, CallHandle>>);

impl Calls {
    /// Adds a call.
    pub fn insert(&self, interaction_id: &str, call: CallHandle) {
        self.lock().insert(interaction_id.to_owned(), call);
        self.report();
    }

    /// Forgets a call.
    pub fn remove(&self, interaction_id: &str) {
        self.lock().remove(interaction_id);
        self.report();
    }

    /// The way to a call, if it is held here.
    pub fn get(&self, interaction_id: &str) -> Option<CallHandle> {
        self.lock().get(interaction_id).cloned()
    }

    /// Tells a call what happened. `false` when it is not held here or does not keep up.
    pub fn tell(&self, interaction_id: &str, input: Input) -> bool {
        let Some(call) = self.get(interaction_id) else { return false };
        let told = call.mailbox.try_send(super::call::Note::Input(input)).is_ok();
        if !told {
            tracing::warn!(interaction.id = interaction_id, "a call's mailbox is full or closed");
        }
        told
    }

    /// The calls in which an agent of this name is, of any tenant.
    pub fn of_agent(&self, agent: &str) -> Vec<CallHandle> {
        self.lock().values().filter(|call| call.is_agents(agent)).cloned().collect()
    }

    /// The call that has a line with this Call-ID.
    pub fn of_line(&self, call_id: &str) -> Option<CallHandle> {
        self.lock().values().find(|call| call.has_line(call_id)).cloned()
    }

    /// The calls of a customer.
    pub fn of_phone(&self, tenant: &str, phone: &str) -> Vec<CallHandle> {
        let of = |call: &&CallHandle| !phone.is_empty() && call.phone == phone && call.tenant == tenant;
        self.lock().values().filter(of).cloned().collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// None at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Tells all of them.
    pub fn tell_all(&self, input: &Input) {
        let all: Vec<String> = self.lock().keys().cloned().collect();
        for interaction_id in all {
            self.tell(&interaction_id, input.clone());
        }
    }

    fn report(&self) {
        metrics::LIVE_CALLS.with_label_values::<&str>(&[]).set(self.len() as i64);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, CallHandle>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
