//! Agents: who they are, what they declare, and what follows when they become free.

use super::{Tenant, Turn};
use crate::core::{
    config::AgentConfig,
    effect::Rejection,
    ids::{Name, OfferId},
    input::Status,
    mutation::{Guard, stands},
    state::{Agent, Rule},
};

impl Tenant {
    pub(super) fn agent_configured(&mut self, turn: &mut Turn, name: &Name, config: AgentConfig) {
        let agent = self.agent_under(name).unwrap_or_else(|| {
            let agent = self.agents.len() as u32;
            self.agents.push(Agent::new(name.clone(), turn.now));
            self.agent_of.insert(name, agent);
            agent
        });
        let who = &mut self.agents[agent as usize];
        if who.config.as_ref() == Some(&config) {
            return;
        }
        if let Some(old) = who.config.take() {
            self.postings.remove(agent, &old);
        }
        self.postings.add(agent, &config);
        if let Some(profile) = &config.routing_profile {
            self.profile_named(&profile.clone());
        }
        self.agents[agent as usize].config = Some(config);
        self.requalify(agent);
        self.settle(turn, agent);
    }

    pub(super) fn agent_removed(&mut self, turn: &mut Turn, name: &Name) {
        let Some(agent) = self.agent_under(name) else { return };
        let Some(config) = self.agents[agent as usize].config.take() else { return };
        self.postings.remove(agent, &config);
        self.requalify(agent);
        self.withdraw_offers(turn, agent);
        let who = &mut self.agents[agent as usize];
        who.not_responding = false;
        if who.total_load() == 0 {
            who.status = Status::Offline;
        } else {
            who.next = Some(Status::Offline);
        }
        self.settle(turn, agent);
    }

    /// Works out anew which queues, lines and capacities are the agent's. Settle afterwards.
    pub(super) fn requalify(&mut self, agent: u32) {
        for queue in &mut self.queues {
            if let Ok(place) = queue.members.binary_search(&agent) {
                queue.members.remove(place);
            }
        }
        let config = self.agents[agent as usize].config.as_ref();
        let profile = config.and_then(|config| config.routing_profile.as_ref());
        self.agents[agent as usize].profile = profile.and_then(|profile| self.profile_of.get(profile));
        for queue in self.queues_of(agent) {
            let members = &mut self.queues[queue as usize].members;
            if let Err(place) = members.binary_search(&agent) {
                members.insert(place, agent);
            }
        }
        let config =
            self.profile_of_agent(agent).and_then(|profile| self.profiles[profile as usize].config.as_ref());
        let capacities = config.map(|config| config.capacities).unwrap_or_default();
        let max_offers = config.map_or(0, |config| config.max_offers);
        let who = &mut self.agents[agent as usize];
        who.capacities = capacities;
        who.max_offers = max_offers;
        who.recheck = true;
        self.rejoin_lines(agent);
    }

    fn profile_of_agent(&self, agent: u32) -> Option<u32> {
        self.agents[agent as usize].profile
    }

    /// The queues that the agent's profile names, ascending.
    pub(super) fn queues_of(&self, agent: u32) -> Vec<u32> {
        self.profile_of_agent(agent)
            .map(|profile| self.profiles[profile as usize].queues())
            .unwrap_or_default()
    }

    /// What the agent's profile says about a queue and channel.
    pub(super) fn rule_of(
        &self,
        agent: u32,
        queue: u32,
        channel: crate::core::channel::Channel,
    ) -> Option<Rule> {
        self.profiles[self.profile_of_agent(agent)? as usize].rules.get(&(queue, channel)).copied()
    }

    pub(super) fn set_agent_status(
        &mut self,
        turn: &mut Turn,
        name: &Name,
        status: Status,
    ) -> Result<(), Rejection> {
        let agent = self.configured_agent(name)?;
        if status == Status::Available {
            let who = &mut self.agents[agent as usize];
            if who.status != Status::Available || who.not_responding {
                who.idle_since = turn.now;
            }
            who.status = Status::Available;
            who.next = None;
            who.not_responding = false;
        } else {
            if stands(Guard::Withdrawal) {
                self.withdraw_offers(turn, agent);
            }
            let who = &mut self.agents[agent as usize];
            if who.total_load() == 0 {
                who.status = status;
                who.next = None;
                who.not_responding = false;
            } else {
                who.next = Some(status);
            }
        }
        self.settle(turn, agent);
        Ok(())
    }

    /// Takes back what is ringing at an agent who stops taking work. The agent must not take work any more or be about
    /// to stop; each interaction goes to someone else or back to its place.
    fn withdraw_offers(&mut self, turn: &mut Turn, agent: u32) {
        // Marked first, so that what comes back is not offered here again.
        let who = &mut self.agents[agent as usize];
        let before = who.next.replace(Status::Offline);
        let work: Vec<u32> = who.work.clone();
        self.list(agent);
        let rung = |slot: &u32| Some((self.interactions[*slot].offer_to(agent)?, *slot));
        let mut ringing: Vec<(OfferId, u32)> = work.iter().filter_map(rung).collect();
        ringing.sort_unstable();
        for (offer, slot) in ringing {
            if !self.withdraw(turn, slot, offer, agent) {
                self.place(slot, turn.now);
                self.find_agent(turn, slot);
            }
        }
        self.agents[agent as usize].next = before;
    }

    /// After anything about an agent changed: lets a declared status take effect when nothing is left to do, gives the
    /// agent what waits, and lists them as ready for what comes.
    pub(super) fn settle(&mut self, turn: &mut Turn, agent: u32) {
        self.touch(turn, agent);
        let who = &mut self.agents[agent as usize];
        if who.total_load() == 0
            && stands(Guard::NextStatus)
            && let Some(next) = who.next.take()
        {
            who.status = next;
            who.not_responding = false;
        }
        self.give_up_direct(turn, agent);
        self.resume_parked(turn, agent);
        self.find_work(turn, agent);
        self.join_ringing(turn, agent);
        self.list(agent);
    }

    /// What waited for this agent alone waits for everyone, once the agent has left or can't take it any more.
    fn give_up_direct(&mut self, turn: &mut Turn, agent: u32) {
        let who = &mut self.agents[agent as usize];
        let recheck = std::mem::take(&mut who.recheck);
        if who.direct.is_empty() || (!recheck && who.takes_work()) {
            return;
        }
        let slots: Vec<u32> = who.direct.iter().map(|key| key.slot).collect();
        for slot in slots {
            if self.interactions[slot].reserved == Some(agent) && !self.still_reserved(slot, turn.now) {
                self.unplace(slot);
                self.place(slot, turn.now);
                self.find_agent(turn, slot);
            }
        }
    }
}
