//! Ring all: whoever is ready is asked at once, and whoever becomes ready while it rings is asked too. The first to accept
//! wins.

use super::{Tenant, Turn};
use crate::core::{
    channel::ChannelSet,
    effect::Manner,
    mutation::{Guard, stands},
    state::OrderKey,
    strategy::Strategy,
};

/// It rings at so many agents at once, the longest idle of those who are ready.
pub(crate) const MAX_RING_ALL: usize = 50;

/// What a decision calls the strategy when somebody joins those at whom it rings already.
pub(crate) const JOINED: &str = "ring all, joined while it rang";

impl Tenant {
    /// Rings at every agent who is ready, at most [`MAX_RING_ALL`].
    pub(super) fn ring_all(&mut self, turn: &mut Turn, slot: u32) {
        let interaction = &self.interactions[slot];
        let mut ready: Vec<(i64, u32)> = self
            .lines_of(interaction)
            .flat_map(|line| {
                let able = |(_, agent): &&(i64, u32)| !interaction.excludes(*agent);
                self.lines[line].ready.iter().filter(able).take(MAX_RING_ALL)
            })
            .copied()
            .collect();
        ready.sort_unstable();
        ready.truncate(MAX_RING_ALL);
        let agents: Vec<u32> = ready.into_iter().map(|(_, agent)| agent).collect();
        if !agents.is_empty() {
            self.offer_and_list(turn, slot, &agents);
        }
    }

    /// Whether what is offered next may be joined: not what waits for somebody alone, or is given by hand.
    pub(super) fn rings_at_all(&self, slot: u32, by_hand: bool) -> bool {
        let interaction = &self.interactions[slot];
        !by_hand && interaction.reserved.is_none() && self.strategy_of(interaction) == Strategy::RingAll
    }

    /// Whoever becomes ready may join.
    pub(super) fn begin_ringing(&mut self, slot: u32) {
        let interaction = &mut self.interactions[slot];
        interaction.at_all = true;
        self.queues[interaction.queue as usize].ringing.insert(interaction.key(slot));
        self.at_all += 1;
    }

    /// Nobody is rung any more.
    pub(super) fn end_ringing(&mut self, slot: u32) {
        let interaction = &mut self.interactions[slot];
        if std::mem::take(&mut interaction.at_all) {
            let key = interaction.key(slot);
            self.queues[interaction.queue as usize].ringing.remove(&key);
            self.at_all -= 1;
        }
    }

    /// Rings at an agent for whom nothing waits and who is ready: what rings at others already, the first in order of
    /// service first.
    pub(super) fn join_ringing(&mut self, turn: &mut Turn, agent: u32) {
        while self.at_all > 0 && turn.can_offer() && stands(Guard::FreedSlot) {
            let ready = self.agents[agent as usize].ready_channels();
            if ready.is_empty() {
                return;
            }
            let mut ringing = self.ringing_for(agent, ready);
            ringing.sort_unstable();
            if !ringing.into_iter().any(|(_, key)| self.ring_too(turn, key.slot, agent)) {
                return;
            }
        }
    }

    /// What rings in the agent's queues on the given channels, with its place for them. Whether they meet its requirements is
    /// not asked yet.
    fn ringing_for(&self, agent: u32, ready: ChannelSet) -> Vec<(i64, OrderKey)> {
        let mut found = Vec::new();
        for queue in self.queues_of(agent) {
            let at = &self.queues[queue as usize];
            let Some(config) = at.config.as_ref().filter(|config| config.strategy == Strategy::RingAll)
            else {
                continue;
            };
            for key in &at.ringing {
                let held = &self.interactions[key.slot];
                let Some(rule) = self.rule_of(agent, queue, held.channel) else { continue };
                let in_time = at.tiers[held.channel]
                    .get(..held.tiers as usize)
                    .is_some_and(|tiers| tiers.contains(&rule.delay_ms));
                let may = ready.has(held.channel)
                    && in_time
                    && held.also.len() + 1 < MAX_RING_ALL
                    && held.offer_to(agent).is_none()
                    && !held.excludes(agent);
                if may {
                    let advance_ms = i64::from(rule.priority) * i64::from(config.priority_worth_ms);
                    found.push((key.effective - advance_ms, *key));
                }
            }
        }
        found
    }

    /// Rings at one more agent, for as long as at everyone else, if they meet the requirements as they were when it began to
    /// ring. Nobody is interrupted by this: it is asked like everyone else, even where a channel is auto-accepted.
    fn ring_too(&mut self, turn: &mut Turn, slot: u32, agent: u32) -> bool {
        if self.alternative_of(slot, turn.now).is_some() {
            return false;
        }
        let plan = self.acquire_plan(slot);
        let interaction = &mut self.interactions[slot];
        // As it was searched: so the decision counts those who meet its requirements.
        interaction.plan = Some(plan);
        let ring = interaction.ring;
        let who = &self.agents[agent as usize];
        let qualifies =
            who.config.as_ref().is_some_and(|config| self.plans[plan].admits(ring, &who.name, config));
        let decision = qualifies.then(|| self.decide(turn, slot, &[agent], false));
        self.interactions[slot].plan = None;
        self.release_plan(plan);
        let Some(decision) = decision else { return false };
        let interaction = &self.interactions[slot];
        let config = self.queues[interaction.queue as usize].config.as_ref();
        let rings_ms = config.map_or(0, |config| i64::from(config.offer_timeout_ms));
        let manner = Manner {
            whisper: config.map(|config| config.whisper.clone()).unwrap_or_default(),
            auto_accept: false,
            callback: interaction.callback.is_some(),
            ring_all: true,
            by_hand: false,
        };
        self.ring(turn, slot, agent, turn.now.plus_millis(rings_ms), Box::new(decision), manner);
        true
    }
}
