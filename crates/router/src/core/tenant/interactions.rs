//! Interactions as their ingress tells of them: queued, connected, ended.

use super::{Tenant, Turn};
use crate::core::{
    effect::Outcome,
    ids::InteractionId,
    input::{EndReason, Queued},
    state::{Callback, Interaction, Preferred, Stage},
};

/// An enqueue time may lie at most so far back.
const MAX_BACK_MS: i64 = 604_800_000;

impl Tenant {
    pub(super) fn interaction_queued(&mut self, turn: &mut Turn, queued: Queued) {
        if self.ended.has(&queued.interaction) {
            return;
        }
        let slot = self.slot_under(queued.interaction);
        let queue = self.queue_named(&queued.queue);
        let Some(slot) = slot else {
            self.begin(turn, queue, queued);
            return;
        };
        match self.interactions[slot].stage {
            Stage::Waiting | Stage::Offered { .. } | Stage::Diverted { .. } => {
                let freed = self.take_out(turn, slot, Outcome::Rescinded);
                // For other agents it is another question: whoever parked a call takes it back at once.
                if self.interactions[slot].rings != queued.rings {
                    self.interactions[slot].excluded.clear();
                }
                self.moved(turn, slot, queue, queued, freed);
            }
            Stage::Assigned { .. } | Stage::Parked { .. } => self.given_up(turn, slot, queue, queued),
            Stage::WrapUp { .. } => {}
        }
    }

    fn begin(&mut self, turn: &mut Turn, queue: u32, queued: Queued) {
        let id = queued.interaction;
        let preferred = self.preferred_of(queue, &queued);
        let earliest = turn.now.plus_millis(-MAX_BACK_MS);
        let of = queued.callback.as_ref().and_then(|wish| self.slot_under(wish.of?));
        let enqueued_at = match of {
            Some(call) => self.interactions[call].enqueued_at,
            None => queued.enqueued_at.map_or(turn.now, |at| at.clamp(earliest, turn.now)),
        };
        let callback =
            queued.callback.map(|wish| Box::new(Callback { phone: wish.phone, of: wish.of, attempts: 0 }));
        let slot = self.interactions.insert(Interaction {
            id,
            queue,
            channel: queued.channel,
            priority: queued.priority,
            rings: queued.rings,
            details: queued.details,
            queued_at: turn.now,
            enqueued_at,
            search_from: turn.now,
            not_before: queued.not_before,
            skills: queued.skills,
            preferred,
            callback,
            also: Vec::new(),
            at_all: false,
            hops: 0,
            estimate: None,
            excluded: Vec::new(),
            stage: Stage::Waiting,
            ring: 0,
            tiers: 0,
            effective: 0,
            early: false,
            reserved: None,
            plan: None,
        });
        self.interaction_of.insert(&id, slot);
        self.say_scheduled(turn, slot);
        self.place(slot, turn.now);
        self.find_agent(turn, slot);
        self.note_estimate(turn, slot);
    }

    /// Who is asked first, if the interaction names an agent that is known.
    fn preferred_of(&self, queue: u32, queued: &Queued) -> Option<Preferred> {
        let agent = self.agent_under(queued.preferred.as_ref()?)?;
        let config = self.queues[queue as usize].config.as_ref()?;
        Some(Preferred { agent, any_agent: config.sticky_any_agent, for_ms: Some(config.preferred_for_ms) })
    }

    /// Waits under other terms. Whoever has waited keeps the time since which they have.
    fn moved(&mut self, turn: &mut Turn, slot: u32, queue: u32, queued: Queued, freed: Vec<u32>) {
        let preferred = self.preferred_of(queue, &queued);
        let interaction = &mut self.interactions[slot];
        let elsewhere = interaction.queue != queue
            || interaction.rings != queued.rings
            || interaction.skills != queued.skills
            || preferred.is_some()
            || matches!(interaction.stage, Stage::Diverted { .. });
        if elsewhere {
            interaction.search_from = turn.now;
        }
        interaction.queue = queue;
        interaction.channel = queued.channel;
        interaction.priority = queued.priority;
        interaction.rings = queued.rings;
        interaction.skills = queued.skills;
        interaction.preferred = preferred;
        interaction.not_before = queued.not_before;
        interaction.details = queued.details;
        interaction.hops = 0;
        self.wait_again(turn, slot, freed);
    }

    /// Its agent gave it to a queue: it waits there as from now, unless it keeps its place, and is not offered to that
    /// agent for a while.
    fn given_up(&mut self, turn: &mut Turn, slot: u32, queue: u32, queued: Queued) {
        let agent = self.interactions[slot].stage.agent();
        let freed = self.take_out(turn, slot, Outcome::Rescinded);
        let again_ms = self.retry_ms(queue);
        let interaction = &mut self.interactions[slot];
        if !queued.keep_place {
            interaction.enqueued_at = turn.now;
        }
        interaction.search_from = turn.now;
        if let Some(agent) = agent
            && again_ms > 0
        {
            interaction.excluded.retain(|(excluded, _)| *excluded != agent);
            interaction.excluded.push((agent, turn.now.plus_millis(again_ms)));
        }
        self.moved(turn, slot, queue, queued, freed);
    }

    pub(super) fn interaction_connected(&mut self, turn: &mut Turn, interaction: InteractionId) {
        let Some(slot) = self.slot_under(interaction) else { return };
        if let Stage::Assigned { agent, connected_at, .. } = &mut self.interactions[slot].stage
            && connected_at.is_none()
        {
            *connected_at = Some(turn.now);
            let who = &mut self.agents[*agent as usize];
            who.connecting -= 1;
            // Another offer may be due to an agent whose offers are paced.
            if who.max_offers > 0 {
                let agent = *agent;
                self.settle(turn, agent);
            }
        }
    }

    pub(super) fn interaction_ended(
        &mut self,
        turn: &mut Turn,
        interaction: InteractionId,
        reason: EndReason,
    ) {
        self.ended.insert(interaction);
        let Some(slot) = self.slot_under(interaction) else { return };
        let empty = [String::new(), String::new()];
        match self.interactions[slot].stage {
            Stage::Waiting | Stage::Offered { .. } | Stage::Diverted { .. } => {
                let held = &self.interactions[slot];
                if held.callback.is_none() && !matches!(held.stage, Stage::Diverted { .. }) {
                    self.queues[held.queue as usize].measured.abandoned(turn.now);
                }
                let freed = self.take_out(turn, slot, Outcome::Rescinded);
                self.forget(turn, slot, None, None, turn.now, reason, empty);
                for agent in freed {
                    self.settle(turn, agent);
                }
            }
            Stage::Assigned { agent, connected_at: None, .. } => {
                self.release(slot);
                self.forget(turn, slot, Some(agent), None, turn.now, reason, empty);
                self.settle(turn, agent);
            }
            Stage::Assigned { connected_at: Some(answered_at), .. }
            | Stage::Parked { connected_at: answered_at, .. } => {
                self.start_wrap_up(turn, slot, answered_at, reason);
            }
            Stage::WrapUp { .. } => {}
        }
    }
}
