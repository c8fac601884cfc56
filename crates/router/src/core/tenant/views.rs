//! What people and services may ask about the present state.

use std::sync::Arc;

use contract::Timestamp;

use super::Tenant;
use crate::core::{
    channel::Channel,
    effect::{AgentSnapshot, DivertReason},
    estimate::Basis,
    ids::{InteractionId, Name, OfferId},
    input::{Details, EndReason},
    state::{Interaction, Stage},
};

/// Where an interaction is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StageView {
    /// At its place in the queue.
    Waiting {
        /// 1 is next.
        place: u32,
        /// How many wait there.
        waiting: u32,
    },
    /// Ringing.
    Offered {
        /// Names the attempt.
        offer: OfferId,
        /// When it is taken back.
        expires_at: Timestamp,
    },
    /// An agent's.
    Assigned {
        /// The offer that was accepted.
        offer: OfferId,
        /// When the customer was reached.
        connected_at: Option<Timestamp>,
    },
    /// Its agent waits for the customer.
    Parked {
        /// The offer that was accepted.
        offer: OfferId,
        /// When the customer was reached.
        connected_at: Timestamp,
        /// Since when.
        since: Timestamp,
        /// It comes back as soon as there is a slot.
        wanted: bool,
    },
    /// Its ingress does something else with the customer.
    Diverted {
        /// Why.
        reason: DivertReason,
    },
    /// Paperwork.
    WrapUp {
        /// When the customer was reached.
        answered_at: Timestamp,
        /// When the line was gone.
        ended_at: Timestamp,
        /// As its ingress said.
        end_reason: EndReason,
        /// When it completes by itself.
        until: Option<Timestamp>,
    },
}

/// An interaction as the router sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkView {
    /// Which.
    pub interaction: InteractionId,
    /// Of what kind.
    pub channel: Channel,
    /// Where it waits or waited.
    pub queue: Name,
    /// Where it is.
    pub stage: StageView,
    /// Who was offered it, holds it or wraps it up.
    pub agent: Option<Name>,
    /// When it was first queued.
    pub queued_at: Timestamp,
    /// What gives it its place.
    pub enqueued_at: Timestamp,
    /// Its own priority.
    pub priority: i32,
    /// For people.
    pub details: Arc<Details>,
    /// Who alone may take it, and until when.
    pub reserved: Option<(Name, Option<Timestamp>)>,
    /// Agents at whom it rings beside `agent`.
    pub also_ringing: Vec<Name>,
    /// Number to dial, of a call-back.
    pub phone: Option<Name>,
    /// It is not offered before this moment.
    pub not_before: Option<Timestamp>,
    /// By then it counts as answered in time.
    pub due_at: Option<Timestamp>,
}

/// An agent as the router sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentView {
    /// Who.
    pub agent: Name,
    /// For people.
    pub display_name: String,
    /// Status, state and load.
    pub now: AgentSnapshot,
    /// Oldest first.
    pub work: Vec<WorkView>,
}

/// A queue as the router sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueView {
    /// Which.
    pub queue: Name,
    /// For people.
    pub display_name: String,
    /// How many wait.
    pub waiting: u32,
    /// Since when the oldest of them has been waiting.
    pub oldest_queued_at: Option<Timestamp>,
    /// Agents of the queue who could take something of it now.
    pub ready: u32,
    /// Agents of the queue with work in hand.
    pub busy: u32,
    /// Agents of the queue who are available or have work in hand.
    pub staffed: u32,
    /// Whether it is served.
    pub open: bool,
    /// Closed by a supervisor.
    pub closed_by_hand: bool,
    /// Waiting for a moment of their own.
    pub scheduled: u32,
    /// Parked by their agents.
    pub parked: u32,
    /// Mean handling time, milliseconds, and where it comes from.
    pub handling: Option<(i64, Basis)>,
    /// Mean absolute error of the last estimates, thousandths of the wait.
    pub estimate_error: Option<u32>,
}

impl Tenant {
    /// One interaction, unless it is closed.
    pub(crate) fn work_view(&self, interaction: InteractionId) -> Option<WorkView> {
        let slot = self.slot_under(interaction)?;
        Some(self.view_of(slot, &self.interactions[slot]))
    }

    fn view_of(&self, slot: u32, held: &Interaction) -> WorkView {
        let queue = &self.queues[held.queue as usize];
        let stage = match held.stage {
            Stage::Waiting if held.early => {
                StageView::Waiting { place: 0, waiting: queue.places.len() as u32 }
            }
            Stage::Waiting => StageView::Waiting {
                place: queue.places.rank(&held.key(slot)) as u32 + 1,
                waiting: queue.places.len() as u32,
            },
            Stage::Offered { offer, expires_at, .. } => StageView::Offered { offer, expires_at },
            Stage::Assigned { offer, connected_at, .. } => StageView::Assigned { offer, connected_at },
            Stage::Parked { offer, connected_at, since, wanted, .. } => {
                StageView::Parked { offer, connected_at, since, wanted }
            }
            Stage::Diverted { reason } => StageView::Diverted { reason },
            Stage::WrapUp { answered_at, ended_at, end_reason, until, .. } => {
                StageView::WrapUp { answered_at, ended_at, end_reason, until }
            }
        };
        WorkView {
            interaction: held.id,
            channel: held.channel,
            queue: queue.name.clone(),
            stage,
            agent: held.stage.agent().map(|agent| self.agents[agent as usize].name.clone()),
            queued_at: held.queued_at,
            enqueued_at: held.enqueued_at,
            priority: held.priority,
            details: held.details.clone(),
            reserved: held.reserved.map(|agent| {
                let for_ms = held.preferred.and_then(|preferred| preferred.for_ms);
                let until = for_ms.map(|for_ms| held.search_began().plus_millis(i64::from(for_ms)));
                (self.agents[agent as usize].name.clone(), until)
            }),
            also_ringing: held
                .also
                .iter()
                .map(|rung| self.agents[rung.agent as usize].name.clone())
                .collect(),
            phone: held.callback.as_ref().map(|callback| callback.phone.clone()),
            not_before: held.not_before,
            due_at: self.due_at(held.queue, held.queued_at),
        }
    }

    /// One agent, if configured.
    pub(crate) fn agent_view(&self, name: &Name) -> Option<AgentView> {
        self.view_of_agent(self.configured_agent(name).ok()?)
    }

    fn view_of_agent(&self, agent: u32) -> Option<AgentView> {
        let who = &self.agents[agent as usize];
        let config = who.config.as_ref()?;
        let mut work: Vec<WorkView> =
            who.work.iter().map(|slot| self.view_of(*slot, &self.interactions[*slot])).collect();
        work.sort_by_key(|work| (work.queued_at, work.interaction));
        Some(AgentView {
            agent: who.name.clone(),
            display_name: config.display_name.clone(),
            now: who.published.clone(),
            work,
        })
    }

    /// Configured agents by key, after `after`, at most `limit`.
    pub(crate) fn agent_views(&self, after: &str, limit: usize) -> Vec<AgentView> {
        let mut agents: Vec<u32> = (0..self.agents.len() as u32)
            .filter(|agent| {
                let who = &self.agents[*agent as usize];
                who.config.is_some() && who.name.as_str() > after
            })
            .collect();
        agents.sort_unstable_by_key(|agent| self.agents[*agent as usize].name.clone());
        agents.into_iter().take(limit).filter_map(|agent| self.view_of_agent(agent)).collect()
    }

    /// Agents of a queue who are available or have work in hand.
    pub(crate) fn staffed(&self, queue: &Name) -> usize {
        let Some(queue) = self.queue_of.get(queue) else { return 0 };
        let is_staffed = |agent: &&u32| {
            let who = &self.agents[**agent as usize];
            who.total_load() > 0 || who.takes_work()
        };
        self.queues[queue as usize].members.iter().filter(is_staffed).count()
    }

    /// Every configured queue, and every other in which something waits, by key.
    pub(crate) fn queue_views(&self, now: Timestamp) -> Vec<QueueView> {
        let mut views: Vec<QueueView> = self
            .queues
            .iter()
            .enumerate()
            .filter(|(_, queue)| {
                queue.config.is_some() || !queue.places.is_empty() || !queue.early.is_empty()
            })
            .map(|(index, queue)| {
                let (mut ready, mut busy, mut staffed) = (0, 0, 0);
                for agent in &queue.members {
                    let who = &self.agents[*agent as usize];
                    let works = who.total_load() > 0;
                    ready += u32::from(!who.ready_channels().is_empty());
                    busy += u32::from(works);
                    staffed += u32::from(works || who.takes_work());
                }
                QueueView {
                    queue: queue.name.clone(),
                    display_name: queue.config.as_ref().map(|c| c.display_name.clone()).unwrap_or_default(),
                    waiting: queue.places.len() as u32,
                    oldest_queued_at: queue
                        .places
                        .iter()
                        .map(|key| key.enqueued)
                        .min()
                        .map(Timestamp::from_millis),
                    ready,
                    busy,
                    staffed,
                    open: self.is_open(index as u32),
                    closed_by_hand: queue.closed_by_hand
                        || queue.config.as_ref().is_some_and(|config| config.closed),
                    scheduled: queue.early.len() as u32,
                    parked: queue.parked,
                    handling: queue
                        .measured
                        .handling(now, queue.config.as_ref().and_then(|config| config.handling_ms)),
                    estimate_error: queue.measured.error(),
                }
            })
            .collect();
        views.sort_by(|one, other| one.queue.cmp(&other.queue));
        views
    }
}
