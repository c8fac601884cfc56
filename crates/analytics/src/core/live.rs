//! How one centre stands now, and today so far.
//!
//! [`Live`] is fed with what is known of each queue, agent, profile and interaction, in any order; feeding replaces
//! what was known before, so that doubled news change nothing and the figures depend on the latest news only. What
//! ticks (waits, times in state) leaves as the moment it began.
//!
//! Whose day: a stay counts on the day it entered the queue, finished work on the day it was finished; who waits or is
//! being served counts whatever the day.

use std::collections::{BTreeMap, BTreeSet};

use contract::Timestamp;

use super::{
    kpi::{Counts, ServiceLevel, average_handling, average_speed_of_answer},
    visit::{Figures, Handled, Outcome, Stay},
};

/// Answered within this counts as in time when the queue does not say: 20 s.
pub const DEFAULT_WITHIN: i64 = 20_000;

/// `switchboard.router.v1.AgentState`, as far as figures tell agents apart.
mod state {
    pub const OFFLINE: i32 = 1;
    pub const READY: i32 = 3;
    pub const OFFERED: i32 = 4;
    pub const BUSY: i32 = 5;
    pub const WRAP_UP: i32 = 6;
}

/// What is known of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// For people.
    pub name: String,
    /// Answered within this many milliseconds counts as in time.
    pub within: i64,
    /// Takes no more work.
    pub removed: bool,
}

/// What is known of an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agent {
    /// For people.
    pub name: String,
    /// Key of the routing profile, which says what queues they serve.
    pub profile: String,
    /// Takes no more work.
    pub removed: bool,
    /// `switchboard.router.v1.AgentStatus`, 0 when they never declared one.
    pub status: i32,
    /// Why away.
    pub aux_code: String,
    /// `switchboard.router.v1.AgentState`, 0 as for the status.
    pub state: i32,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Channel, used, slots.
    pub loads: Vec<(i32, i32, i32)>,
}

/// How a queue stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueueView {
    pub queue: String,
    pub name: String,
    pub waiting: u64,
    pub oldest_queued_at: Option<Timestamp>,
    pub counts: Counts,
    pub service_level: Option<f64>,
    /// Milliseconds, as the next two.
    pub within: i64,
    pub average_wait: Option<f64>,
    pub average_handling: Option<f64>,
    pub in_progress: u64,
    pub agents_ready: u64,
    pub agents_busy: u64,
    pub agents_staffed: u64,
}

/// How an agent stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentView {
    pub key: String,
    pub agent: Agent,
    pub handled_today: u64,
}

/// How the centre stands; queues and agents by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    pub queues: Vec<QueueView>,
    pub agents: Vec<AgentView>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Totals {
    counts: Counts,
    waits: u64,
    handled: u64,
    talk: u64,
    wrap_up: u64,
    waiting: BTreeSet<(Timestamp, String)>,
    in_progress: u64,
}

/// One centre.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Live {
    day: Timestamp,
    queues: BTreeMap<String, Queue>,
    agents: BTreeMap<String, Agent>,
    profiles: BTreeMap<String, BTreeSet<String>>,
    interactions: BTreeMap<String, Figures>,
    totals: BTreeMap<String, Totals>,
    handled: BTreeMap<String, u64>,
}

impl Live {
    /// A centre of which nothing is known, on the day that began at `day`.
    pub fn new(day: Timestamp) -> Self {
        Self { day, ..Self::default() }
    }

    /// When the day began that the figures are of.
    pub fn day(&self) -> Timestamp {
        self.day
    }

    /// Begins another day: figures start again, who waits or works stays.
    pub fn begin_day(&mut self, day: Timestamp) {
        self.day = day;
        self.interactions.retain(|_, figures| concerns(figures, day));
        self.recount();
    }

    /// News of a queue.
    pub fn put_queue(&mut self, key: &str, queue: Queue) {
        let before = self.queues.insert(key.to_owned(), queue);
        if before.map(|queue| queue.within) != self.queues.get(key).map(|queue| queue.within) {
            self.recount();
        }
    }

    /// News of an agent.
    pub fn put_agent(&mut self, key: &str, agent: Agent) {
        self.agents.insert(key.to_owned(), agent);
    }

    /// News of a profile: the queues its agents serve.
    pub fn put_profile(&mut self, key: &str, queues: BTreeSet<String>) {
        self.profiles.insert(key.to_owned(), queues);
    }

    /// News of an interaction: all it adds to the figures, instead of what it added before.
    pub fn put_interaction(&mut self, id: &str, figures: Figures) {
        if let Some(before) = self.interactions.remove(id) {
            if before == figures {
                self.interactions.insert(id.to_owned(), before);
                return;
            }
            self.count(id, &before, false);
        }
        if concerns(&figures, self.day) {
            self.count(id, &figures, true);
            self.interactions.insert(id.to_owned(), figures);
        }
    }

    /// How many interactions are held in memory.
    pub fn len(&self) -> usize {
        self.interactions.len()
    }

    /// True when nothing happened today and nobody waits.
    pub fn is_empty(&self) -> bool {
        self.interactions.is_empty()
    }

    /// How everything stands. Removed queues are shown while somebody waits in them or they had work today.
    pub fn view(&self) -> View {
        let nothing = Totals::default();
        let mut keys: BTreeSet<&String> =
            self.queues.iter().filter(|(_, queue)| !queue.removed).map(|(k, _)| k).collect();
        keys.extend(self.totals.iter().filter(|(_, totals)| **totals != nothing).map(|(key, _)| key));
        let queues =
            keys.into_iter().map(|key| self.queue_view(key, self.totals.get(key).unwrap_or(&nothing)));
        let agents = self.agents.iter().filter(|(_, agent)| !agent.removed).map(|(key, agent)| AgentView {
            key: key.clone(),
            agent: agent.clone(),
            handled_today: self.handled.get(key).copied().unwrap_or(0),
        });
        View { queues: queues.collect(), agents: agents.collect() }
    }

    fn queue_view(&self, key: &str, totals: &Totals) -> QueueView {
        let queue = self.queues.get(key);
        let mut view = QueueView {
            queue: key.to_owned(),
            name: queue.map_or(key, |queue| queue.name.as_str()).to_owned(),
            waiting: totals.waiting.len() as u64,
            oldest_queued_at: totals.waiting.first().map(|(queued_at, _)| *queued_at),
            counts: totals.counts,
            service_level: ServiceLevel::default().of(&totals.counts),
            within: self.within(key),
            average_wait: average_speed_of_answer(totals.waits, totals.counts.answered),
            average_handling: average_handling(totals.talk, 0, totals.wrap_up, totals.handled),
            in_progress: totals.in_progress,
            ..QueueView::default()
        };
        for agent in self.agents.values().filter(|agent| !agent.removed) {
            let serves = self.profiles.get(&agent.profile).is_some_and(|queues| queues.contains(key));
            if serves {
                view.agents_staffed += u64::from(agent.state > state::OFFLINE);
                view.agents_ready += u64::from(agent.state == state::READY);
                view.agents_busy +=
                    u64::from(matches!(agent.state, state::OFFERED | state::BUSY | state::WRAP_UP));
            }
        }
        view
    }

    fn within(&self, queue: &str) -> i64 {
        self.queues.get(queue).map_or(DEFAULT_WITHIN, |queue| queue.within)
    }

    fn recount(&mut self) {
        self.totals.clear();
        self.handled.clear();
        let interactions = std::mem::take(&mut self.interactions);
        for (id, figures) in &interactions {
            self.count(id, figures, true);
        }
        self.interactions = interactions;
    }

    /// Adds what an interaction adds, or takes it away again.
    fn count(&mut self, id: &str, figures: &Figures, add: bool) {
        for stay in &figures.stays {
            self.count_stay(id, stay, figures.closed, add);
        }
        if let Some(handled) = &figures.handled
            && handled.at >= self.day
        {
            self.count_handled(handled, add);
        }
    }

    fn count_stay(&mut self, id: &str, stay: &Stay, closed: bool, add: bool) {
        let within = self.within(&stay.queue);
        let day = self.day;
        let totals = self.totals.entry(stay.queue.clone()).or_default();
        match stay.outcome {
            Outcome::Waiting if add => {
                totals.waiting.insert((stay.queued_at, id.to_owned()));
            }
            Outcome::Waiting => {
                totals.waiting.remove(&(stay.queued_at, id.to_owned()));
            }
            Outcome::Assigned | Outcome::Answered { ongoing: true, .. } if !closed => {
                change(&mut totals.in_progress, 1, add);
            }
            _ => {}
        }
        if stay.queued_at < day || stay.callback {
            return;
        }
        let counts = &mut totals.counts;
        change(&mut counts.offered, 1, add);
        match stay.outcome {
            Outcome::Waiting | Outcome::Assigned => {}
            Outcome::Answered { wait, .. } => {
                change(&mut counts.answered, 1, add);
                change(&mut counts.answered_in_time, u64::from(wait <= within), add);
                change(&mut totals.waits, wait.unsigned_abs(), add);
            }
            Outcome::Abandoned { wait } => {
                change(&mut counts.abandoned, 1, add);
                change(&mut counts.abandoned_in_time, u64::from(wait <= within), add);
            }
            Outcome::FlowedOut { wait } => {
                change(&mut counts.flowed_out, 1, add);
                change(&mut counts.flowed_out_in_time, u64::from(wait <= within), add);
            }
        }
    }

    fn count_handled(&mut self, handled: &Handled, add: bool) {
        change(self.handled.entry(handled.agent.clone()).or_default(), 1, add);
        let totals = self.totals.entry(handled.queue.clone()).or_default();
        change(&mut totals.handled, 1, add);
        change(&mut totals.talk, handled.talk.unsigned_abs(), add);
        change(&mut totals.wrap_up, handled.wrap_up.unsigned_abs(), add);
    }
}

/// Whether an interaction adds anything to the figures of the day that began at `day`.
fn concerns(figures: &Figures, day: Timestamp) -> bool {
    figures.is_open()
        || figures.stays.iter().any(|stay| stay.queued_at >= day)
        || figures.handled.as_ref().is_some_and(|handled| handled.at >= day)
}

fn change(count: &mut u64, by: u64, add: bool) {
    *count = if add { count.saturating_add(by) } else { count.saturating_sub(by) };
}

#[cfg(test)]
#[path = "live_tests.rs"]
mod tests;
