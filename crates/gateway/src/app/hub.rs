//! One reader of the bus for the whole process, fanned out to the open desktops. No desktop can hold up another: one whose
//! buffer is full has its stream closed and opens it again.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chassis::Received;
use contract::{Event, Timestamp, gateway::v1::DesktopEvent};
use tokio::sync::{mpsc, watch};

use super::watch::translate;
use crate::{
    core::{interest::Interests, parked::ParkedCalls, recent::Recent},
    metrics::{EVENTS, WATCHES, WATCHES_ENDED},
};

/// How long a revoked session is remembered: longer than any access token of it is good for.
const REVOKED_MS: i64 = 60 * 60 * 1_000;
const REVOKED_MOST: usize = 20_000;

/// Why a stream is closed from this side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It did not take what was sent fast enough.
    Lagging,
    /// The agent opened too many others.
    Crowded,
    /// The session was revoked.
    Session,
    /// The bus is followed anew: facts may have been missed.
    Bus,
}

impl Closed {
    /// Label of the metric.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Lagging => "lagging",
            Self::Crowded => "crowded",
            Self::Session => "session",
            Self::Bus => "bus",
        }
    }
}

/// A fact on its way to a desktop.
#[derive(Clone, Debug)]
pub struct Passed {
    pub event: Arc<DesktopEvent>,
    /// True when it names the agent or an interaction they hold; others are sent only while a stream opens.
    pub concerns: bool,
}

struct Watcher {
    tenant: String,
    agent: String,
    session: String,
    sender: mpsc::Sender<Passed>,
    closed: Arc<watch::Sender<Option<Closed>>>,
    opening: bool,
}

#[derive(Default)]
struct Tenant {
    interests: Interests,
    watchers: BTreeSet<u64>,
}

struct State {
    next: u64,
    watchers: BTreeMap<u64, Watcher>,
    tenants: BTreeMap<String, Tenant>,
    revoked: Recent<()>,
    parked: ParkedCalls,
}

/// The open desktops of this process.
#[derive(Clone)]
pub struct Hub {
    state: Arc<Mutex<State>>,
    following: watch::Sender<bool>,
    buffer: usize,
    per_agent: usize,
}

/// An open stream. Dropping it ends the interest.
pub struct Open {
    hub: Hub,
    id: u64,
    pub facts: mpsc::Receiver<Passed>,
    pub closed: watch::Receiver<Option<Closed>>,
}

impl Hub {
    /// No desktop yet; `buffer` facts may wait for each, and an agent may have `per_agent` of them.
    pub fn new(buffer: usize, per_agent: usize) -> Self {
        let state = State {
            next: 0,
            watchers: BTreeMap::new(),
            tenants: BTreeMap::new(),
            revoked: Recent::new(REVOKED_MS, REVOKED_MOST),
            parked: ParkedCalls::default(),
        };
        Self { state: Arc::new(Mutex::new(state)), following: watch::Sender::new(false), buffer, per_agent }
    }

    /// Opens a stream. Until [`Open::opened`] it gets all facts of the tenant, so that nothing falls between snapshot and
    /// events.
    pub fn open(&self, tenant: &str, agent: &str, session: &str) -> Open {
        let (sender, facts) = mpsc::channel(self.buffer);
        let closed = Arc::new(watch::Sender::new(None));
        let receiver = closed.subscribe();
        let mut state = self.lock();
        state.crowd_out(tenant, agent, self.per_agent);
        let id = state.next;
        state.next += 1;
        let at = state.tenants.entry(tenant.to_owned()).or_default();
        at.interests.watch(agent);
        at.watchers.insert(id);
        let watcher = Watcher {
            tenant: tenant.to_owned(),
            agent: agent.to_owned(),
            session: session.to_owned(),
            sender,
            closed,
            opening: true,
        };
        state.watchers.insert(id, watcher);
        WATCHES.with_label_values::<&str>(&[]).inc();
        drop(state);
        Open { hub: self.clone(), id, facts, closed: receiver }
    }

    /// Hands a fact to everyone it concerns.
    pub fn pass(&self, received: &Received) {
        let envelope = &received.envelope;
        let mut state = self.lock();
        if let Event::SessionRevoked(fact) = &envelope.event {
            state.revoked.put(received.stored_at, &fact.session_id, ());
            state.close(Closed::Session, |watcher| watcher.session == fact.session_id);
            return;
        }
        let (tenant, interaction) = (&envelope.tenant_id, &envelope.interaction_id);
        let all = state.parked.tells_all(tenant, interaction, &envelope.event);
        let Some(tenant) = state.tenants.get_mut(tenant) else { return };
        let Some(event) = translate(envelope) else { return };
        let event = Arc::new(event);
        let concerned = tenant.interests.concerned(&envelope.interaction_id, &envelope.event);
        let ids = tenant.watchers.clone();
        let mut lagging = BTreeSet::new();
        for id in ids {
            let Some(watcher) = state.watchers.get(&id) else { continue };
            let concerns = all || concerned.contains(&watcher.agent);
            if !concerns && !watcher.opening {
                continue;
            }
            match watcher.sender.try_send(Passed { event: Arc::clone(&event), concerns }) {
                Ok(()) if concerns => EVENTS.with_label_values(&[envelope.event.subject_tokens().1]).inc(),
                Ok(()) => {}
                Err(_) => {
                    lagging.insert(id);
                }
            }
        }
        for id in lagging {
            state.close_one(id, Closed::Lagging);
        }
    }

    /// The bus is followed from now on. Streams opened before may have missed facts.
    pub fn following(&self, following: bool) {
        if following {
            self.lock().close(Closed::Bus, |_| true);
        }
        self.following.send_replace(following);
    }

    /// Waits until the bus is followed.
    pub async fn ready(&self) {
        let mut following = self.following.subscribe();
        let _ = following.wait_for(|following| *following).await;
    }

    /// True when the session ended before its time, as far as this process has heard.
    pub fn is_revoked(&self, now: Timestamp, session: &str) -> bool {
        !session.is_empty() && self.lock().revoked.get(now, session).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Makes room for one more stream of an agent.
    fn crowd_out(&mut self, tenant: &str, agent: &str, most: usize) {
        let theirs: Vec<u64> = self
            .watchers
            .iter()
            .filter(|(_, watcher)| watcher.tenant == tenant && watcher.agent == agent)
            .map(|(id, _)| *id)
            .collect();
        for id in theirs.iter().take((theirs.len() + 1).saturating_sub(most)) {
            self.close_one(*id, Closed::Crowded);
        }
    }

    fn close(&mut self, why: Closed, which: impl Fn(&Watcher) -> bool) {
        let ids: Vec<u64> =
            self.watchers.iter().filter(|(_, watcher)| which(watcher)).map(|(id, _)| *id).collect();
        for id in ids {
            self.close_one(id, why);
        }
    }

    fn close_one(&mut self, id: u64, why: Closed) {
        if let Some(watcher) = self.watchers.get(&id) {
            watcher.closed.send_replace(Some(why));
        }
        if self.remove(id) {
            WATCHES_ENDED.with_label_values(&[why.label()]).inc();
        }
    }

    fn remove(&mut self, id: u64) -> bool {
        let Some(watcher) = self.watchers.remove(&id) else { return false };
        WATCHES.with_label_values::<&str>(&[]).dec();
        let still = self
            .watchers
            .values()
            .any(|other| other.tenant == watcher.tenant && other.agent == watcher.agent);
        if let Some(tenant) = self.tenants.get_mut(&watcher.tenant) {
            tenant.watchers.remove(&id);
            if !still {
                tenant.interests.unwatch(&watcher.agent);
            }
            if tenant.watchers.is_empty() {
                self.tenants.remove(&watcher.tenant);
            }
        }
        true
    }
}

impl Open {
    /// The snapshot is taken: from now on only what concerns the agent, who holds these interactions.
    pub fn opened(&self, interactions: impl IntoIterator<Item = String>) {
        let mut state = self.hub.lock();
        let Some(watcher) = state.watchers.get_mut(&self.id) else { return };
        watcher.opening = false;
        let (tenant, agent) = (watcher.tenant.clone(), watcher.agent.clone());
        if let Some(tenant) = state.tenants.get_mut(&tenant) {
            tenant.interests.hold(&agent, interactions);
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if self.hub.lock().remove(self.id) {
            WATCHES_ENDED.with_label_values(&["left"]).inc();
        }
    }
}

#[cfg(test)]
mod tests {
    use chassis::Received;
    use contract::{
        Envelope, Event, Timestamp,
        directory::v1::SessionRevoked,
        interaction::v1::{CallParked, InteractionEnded, MessageAdded},
        router::v1::InteractionAssigned,
    };

    use super::{Closed, Hub};

    fn fact(tenant: &str, interaction: &str, event: impl Into<Event>) -> Received {
        let envelope = Envelope {
            message_id: "m".to_owned(),
            tenant_id: tenant.to_owned(),
            interaction_id: interaction.to_owned(),
            causation_id: String::new(),
            occurred_at: Timestamp::from_millis(1),
            producer: String::new(),
            traceparent: String::new(),
            event: event.into(),
        };
        Received { envelope, subject: String::new(), sequence: 1, stored_at: Timestamp::from_millis(1) }
    }

    fn assigned(agent: &str) -> InteractionAssigned {
        InteractionAssigned { agent_id: agent.to_owned(), ..InteractionAssigned::default() }
    }

    #[test]
    fn a_desktop_that_lags_is_closed_and_the_others_go_on() {
        let hub = Hub::new(4, 8);
        let slow = hub.open("demo", "ann", "s1");
        let mut quick = hub.open("demo", "ann", "s2");
        slow.opened([]);
        quick.opened([]);

        for _ in 0..6 {
            hub.pass(&fact("demo", "chat", assigned("ann")));
            assert!(quick.facts.try_recv().is_ok_and(|passed| passed.concerns));
        }

        assert_eq!(*slow.closed.borrow(), Some(Closed::Lagging));
        assert_eq!(*quick.closed.borrow(), None);
    }

    #[test]
    fn another_tenants_facts_are_never_passed() {
        let hub = Hub::new(4, 8);
        let mut open = hub.open("demo", "ann", "s1");

        hub.pass(&fact("acme", "chat", assigned("ann")));

        assert!(open.facts.try_recv().is_err());
    }

    #[test]
    fn while_a_stream_opens_it_gets_everything_and_is_told_what_concerns_it() {
        let hub = Hub::new(4, 8);
        let mut open = hub.open("demo", "ann", "s1");

        hub.pass(&fact("demo", "chat", MessageAdded::default()));
        open.opened(["chat".to_owned()]);
        hub.pass(&fact("demo", "chat", MessageAdded::default()));
        hub.pass(&fact("demo", "other", MessageAdded::default()));

        let passed: Vec<bool> =
            std::iter::from_fn(|| open.facts.try_recv().ok()).map(|passed| passed.concerns).collect();
        assert_eq!(passed, [false, true]);
    }

    #[test]
    fn everybody_hears_that_a_call_is_parked_and_of_its_end_then() {
        let hub = Hub::new(4, 8);
        let mut open =
            [hub.open("demo", "ann", "s1"), hub.open("demo", "bob", "s2"), hub.open("acme", "cy", "s3")];
        for open in &open {
            open.opened([]);
        }

        hub.pass(&fact("demo", "other", InteractionEnded::default()));
        hub.pass(&fact("demo", "call", CallParked::default()));
        hub.pass(&fact("demo", "call", InteractionEnded::default()));

        let heard = open.each_mut().map(|open| std::iter::from_fn(|| open.facts.try_recv().ok()).count());
        assert_eq!(heard, [2, 2, 0]);
    }

    #[test]
    fn a_revoked_session_loses_its_streams() {
        let hub = Hub::new(4, 8);
        let revoked = hub.open("demo", "ann", "s1");
        let other = hub.open("demo", "bob", "s2");

        hub.pass(&fact("demo", "", SessionRevoked { session_id: "s1".to_owned() }));

        assert_eq!(*revoked.closed.borrow(), Some(Closed::Session));
        assert_eq!(*other.closed.borrow(), None);
        assert!(hub.is_revoked(Timestamp::from_millis(2), "s1"));
        assert!(!hub.is_revoked(Timestamp::from_millis(2), "s2"));
    }

    #[test]
    fn one_tab_too_many_closes_the_oldest() {
        let hub = Hub::new(4, 2);
        let first = hub.open("demo", "ann", "s1");
        let second = hub.open("demo", "ann", "s1");
        let third = hub.open("demo", "ann", "s1");

        assert_eq!(*first.closed.borrow(), Some(Closed::Crowded));
        assert_eq!((*second.closed.borrow(), *third.closed.borrow()), (None, None));
    }
}
