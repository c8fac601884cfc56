//! What the facts of one interaction add up to when they are read in stream order.

use std::collections::BTreeSet;

use contract::Timestamp;
use serde::{Deserialize, Serialize};

/// One fact, as far as the history of its interaction depends on it. Channel, direction and reason are the numbers of
/// `switchboard.interaction.v1`, which are only carried along.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A customer has reached an entry point.
    Started { at: Timestamp, channel: i32, direction: i32, entry_point: String, instance: String },
    /// It waits for an agent.
    Queued { at: Timestamp, channel: i32, queue: String, entry_point: String },
    /// A customer who is not on the line is to be called back.
    Scheduled { at: Timestamp, queue: String, entry_point: String },
    /// They were called, and not reached: it waits again.
    NotReached,
    /// The router has put it in another queue, whoever held it.
    Moved { queue: String },
    /// An agent is asked.
    OfferMade { offer: String },
    /// The agent took it (`accepted`), or it waits again.
    OfferEnded { offer: String, accepted: bool },
    /// It belongs to an agent.
    Assigned { offer: String, agent: String, queue: String },
    /// Customer and agent hear or read each other.
    Connected { at: Timestamp, agent: String },
    /// The agent finishes the paperwork.
    WrapUpStarted { agent: String },
    /// The line is gone.
    Ended { at: Timestamp, reason: i32 },
    /// Nobody works on it any more.
    Closed(Closing),
}

/// `switchboard.interaction.v1.Channel.CHANNEL_VOICE` and `Direction.DIRECTION_OUTBOUND`: what a call-back is.
const VOICE: i32 = 1;
const OUTBOUND: i32 = 2;

/// The router's last word.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    pub at: Timestamp,
    pub channel: i32,
    pub queue: String,
    /// Empty: nobody answered.
    pub agent: String,
    pub disposition: String,
    pub note: String,
    /// 0: as the ingress said.
    pub reason: i32,
    pub queued_at: Option<Timestamp>,
    pub answered_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// Milliseconds, as the next two.
    pub wait: Option<i64>,
    pub talk: Option<i64>,
    pub wrap_up: Option<i64>,
}

/// Where an interaction is on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// In the menu or bot.
    #[default]
    InFlow,
    /// Waiting for an agent.
    Queued,
    /// Ringing at an agent.
    Offered,
    /// An agent took it.
    Assigned,
    /// Customer and agent hear or read each other.
    Connected,
    /// The line is gone, the agent finishes the paperwork.
    WrapUp,
    /// Nobody works on it any more.
    Closed,
}

impl State {
    /// The number of `switchboard.crm.v1.InteractionState`, which is also what is stored.
    pub const fn number(self) -> i16 {
        match self {
            Self::InFlow => 1,
            Self::Queued => 2,
            Self::Offered => 3,
            Self::Assigned => 4,
            Self::Connected => 5,
            Self::WrapUp => 6,
            Self::Closed => 7,
        }
    }
}

/// The sum of the facts read so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Replay {
    phase: State,
    started_at: Option<Timestamp>,
    channel: i32,
    direction: i32,
    entry_point: String,
    instance: String,
    queue: String,
    queued_at: Option<Timestamp>,
    open_offers: BTreeSet<String>,
    /// The accepted offer that holds the agent.
    held_offer: String,
    agent: String,
    answered_at: Option<Timestamp>,
    ended: Option<(Timestamp, i32)>,
    closed: Option<Closing>,
}

/// How an interaction stands, as lists and pages show it. Times nobody knows yet are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub state: State,
    pub channel: i32,
    pub direction: i32,
    pub entry_point: String,
    pub instance: String,
    pub queue: String,
    pub agent: String,
    pub end_reason: i32,
    pub disposition: String,
    pub note: String,
    pub started_at: Option<Timestamp>,
    pub queued_at: Option<Timestamp>,
    pub answered_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    /// Milliseconds, as the next two.
    pub wait: Option<i64>,
    pub talk: Option<i64>,
    pub wrap_up: Option<i64>,
}

impl Replay {
    /// Reads the next fact.
    pub fn read(&mut self, step: &Step) {
        match step {
            Step::Started { at, channel, direction, entry_point, instance } => {
                if self.started_at.is_none() {
                    self.started_at = Some(*at);
                    self.channel = *channel;
                    self.direction = *direction;
                    self.entry_point.clone_from(entry_point);
                    self.instance.clone_from(instance);
                }
            }
            Step::Queued { at, channel, queue, entry_point } => {
                self.phase = State::Queued;
                self.queue.clone_from(queue);
                self.queued_at.get_or_insert(*at);
                if self.started_at.is_none() {
                    self.channel = *channel;
                    self.entry_point.clone_from(entry_point);
                }
            }
            Step::Scheduled { at, queue, entry_point } => {
                if self.started_at.is_none() {
                    self.started_at = Some(*at);
                    self.channel = VOICE;
                    self.direction = OUTBOUND;
                    self.entry_point.clone_from(entry_point);
                }
                if self.phase == State::InFlow {
                    self.phase = State::Queued;
                    self.queue.clone_from(queue);
                }
                self.queued_at.get_or_insert(*at);
            }
            Step::NotReached => self.wait_again(),
            Step::Moved { queue } => {
                self.wait_again();
                self.queue.clone_from(queue);
            }
            Step::OfferMade { offer } => {
                self.open_offers.insert(offer.clone());
                if self.phase < State::Offered {
                    self.phase = State::Offered;
                }
            }
            Step::OfferEnded { offer, accepted } => self.read_offer_ended(offer, *accepted),
            Step::Assigned { offer, agent, queue } => {
                // A fast ingress hears of its offer before this is said, and connects: that still stands.
                if self.phase != State::Connected || self.agent != *agent {
                    self.phase = State::Assigned;
                }
                self.held_offer.clone_from(offer);
                self.agent.clone_from(agent);
                if self.queue.is_empty() {
                    self.queue.clone_from(queue);
                }
            }
            Step::Connected { at, agent } => {
                self.phase = State::Connected;
                self.agent.clone_from(agent);
                self.answered_at.get_or_insert(*at);
            }
            Step::WrapUpStarted { agent } => {
                self.phase = State::WrapUp;
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

    /// Nobody has it any more.
    fn wait_again(&mut self) {
        self.phase = State::Queued;
        self.held_offer.clear();
        self.agent.clear();
    }

    /// An agent whose phone could not be reached gives an accepted interaction back; a rescinded offer to another
    /// agent changes nothing for the one who has it.
    fn read_offer_ended(&mut self, offer: &str, accepted: bool) {
        self.open_offers.remove(offer);
        if accepted {
            return;
        }
        if self.phase == State::Assigned && self.held_offer == offer {
            self.phase = State::Queued;
            self.held_offer.clear();
            self.agent.clear();
        } else if self.phase == State::Offered && self.open_offers.is_empty() {
            self.phase = State::Queued;
        }
    }

    /// How the interaction stands. What the router said on closing counts before what the facts add up to.
    pub fn summary(&self) -> Summary {
        let nothing = Closing::default();
        let closed = self.closed.as_ref();
        let closing = closed.unwrap_or(&nothing);
        let queued_at = closing.queued_at.or(self.queued_at);
        let answered_at = closing.answered_at.or(self.answered_at);
        let ended_at = closing.ended_at.or(self.ended.map(|(at, _)| at));
        // Closed before customer and agent could hear or read each other: nobody has talked to them.
        let never_met = closed.is_some() && answered_at.is_none();
        let between = |from: Option<Timestamp>, to: Option<Timestamp>| Some((to? - from?).max(0));
        Summary {
            state: self.state(),
            channel: first(self.channel, closing.channel),
            direction: self.direction,
            entry_point: self.entry_point.clone(),
            instance: self.instance.clone(),
            queue: text(&closing.queue, &self.queue),
            agent: if never_met { String::new() } else { text(&closing.agent, &self.agent) },
            end_reason: first(closing.reason, self.ended.map_or(0, |(_, reason)| reason)),
            disposition: closing.disposition.clone(),
            note: closing.note.clone(),
            started_at: self.started_at,
            queued_at,
            answered_at,
            ended_at,
            closed_at: closed.map(|closing| closing.at).or(ended_at.filter(|_| self.phase == State::InFlow)),
            wait: closing.wait.or_else(|| between(queued_at, answered_at.or(ended_at))),
            talk: closing.talk.or_else(|| between(answered_at, ended_at)).filter(|_| answered_at.is_some()),
            wrap_up: closing.wrap_up.filter(|_| answered_at.is_some()),
        }
    }

    /// What was never queued is over when the line is gone; what was queued is over when the router says so.
    fn state(&self) -> State {
        match (&self.closed, &self.ended, self.phase) {
            (Some(_), ..) | (None, Some(_), State::InFlow) => State::Closed,
            (None, Some(_), State::Assigned | State::Connected) => State::WrapUp,
            (None, _, phase) => phase,
        }
    }
}

fn first(a: i32, b: i32) -> i32 {
    if a == 0 { b } else { a }
}

fn text(a: &str, b: &str) -> String {
    if a.is_empty() { b.to_owned() } else { a.to_owned() }
}
