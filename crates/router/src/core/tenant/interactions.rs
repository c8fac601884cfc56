//! Interactions as their ingress tells of them: queued, connected, ended.

use super::{Tenant, Turn};
use crate::core::{
    effect::Outcome,
    ids::InteractionId,
    input::{EndReason, Queued},
    state::{Interaction, Stage},
};

impl Tenant {
    pub(super) fn interaction_queued(&mut self, turn: &mut Turn, queued: Queued) {
        if self.ended.has(&queued.interaction) {
            return;
        }
        let slot = self.interaction_of.get(&queued.interaction);
        let queue = self.queue_named(&queued.queue);
        let Some(slot) = slot else {
            self.begin(turn, queue, queued);
            return;
        };
        match self.interactions[slot].stage {
            Stage::Waiting => {
                self.unplace(slot);
                self.moved(turn, slot, queue, queued);
            }
            Stage::Offered { .. } => {
                let agent = self.end_offer(turn, slot, Outcome::Rescinded);
                self.list(agent);
                self.moved(turn, slot, queue, queued);
                self.settle(turn, agent);
            }
            Stage::Assigned { .. } => self.transferred(turn, slot, queue, queued),
            Stage::WrapUp { .. } => {}
        }
    }

    fn begin(&mut self, turn: &mut Turn, queue: u32, queued: Queued) {
        let id = queued.interaction;
        let slot = self.interactions.insert(Interaction {
            id,
            queue,
            channel: queued.channel,
            priority: queued.priority,
            rings: queued.rings,
            details: queued.details,
            queued_at: turn.now,
            enqueued_at: turn.now,
            search_from: turn.now,
            not_before: queued.not_before,
            excluded: Vec::new(),
            stage: Stage::Waiting,
            ring: 0,
            tiers: 0,
            effective: 0,
            plan: None,
        });
        self.interaction_of.insert(id, slot);
        self.place(slot, turn.now);
        self.find_agent(turn, slot);
    }

    /// Waits under other terms. Whoever has waited keeps the time since which they have.
    fn moved(&mut self, turn: &mut Turn, slot: u32, queue: u32, queued: Queued) {
        let interaction = &mut self.interactions[slot];
        if interaction.queue != queue || interaction.rings != queued.rings {
            interaction.search_from = turn.now;
        }
        interaction.queue = queue;
        interaction.channel = queued.channel;
        interaction.priority = queued.priority;
        interaction.rings = queued.rings;
        interaction.not_before = queued.not_before;
        interaction.details = queued.details;
        self.place(slot, turn.now);
        self.find_agent(turn, slot);
    }

    /// Its agent gave it to a queue: it waits there as from now, and is not offered to that agent for a while.
    fn transferred(&mut self, turn: &mut Turn, slot: u32, queue: u32, queued: Queued) {
        let Some(agent) = self.release(slot) else { return };
        let who = &mut self.agents[agent as usize];
        if who.total_load() == 0 {
            who.idle_since = turn.now;
        }
        let again_ms = self.queues[queue as usize]
            .config
            .as_ref()
            .map_or(0, |config| i64::from(config.retry_same_agent_after_ms));
        let interaction = &mut self.interactions[slot];
        interaction.enqueued_at = turn.now;
        interaction.search_from = turn.now;
        if again_ms > 0 {
            interaction.excluded.retain(|(excluded, _)| *excluded != agent);
            interaction.excluded.push((agent, turn.now.plus_millis(again_ms)));
        }
        self.list(agent);
        self.moved(turn, slot, queue, queued);
        self.settle(turn, agent);
    }

    pub(super) fn interaction_connected(&mut self, turn: &mut Turn, interaction: InteractionId) {
        let Some(slot) = self.interaction_of.get(&interaction) else { return };
        if let Stage::Assigned { connected_at, .. } = &mut self.interactions[slot].stage {
            connected_at.get_or_insert(turn.now);
        }
    }

    pub(super) fn interaction_ended(
        &mut self,
        turn: &mut Turn,
        interaction: InteractionId,
        reason: EndReason,
    ) {
        self.ended.insert(interaction);
        let Some(slot) = self.interaction_of.get(&interaction) else { return };
        let empty = [String::new(), String::new()];
        match self.interactions[slot].stage {
            Stage::Waiting => {
                self.unplace(slot);
                self.forget(turn, slot, None, None, turn.now, reason, empty);
            }
            Stage::Offered { .. } => {
                let agent = self.end_offer(turn, slot, Outcome::Rescinded);
                self.forget(turn, slot, None, None, turn.now, reason, empty);
                self.settle(turn, agent);
            }
            Stage::Assigned { agent, connected_at: None, .. } => {
                self.release(slot);
                self.forget(turn, slot, Some(agent), None, turn.now, reason, empty);
                self.settle(turn, agent);
            }
            Stage::Assigned { connected_at: Some(answered_at), .. } => {
                self.start_wrap_up(turn, slot, answered_at, reason);
            }
            Stage::WrapUp { .. } => {}
        }
    }
}
