//! The two ways a match is made: an interaction looks for an agent, an agent looks for an interaction. Both look only
//! where something changed, and only at the heads of lines.

use super::{Tenant, Turn};
use crate::core::state::{OrderKey, Stage};

impl Tenant {
    /// Offers a waiting interaction to the best ready agent, if there is one.
    pub(super) fn find_agent(&mut self, turn: &mut Turn, slot: u32) {
        let interaction = &self.interactions[slot];
        if interaction.stage != Stage::Waiting || !turn.can_offer() {
            return;
        }
        let best = self
            .lines_of(interaction)
            .filter_map(|line| self.lines[line].ready.iter().find(|(_, agent)| !interaction.excludes(*agent)))
            .min()
            .copied();
        if let Some((_, agent)) = best {
            self.offer(turn, slot, agent);
            self.touch(turn, agent);
            self.list(agent);
        }
    }

    /// Offers a free agent what waits for them, the first in order of service first, on every channel they have free.
    pub(super) fn find_work(&mut self, turn: &mut Turn, agent: u32) {
        while turn.can_offer() {
            let who = &self.agents[agent as usize];
            let ready = who.ready_channels();
            if ready.is_empty() {
                return;
            }
            let mut best: Option<(i64, OrderKey)> = None;
            for membership in &who.memberships {
                let line = &self.lines[membership.line];
                let Some(head) = line.waiting.first().filter(|_| ready.has(membership.channel)) else {
                    continue;
                };
                let better = |key: OrderKey| {
                    let rank = (key.effective - membership.advance_ms, key);
                    best.is_none_or(|best| rank < best).then_some(rank)
                };
                let Some(rank) = better(head) else { continue };
                if !self.interactions[head.slot].excludes(agent) {
                    best = Some(rank);
                } else if let Some(next) =
                    line.waiting.iter().find(|key| !self.interactions[key.slot].excludes(agent))
                    && let Some(rank) = better(next)
                {
                    best = Some(rank);
                }
            }
            let Some((_, key)) = best else { return };
            self.offer(turn, key.slot, agent);
        }
    }
}
