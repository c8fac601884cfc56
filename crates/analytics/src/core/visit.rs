//! The visits of one interaction to queues, from its facts in stream order.

use contract::Timestamp;
use serde::{Deserialize, Serialize};

/// Most queues one interaction is counted in; what comes later is counted in the last.
const MOST_VISITS: usize = 32;
/// `switchboard.interaction.v1.EndReason`: what takes a customer out of a queue without their having given up. The flow
/// ended it, they are called back, no call-back reached them, the queue said what instead, an outgoing call found
/// nobody, they left a message.
const NO_ABANDON: [i32; 6] = [5, 11, 12, 13, 15, 16];
/// `switchboard.interaction.v1.Channel.CHANNEL_VOICE`.
const VOICE: i32 = 1;

/// One fact, as far as figures depend on it. Channel and reason are the numbers of `switchboard.interaction.v1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A customer has reached an entry point.
    Started { at: Timestamp, channel: i32, entry_point: String },
    /// It waits for an agent.
    Queued { at: Timestamp, channel: i32, queue: String },
    /// A customer who is not on the line is to be called back.
    Scheduled { at: Timestamp, queue: String, entry_point: String },
    /// They were called, and not reached: it waits again.
    NotReached,
    /// An agent took it, after `waited` milliseconds.
    Assigned { at: Timestamp, offer: String, agent: String, queue: String, waited: i64 },
    /// An offer is over without having been taken, or the agent who took it could not be reached.
    Released { offer: String },
    /// Customer and agent hear or read each other.
    Connected { at: Timestamp, agent: String },
    /// The line is gone.
    Ended { at: Timestamp, reason: i32 },
    /// Nobody works on it any more.
    Closed(Closing),
}

/// The router's last word.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    pub at: Timestamp,
    pub queue: String,
    /// Empty: nobody answered.
    pub agent: String,
    pub disposition: String,
    /// 0: as the ingress said.
    pub reason: i32,
    pub queued_at: Option<Timestamp>,
    pub answered_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// Milliseconds, as the next.
    pub talk: i64,
    pub wrap_up: i64,
}

/// One stay in one queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Visit {
    queue: String,
    queued_at: Timestamp,
    /// Accepted offer and agent.
    assigned: Option<(String, String)>,
    answered_at: Option<Timestamp>,
    moved_on_at: Option<Timestamp>,
    /// Nobody is on the line.
    callback: bool,
}

/// The sum of the facts read so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Replay {
    started_at: Option<Timestamp>,
    channel: i32,
    entry_point: String,
    visits: Vec<Visit>,
    agent: String,
    ended: Option<(Timestamp, i32)>,
    closed: Option<Closing>,
}

/// How a stay in a queue went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Still waiting, perhaps ringing at an agent.
    Waiting,
    /// An agent took it and is being connected.
    Assigned,
    /// Reached an agent after `wait` milliseconds; `ongoing` while they are connected.
    Answered { wait: i64, ongoing: bool },
    /// Left while waiting, after `wait` milliseconds.
    Abandoned { wait: i64 },
    /// Left by another route, after `wait` milliseconds.
    FlowedOut { wait: i64 },
}

/// One stay in one queue, for counting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    /// Key of the queue.
    pub queue: String,
    /// When it entered.
    pub queued_at: Timestamp,
    /// How it went.
    pub outcome: Outcome,
    /// A customer who is called back: work for agents, but nobody who waits on the line and could give up. Whoever asked
    /// for it was counted as they left the queue.
    pub callback: bool,
}

/// Work an agent has finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handled {
    /// Key of the queue it came from.
    pub queue: String,
    /// Key of the agent.
    pub agent: String,
    /// When the paperwork was done.
    pub at: Timestamp,
    /// Milliseconds, with hold.
    pub talk: i64,
    /// Milliseconds.
    pub wrap_up: i64,
}

/// What one interaction adds to the figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// In the order of the stays.
    pub stays: Vec<Stay>,
    /// Present once an agent has finished it.
    pub handled: Option<Handled>,
    /// Nobody works on it any more.
    pub closed: bool,
}

impl Figures {
    /// True while somebody waits or works.
    pub fn is_open(&self) -> bool {
        let left =
            |stay: &Stay| matches!(stay.outcome, Outcome::Abandoned { .. } | Outcome::FlowedOut { .. });
        !self.closed && self.stays.last().is_some_and(|stay| !left(stay))
    }
}

/// An interaction as a row of facts, for reports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub channel: i32,
    pub entry_point: String,
    pub queue: String,
    pub agent: String,
    pub disposition: String,
    pub end_reason: i32,
    pub started_at: Option<Timestamp>,
    pub queued_at: Option<Timestamp>,
    pub answered_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    /// Milliseconds, as the next.
    pub talk: Option<i64>,
    pub wrap_up: Option<i64>,
}

impl Replay {
    /// Reads the next fact.
    pub fn read(&mut self, step: &Step) {
        match step {
            Step::Started { at, channel, entry_point } => {
                if self.started_at.is_none() {
                    self.started_at = Some(*at);
                    self.channel = *channel;
                    self.entry_point.clone_from(entry_point);
                }
            }
            Step::Queued { at, channel, queue } => {
                if self.channel == 0 {
                    self.channel = *channel;
                }
                self.read_queued(*at, queue);
            }
            Step::Scheduled { at, queue, entry_point } => {
                if self.started_at.is_none() {
                    self.started_at = Some(*at);
                    self.channel = VOICE;
                    self.entry_point.clone_from(entry_point);
                }
                if self.visits.is_empty() {
                    self.read_queued(*at, queue);
                    self.visits.iter_mut().for_each(|visit| visit.callback = true);
                }
            }
            Step::NotReached => {
                if let Some(visit) = self.visits.last_mut().filter(|visit| visit.answered_at.is_none()) {
                    visit.assigned = None;
                    self.agent.clear();
                }
            }
            Step::Assigned { at, offer, agent, queue, waited } => {
                if self.visits.is_empty() {
                    self.read_queued(at.plus_millis(-waited.max(&0)), queue);
                }
                if let Some(visit) = self.visits.last_mut() {
                    visit.assigned = Some((offer.clone(), agent.clone()));
                }
                self.agent.clone_from(agent);
            }
            Step::Released { offer } => {
                if let Some(visit) = self.visits.last_mut()
                    && visit.answered_at.is_none()
                    && visit.assigned.as_ref().is_some_and(|(assigned, _)| assigned == offer)
                {
                    visit.assigned = None;
                    self.agent.clear();
                }
            }
            Step::Connected { at, agent } => {
                if let Some(visit) = self.visits.last_mut() {
                    visit.answered_at.get_or_insert(*at);
                }
                self.agent.clone_from(agent);
            }
            Step::Ended { at, reason } => {
                self.ended.get_or_insert((*at, *reason));
            }
            Step::Closed(closing) => {
                self.closed.get_or_insert_with(|| closing.clone());
            }
        }
    }

    /// Enters a queue. Said again for the queue where it waits, it changes nothing.
    fn read_queued(&mut self, at: Timestamp, queue: &str) {
        if let Some(last) = self.visits.last_mut()
            && last.answered_at.is_none()
        {
            if last.queue == queue {
                return;
            }
            last.moved_on_at = Some(at);
            last.assigned = None;
        }
        if self.visits.len() < MOST_VISITS {
            self.visits.push(Visit { queue: queue.to_owned(), queued_at: at, ..Visit::default() });
        }
    }

    /// What the interaction adds to the figures.
    pub fn figures(&self) -> Figures {
        let last = self.visits.len().saturating_sub(1);
        let stays = self.visits.iter().enumerate().map(|(place, visit)| Stay {
            queue: visit.queue.clone(),
            queued_at: visit.queued_at,
            outcome: self.outcome(visit, place == last),
            callback: visit.callback,
        });
        let stays: Vec<Stay> = stays.collect();
        let handled =
            self.closed.as_ref().filter(|closing| self.was_handled(closing)).map(|closing| Handled {
                queue: if closing.queue.is_empty() {
                    stays.last().map(|stay| stay.queue.clone()).unwrap_or_default()
                } else {
                    closing.queue.clone()
                },
                agent: closing.agent.clone(),
                at: closing.at,
                talk: closing.talk.max(0),
                wrap_up: closing.wrap_up.max(0),
            });
        Figures { stays, handled, closed: self.closed.is_some() }
    }

    /// An agent whose phone was still being rung when the customer left has handled nothing.
    fn was_handled(&self, closing: &Closing) -> bool {
        let answered =
            closing.answered_at.is_some() || self.visits.iter().any(|visit| visit.answered_at.is_some());
        answered && !closing.agent.is_empty()
    }

    fn outcome(&self, visit: &Visit, is_last: bool) -> Outcome {
        let wait = |until: Timestamp| (until - visit.queued_at).max(0);
        let closing = self.closed.as_ref().filter(|_| is_last);
        let answered_at = visit.answered_at.or_else(|| {
            closing.filter(|closing| !closing.agent.is_empty()).and_then(|closing| closing.answered_at)
        });
        if let Some(answered_at) = answered_at {
            let ongoing = is_last && self.closed.is_none() && self.ended.is_none();
            return Outcome::Answered { wait: wait(answered_at), ongoing };
        }
        if let Some(moved_on_at) = visit.moved_on_at {
            return Outcome::FlowedOut { wait: wait(moved_on_at) };
        }
        let gone = self.ended.or_else(|| closing.map(|closing| (closing.ended_at.unwrap_or(closing.at), 0)));
        match gone {
            Some((at, reason))
                if [reason, closing.map_or(0, |closing| closing.reason)]
                    .iter()
                    .any(|reason| NO_ABANDON.contains(reason)) =>
            {
                Outcome::FlowedOut { wait: wait(at) }
            }
            Some((at, _)) => Outcome::Abandoned { wait: wait(at) },
            None if visit.assigned.is_some() => Outcome::Assigned,
            None => Outcome::Waiting,
        }
    }

    /// The interaction as a row of facts.
    pub fn facts(&self) -> Facts {
        let nothing = Closing::default();
        let closing = self.closed.as_ref().unwrap_or(&nothing);
        let handled = self.closed.as_ref().filter(|closing| self.was_handled(closing));
        let text = |a: &str, b: &str| if a.is_empty() { b.to_owned() } else { a.to_owned() };
        let last_queue = self.visits.last().map_or("", |visit| visit.queue.as_str());
        let first_answer = self.visits.iter().find_map(|visit| visit.answered_at);
        Facts {
            channel: self.channel,
            entry_point: self.entry_point.clone(),
            queue: text(&closing.queue, last_queue),
            agent: text(&closing.agent, &self.agent),
            disposition: closing.disposition.clone(),
            end_reason: if closing.reason == 0 {
                self.ended.map_or(0, |(_, reason)| reason)
            } else {
                closing.reason
            },
            started_at: self.started_at,
            queued_at: closing.queued_at.or_else(|| self.visits.first().map(|visit| visit.queued_at)),
            answered_at: closing.answered_at.or(first_answer),
            ended_at: closing.ended_at.or(self.ended.map(|(at, _)| at)),
            closed_at: self.closed.as_ref().map(|closing| closing.at),
            talk: handled.map(|closing| closing.talk),
            wrap_up: handled.map(|closing| closing.wrap_up),
        }
    }
}
