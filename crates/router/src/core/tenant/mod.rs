//! One tenant's agents, queues and interactions: the state machine. Each kind of input has its file.

mod agents;
mod blending;
mod by_hand;
mod callbacks;
mod deadlines;
mod elsewhere;
mod estimates;
mod explain;
mod hours;
mod interactions;
pub(crate) mod invariants;
mod lines;
mod matching;
mod offers;
mod parking;
mod places;
mod queues;
mod ring_all;
mod snapshot;
mod views;
mod wrap_up;

use std::collections::VecDeque;

use contract::Timestamp;

use super::{
    effect::{Effect, Rejection},
    ids::{InteractionId, MessageId, Name, OfferId},
    index::Index,
    input::{Entry, Input},
    lookup::{Lookup, Recent},
    postings::Postings,
    state::{Agent, Interaction, Profile, Queue, Slab},
};
use deadlines::Deadlines;
pub use deadlines::MAX_DEADLINES;
use hours::Calendar;
pub use hours::is_unreadable;
pub(crate) use lines::{Line, Plan};
pub(crate) use snapshot::TenantSnapshot;
pub use views::{AgentView, QueueView, StageView, WorkView};

const DAY_MS: i64 = 86_400_000;

/// How many of the last ended interactions a tenant remembers.
const REMEMBERED_ENDS: usize = 16_384;

/// Everything one input leads to, while it is handled.
pub(crate) struct Turn {
    pub partition: u16,
    pub sequence: u64,
    pub now: Timestamp,
    pub effects: Vec<Effect>,
    offers: u16,
    /// Agents whose state may have changed.
    touched: Vec<u32>,
}

impl Turn {
    pub(crate) fn new(partition: u16, sequence: u64, now: Timestamp) -> Self {
        Self { partition, sequence, now, effects: Vec::with_capacity(4), offers: 0, touched: Vec::new() }
    }

    fn next_offer(&mut self) -> OfferId {
        let offer = OfferId { partition: self.partition, sequence: self.sequence, number: self.offers };
        self.offers += 1;
        offer
    }

    /// Whether another offer can still be numbered.
    fn can_offer(&self) -> bool {
        self.offers < u16::MAX
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    pub(crate) name: Name,
    pub(crate) agents: Vec<Agent>,
    agent_of: Index,
    pub(crate) queues: Vec<Queue>,
    queue_of: Lookup<Name, u32>,
    profiles: Vec<Profile>,
    profile_of: Lookup<Name, u32>,
    /// Profiles whose agents are moved between inbound and outbound.
    blended: Vec<u32>,
    calendars: Vec<Calendar>,
    calendar_of: Lookup<Name, u32>,
    pub(crate) interactions: Slab<Interaction>,
    interaction_of: Index,
    /// Interactions whose line is gone: what is queued after that is late news.
    ended: Recent<InteractionId, REMEMBERED_ENDS>,
    /// Offers that are ringing.
    offers: Index,
    /// How much rings at everyone who is ready.
    at_all: u32,
    plans: Slab<Plan>,
    /// Plans of single interactions that nobody waits under, oldest first, with the stamp of that moment.
    idle_plans: VecDeque<(u32, u64)>,
    idle_stamp: u64,
    lines: Slab<Line>,
    postings: Postings,
    deadlines: Deadlines,
    /// Days since 1970, UTC.
    day: i64,
}

impl Tenant {
    pub(crate) fn new(name: Name, now: Timestamp) -> Self {
        Self {
            name,
            agents: Vec::new(),
            agent_of: Index::default(),
            queues: Vec::new(),
            queue_of: Lookup::default(),
            profiles: Vec::new(),
            profile_of: Lookup::default(),
            blended: Vec::new(),
            calendars: Vec::new(),
            calendar_of: Lookup::default(),
            interactions: Slab::default(),
            interaction_of: Index::default(),
            ended: Recent::default(),
            offers: Index::default(),
            at_all: 0,
            plans: Slab::default(),
            idle_plans: VecDeque::new(),
            idle_stamp: 0,
            lines: Slab::default(),
            postings: Postings::default(),
            deadlines: Deadlines::default(),
            day: now.as_millis().div_euclid(DAY_MS),
        }
    }

    /// Takes one input to its end: afterwards nothing waits that a ready agent could take.
    pub(crate) fn handle(&mut self, turn: &mut Turn, entry: Entry) {
        self.begin_day(turn.now);
        let reply_to = entry.input.is_command().then_some(entry.message);
        let result = self.apply(turn, entry.input);
        if !self.blended.is_empty() {
            self.blend(turn);
        }
        if let Some(to) = reply_to {
            turn.effects.push(Effect::Reply { to, result });
        }
        self.announce(turn);
    }

    fn apply(&mut self, turn: &mut Turn, input: Input) -> Result<(), Rejection> {
        match input {
            Input::AgentConfigured(agent, config) => self.agent_configured(turn, &agent, config),
            Input::AgentRemoved(agent) => self.agent_removed(turn, &agent),
            Input::QueueConfigured(queue, config) => self.queue_configured(turn, &queue, Some(config)),
            Input::QueueRemoved(queue) => self.queue_configured(turn, &queue, None),
            Input::ProfileConfigured(profile, config) => {
                self.profile_configured(turn, &profile, Some(config));
            }
            Input::ProfileRemoved(profile) => self.profile_configured(turn, &profile, None),
            Input::InteractionQueued(queued) => self.interaction_queued(turn, queued),
            Input::InteractionConnected(interaction) => self.interaction_connected(turn, interaction),
            Input::InteractionEnded(interaction, reason) => self.interaction_ended(turn, interaction, reason),
            Input::SetAgentStatus(agent, status) => return self.set_agent_status(turn, &agent, status),
            Input::AcceptOffer(agent, offer) => return self.accept_offer(turn, &agent, offer),
            Input::DeclineOffer(agent, offer) => return self.decline_offer(turn, &agent, offer),
            Input::ReportUnreachable(agent, offer) => return self.report_unreachable(turn, &agent, offer),
            Input::CompleteWrapUp { agent, interaction, disposition, note } => {
                return self.complete_wrap_up(turn, &agent, interaction, disposition, note);
            }
            Input::HoursConfigured(hours, config) => self.hours_configured(turn, &hours, Some(config)),
            Input::HoursRemoved(hours) => self.hours_configured(turn, &hours, None),
            Input::Transfer(transfer) => return self.transfer(turn, transfer),
            Input::Assign(interaction, agent) => return self.assign(turn, interaction, &agent, false),
            Input::Pull(interaction, agent) => return self.assign(turn, interaction, &agent, true),
            Input::ChangePriority(interaction, priority) => {
                return self.change_priority(turn, interaction, priority);
            }
            Input::Park(interaction, agent) => return self.park(turn, interaction, &agent),
            Input::Unpark(interaction, agent) => return self.unpark(turn, interaction, agent.as_ref()),
            Input::ExtendWrapUp { agent, interaction, by_ms } => {
                return self.extend_wrap_up(turn, &agent, interaction, by_ms);
            }
            Input::RequestCallback { interaction, callback, phone, not_before } => {
                return self.request_callback(turn, interaction, callback, phone, not_before);
            }
            Input::CallbackAttempt(interaction, outcome) => {
                return self.callback_attempt(turn, interaction, outcome);
            }
            Input::SetClosure(queue, closed) => return self.set_closure(turn, &queue, closed),
            Input::DeadlinePassed => self.deadline_passed(turn),
        }
        Ok(())
    }

    /// At midnight UTC the count of the day begins anew.
    fn begin_day(&mut self, now: Timestamp) {
        let day = now.as_millis().div_euclid(DAY_MS);
        if day == self.day {
            return;
        }
        self.day = day;
        for agent in 0..self.agents.len() as u32 {
            self.agents[agent as usize].accepted_today = 0;
            self.list(agent);
        }
    }

    /// Remembers that the world may have to be told about an agent.
    fn touch(&mut self, turn: &mut Turn, agent: u32) {
        let touched = &mut self.agents[agent as usize].touched;
        if !*touched {
            *touched = true;
            turn.touched.push(agent);
        }
    }

    /// Says what became of the agents that this input touched, once each.
    fn announce(&mut self, turn: &mut Turn) {
        for index in std::mem::take(&mut turn.touched) {
            let agent = &mut self.agents[index as usize];
            agent.touched = false;
            let now = agent.snapshot(turn.now);
            if now == agent.published {
                continue;
            }
            agent.published = now.clone();
            turn.effects.push(Effect::AgentStateChanged {
                agent: agent.name.clone(),
                agent_name: agent
                    .config
                    .as_ref()
                    .map(|config| config.display_name.clone())
                    .unwrap_or_default(),
                now: Box::new(now),
            });
        }
    }

    /// The agent under this name, even if removed.
    fn agent_under(&self, name: &Name) -> Option<u32> {
        self.agent_of.get(name, |agent| self.agents[agent as usize].name == *name)
    }

    /// Where the interaction under this id is stored.
    fn slot_under(&self, interaction: InteractionId) -> Option<u32> {
        let is_it = |slot| self.interactions.get(slot).is_some_and(|held| held.id == interaction);
        self.interaction_of.get(&interaction, is_it)
    }

    /// Where the interaction is stored for which an offer rings.
    fn slot_rung_by(&self, offer: OfferId) -> Option<u32> {
        let is_it = |slot| self.interactions.get(slot).is_some_and(|held| held.rung_by(offer).is_some());
        self.offers.get(&offer, is_it)
    }

    /// The agent under this name, if configured.
    fn configured_agent(&self, name: &Name) -> Result<u32, Rejection> {
        let agent = self.agent_under(name).ok_or(Rejection::NotConfigured)?;
        if self.agents[agent as usize].config.is_some() { Ok(agent) } else { Err(Rejection::NotConfigured) }
    }

    /// The agent under this name, even if removed: what they hold they may finish.
    fn known_agent(&self, name: &Name) -> Result<u32, Rejection> {
        self.agent_under(name).ok_or(Rejection::NotConfigured)
    }

    /// The number of a queue, which is made if it is named for the first time.
    fn queue_named(&mut self, name: &Name) -> u32 {
        self.queue_of.get(name).unwrap_or_else(|| {
            let queue = self.queues.len() as u32;
            self.queues.push(Queue::new(name.clone()));
            self.queue_of.insert(name.clone(), queue);
            queue
        })
    }

    fn profile_named(&mut self, name: &Name) -> u32 {
        self.profile_of.get(name).unwrap_or_else(|| {
            let profile = self.profiles.len() as u32;
            self.profiles.push(Profile::new(name.clone()));
            self.profile_of.insert(name.clone(), profile);
            profile
        })
    }

    /// When the leader should say that a deadline passed.
    pub(crate) fn next_deadline(&mut self) -> Option<Timestamp> {
        self.drop_stale_deadlines();
        self.deadlines.first()
    }
}

/// Answers to commands that name a tenant of which nothing is known.
pub(crate) fn unknown_tenant(input: &Input, message: MessageId) -> Vec<Effect> {
    if input.is_command() {
        vec![Effect::Reply { to: message, result: Err(Rejection::NotConfigured) }]
    } else {
        Vec::new()
    }
}
