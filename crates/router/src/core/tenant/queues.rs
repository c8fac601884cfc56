//! Queues and routing profiles: what changes for those who wait and those who serve, at once.

use std::collections::{BTreeMap, BTreeSet};

use super::{Tenant, Turn};
use crate::core::{
    channel::Channel,
    config::{ProfileConfig, QueueConfig},
    ids::Name,
    ordered::OrderedSet,
    state::{Profile, Rule},
};

impl Tenant {
    pub(super) fn queue_configured(&mut self, turn: &mut Turn, name: &Name, config: Option<QueueConfig>) {
        let queue = self.queue_named(name);
        let at = &mut self.queues[queue as usize];
        if at.config == config {
            return;
        }
        at.config = config;
        self.say_openness(turn, queue);
        self.place_all_again(turn, queue);
        self.match_queue(turn, queue);
    }

    pub(super) fn profile_configured(&mut self, turn: &mut Turn, name: &Name, config: Option<ProfileConfig>) {
        let profile = self.profile_named(name);
        if self.profiles[profile as usize].config == config {
            return;
        }
        let held = &mut self.profiles[profile as usize];
        held.config = config;
        held.left_outbound &= held.config.as_ref().is_some_and(|config| config.blending.is_some());
        self.list_blended();
        self.profile_changed(turn, profile);
    }

    /// The profiles whose agents are moved.
    pub(super) fn list_blended(&mut self) {
        let blends =
            |profile: &Profile| profile.config.as_ref().is_some_and(|config| config.blending.is_some());
        let profiles = self.profiles.iter().enumerate();
        self.blended =
            profiles.filter(|(_, profile)| blends(profile)).map(|(index, _)| index as u32).collect();
    }

    /// The rules of a profile follow its configuration and its blending anew.
    pub(super) fn profile_changed(&mut self, turn: &mut Turn, profile: u32) {
        let name = self.profiles[profile as usize].name.clone();
        let mut concerned: BTreeSet<u32> = self.profiles[profile as usize].queues().into_iter().collect();
        self.compile_profile(profile);
        concerned.extend(self.profiles[profile as usize].queues());
        let agents: Vec<u32> = (0..self.agents.len() as u32)
            .filter(|agent| {
                let config = self.agents[*agent as usize].config.as_ref();
                config.and_then(|config| config.routing_profile.as_ref()) == Some(&name)
            })
            .collect();
        for queue in &concerned {
            if self.compile_tiers(*queue) {
                self.place_all_again(turn, *queue);
            }
        }
        for agent in &agents {
            self.requalify(*agent);
        }
        // Listed before anyone is matched, so that the best of all gets each offer.
        for agent in &agents {
            self.list(*agent);
        }
        for queue in concerned {
            self.match_queue(turn, queue);
        }
        for agent in agents {
            self.settle(turn, agent);
        }
    }

    /// Rules by queue and channel, from the profile's configuration.
    pub(super) fn compile_profile(&mut self, profile: u32) {
        let mut rules = BTreeMap::new();
        if let Some(config) = self.profiles[profile as usize].config.clone() {
            let blending = config.blending.as_ref();
            let left = |queue: &Name| {
                self.profiles[profile as usize].left_outbound
                    && blending.is_some_and(|blending| blending.outbound.contains(queue))
            };
            let rules_in_force: Vec<_> =
                config.rules.iter().filter(|rule| !left(&rule.queue)).cloned().collect();
            for rule in &rules_in_force {
                let queue = self.queue_named(&rule.queue);
                for channel in Channel::ALL {
                    if rule.channel.is_none_or(|only| only == channel) && config.capacities[channel].slots > 0
                    {
                        rules
                            .entry((queue, channel))
                            .or_insert(Rule { priority: rule.priority, delay_ms: rule.delay_ms });
                    }
                }
            }
        }
        self.profiles[profile as usize].rules = rules;
    }

    /// Works out the delays of a queue; true when they changed.
    pub(super) fn compile_tiers(&mut self, queue: u32) -> bool {
        let mut tiers: crate::core::channel::PerChannel<Vec<u32>> = Default::default();
        for channel in Channel::ALL {
            let delays: BTreeSet<u32> = self
                .profiles
                .iter()
                .filter_map(|profile| profile.rules.get(&(queue, channel)))
                .map(|rule| rule.delay_ms)
                .collect();
            tiers[channel] = delays.into_iter().collect();
        }
        let changed = self.queues[queue as usize].tiers != tiers;
        if changed {
            // Lines are entered by tier: leave them while the old tiers still name them.
            let slots = self.leave_all(queue);
            self.queues[queue as usize].tiers = tiers;
            for slot in slots {
                let held = &self.interactions[slot];
                let (key, early) = (held.key(slot), held.early);
                let queue = &mut self.queues[queue as usize];
                if early {
                    queue.early.insert(key);
                } else {
                    queue.places.insert(key);
                }
            }
        }
        changed
    }

    /// Empties the queue and drops its lines; the slots of who waited, in order of service.
    fn leave_all(&mut self, queue: u32) -> Vec<u32> {
        let slots = self.waiting_in(queue);
        let at = &mut self.queues[queue as usize];
        at.places = OrderedSet::default();
        at.early.clear();
        for slot in &slots {
            let held = &mut self.interactions[*slot];
            held.plan = None;
            if let Some(agent) = held.reserved.take() {
                let key = held.key(*slot);
                self.agents[agent as usize].direct.remove(&key);
            }
        }
        for plan in self.queues[queue as usize].plans.clone() {
            self.drop_plan(plan);
        }
        slots
    }

    /// Gives everyone who waits in a queue their place under its present rules. Match afterwards.
    pub(super) fn place_all_again(&mut self, turn: &Turn, queue: u32) {
        for slot in self.leave_all(queue) {
            self.place(slot, turn.now);
        }
    }

    /// Offers what waits in a queue, in order of service, while there are agents for it.
    pub(super) fn match_queue(&mut self, turn: &mut Turn, queue: u32) {
        let slots: Vec<u32> = self.queues[queue as usize].places.iter().map(|key| key.slot).collect();
        for slot in slots {
            self.find_agent(turn, slot);
        }
    }
}
