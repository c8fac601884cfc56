//! A tenant's facts without what follows from them, and back.

use contract::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    DAY_MS, Tenant,
    deadlines::Due,
    hours::{Calendar, schedule},
};
use crate::core::{
    ids::{InteractionId, Name},
    state::{Agent, Interaction, Profile, Queue, Rung, Stage},
};

/// Everything that must be kept. Agents, queues and profiles keep their numbers, which break ties.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TenantSnapshot {
    pub name: Name,
    day: i64,
    agents: Vec<Agent>,
    queues: Vec<Queue>,
    profiles: Vec<Profile>,
    calendars: Vec<Calendar>,
    /// By id, and whether an agent is searched for.
    interactions: Vec<(Interaction, bool)>,
    ended: Vec<InteractionId>,
}

impl Tenant {
    pub(crate) fn to_snapshot(&self) -> TenantSnapshot {
        let mut interactions: Vec<(Interaction, bool)> =
            self.interactions.iter().map(|(_, held)| (held.clone(), held.plan.is_some())).collect();
        interactions.sort_unstable_by_key(|(held, _)| held.id);
        TenantSnapshot {
            name: self.name.clone(),
            day: self.day,
            agents: self.agents.clone(),
            queues: self
                .queues
                .iter()
                .map(|queue| Queue {
                    config: queue.config.clone(),
                    closed_by_hand: queue.closed_by_hand,
                    published_open: queue.published_open,
                    measured: queue.measured.clone(),
                    ..Queue::new(queue.name.clone())
                })
                .collect(),
            profiles: self.profiles.clone(),
            calendars: self.calendars.clone(),
            interactions,
            ended: self.ended.iter().collect(),
        }
    }

    /// Builds everything that follows from the facts. Decides nothing.
    pub(crate) fn from_snapshot(snapshot: TenantSnapshot) -> Self {
        let mut tenant = Self::new(snapshot.name, Timestamp::from_millis(snapshot.day * DAY_MS));
        tenant.ended = snapshot.ended.into_iter().collect();
        for (index, queue) in snapshot.queues.iter().enumerate() {
            tenant.queue_of.insert(queue.name.clone(), index as u32);
        }
        tenant.queues = snapshot.queues;
        for (index, profile) in snapshot.profiles.iter().enumerate() {
            tenant.profile_of.insert(profile.name.clone(), index as u32);
        }
        tenant.profiles = snapshot.profiles;
        for (index, calendar) in snapshot.calendars.into_iter().enumerate() {
            tenant.calendar_of.insert(calendar.name.clone(), index as u32);
            if let Some(changes_at) = calendar.changes_at {
                tenant.deadlines.push(changes_at, Due::Hours(index as u32));
            }
            let schedule = calendar.config.as_ref().and_then(schedule);
            tenant.calendars.push(Calendar { schedule, ..calendar });
        }
        tenant.list_blended();
        for (index, agent) in snapshot.agents.iter().enumerate() {
            tenant.agent_of.insert(&agent.name, index as u32);
        }
        tenant.agents = snapshot.agents;
        for profile in 0..tenant.profiles.len() as u32 {
            tenant.compile_profile(profile);
        }
        for queue in 0..tenant.queues.len() as u32 {
            tenant.compile_tiers(queue);
        }
        for agent in 0..tenant.agents.len() as u32 {
            if let Some(config) = tenant.agents[agent as usize].config.clone() {
                tenant.postings.add(agent, &config);
            }
            tenant.requalify(agent);
        }
        tenant.interaction_of.reserve(snapshot.interactions.len());
        for (interaction, searched) in snapshot.interactions {
            tenant.restore(interaction, searched);
        }
        for agent in 0..tenant.agents.len() as u32 {
            tenant.agents[agent as usize].recheck = false;
            tenant.list(agent);
        }
        for profile in tenant.blended.clone() {
            tenant.schedule_move(profile);
        }
        tenant
    }

    fn restore(&mut self, interaction: Interaction, searched: bool) {
        let id = interaction.id;
        let slot = self.interactions.insert(interaction);
        self.interaction_of.insert(&id, slot);
        let held = &self.interactions[slot];
        let (queue, channel) = (held.queue, held.channel);
        if matches!(held.stage, Stage::Diverted { .. }) {
            return;
        }
        let Some(agent) = held.stage.agent() else {
            if searched {
                let plan = self.acquire_plan(slot);
                self.interactions[slot].plan = Some(plan);
            }
            self.enter(slot);
            self.schedule_look(slot);
            return;
        };
        self.queues[queue as usize].in_hand += 1;
        let who = &mut self.agents[agent as usize];
        who.work.push(slot);
        match held.stage {
            Stage::Waiting | Stage::Diverted { .. } => {}
            Stage::Parked { wanted, .. } => {
                who.wanted += u32::from(wanted);
                self.queues[queue as usize].parked += 1;
            }
            Stage::Offered { offer, expires_at, .. } => {
                let first = Rung { offer, agent, expires_at };
                let (also, at_all) = (held.also.clone(), held.at_all);
                for rung in also.iter().chain([&first]) {
                    let who = &mut self.agents[rung.agent as usize];
                    if rung.agent != agent {
                        who.work.push(slot);
                    }
                    who.load[channel] += 1;
                    who.ringing[channel] += 1;
                    self.offers.insert(&rung.offer, slot);
                    self.deadlines.push(rung.expires_at, Due::Offer(rung.offer));
                }
                if at_all {
                    self.begin_ringing(slot);
                }
            }
            Stage::Assigned { connected_at, .. } => {
                who.load[channel] += 1;
                who.handling += 1;
                who.connecting += u32::from(connected_at.is_none());
            }
            Stage::WrapUp { until, holds, .. } => {
                who.load[channel] += u8::from(holds);
                who.paper[channel] += u8::from(holds);
                if let Some(until) = until {
                    self.deadlines.push(until, Due::WrapUp(id));
                }
            }
        }
    }
}
