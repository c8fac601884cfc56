//! The two ways a match is made: an interaction looks for an agent, an agent looks for an interaction. Both look only
//! where something changed, and only at the heads of lines.

use super::{Tenant, Turn};
use crate::core::{
    channel::ChannelSet,
    mutation::{Guard, stands},
    state::{OrderKey, Stage},
    strategy::Strategy,
};

impl Tenant {
    /// Offers a waiting interaction to the best ready agent, if there is one.
    pub(super) fn find_agent(&mut self, turn: &mut Turn, slot: u32) {
        if self.interactions[slot].stage != Stage::Waiting {
            return;
        }
        if !self.interactions[slot].early
            && let Some((reason, to)) = self.alternative_of(slot, turn.now)
        {
            self.divert(turn, slot, reason, to);
            return;
        }
        if !turn.can_offer() || !stands(Guard::Arrival) {
            return;
        }
        let interaction = &self.interactions[slot];
        if let Some(agent) = interaction.reserved {
            if self.agents[agent as usize].ready_channels().has(interaction.channel) {
                self.offer_and_list(turn, slot, &[agent]);
            }
            return;
        }
        if self.queues[interaction.queue as usize]
            .config
            .as_ref()
            .is_some_and(|config| config.strategy == Strategy::RingAll)
        {
            self.ring_all(turn, slot);
            return;
        }
        let best = self
            .lines_of(interaction)
            .filter_map(|line| self.lines[line].ready.iter().find(|(_, agent)| !interaction.excludes(*agent)))
            .min()
            .copied();
        if let Some((_, agent)) = best {
            self.offer_and_list(turn, slot, &[agent]);
        }
    }

    pub(super) fn offer_and_list(&mut self, turn: &mut Turn, slot: u32, agents: &[u32]) {
        self.offer_to(turn, slot, agents, false);
        for agent in agents {
            self.touch(turn, *agent);
            self.list(*agent);
        }
    }

    /// Offers a free agent what waits for them, the first in order of service first, on every channel they have free.
    pub(super) fn find_work(&mut self, turn: &mut Turn, agent: u32) {
        while turn.can_offer() && stands(Guard::FreedSlot) {
            let ready = self.agents[agent as usize].ready_channels();
            if ready.is_empty() {
                return;
            }
            let Some(first) = self.first_for(agent, ready) else { return };
            self.offer(turn, first.slot, agent);
        }
    }

    /// What is the agent's turn on the given channels: of what waits for them alone, and of the lines they stand in, the
    /// first in order of service.
    fn first_for(&self, agent: u32, ready: ChannelSet) -> Option<OrderKey> {
        let who = &self.agents[agent as usize];
        let direct = who.direct.iter().find(|key| ready.has(self.interactions[key.slot].channel));
        let direct = direct.map(|key| (key.effective, *key));
        let lines = || who.memberships.iter().filter(|membership| ready.has(membership.channel));
        let heads = lines().filter_map(|membership| {
            let head = self.lines[membership.line].waiting.first()?;
            Some((head.effective - membership.advance_ms, head))
        });
        let (_, first) = direct.into_iter().chain(heads).min()?;
        let excludes = |key: &OrderKey| self.interactions[key.slot].excludes(agent);
        // Interactions lie far apart in memory: only the first of all heads is looked at, unless it excludes the agent.
        if !excludes(&first) {
            return Some(first);
        }
        let others = lines().filter_map(|membership| {
            let next = self.lines[membership.line].waiting.iter().find(|key| !excludes(key))?;
            Some((next.effective - membership.advance_ms, next))
        });
        direct.into_iter().chain(others).min().map(|(_, key)| key)
    }
}
