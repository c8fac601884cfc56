//! What people do with interactions beside answering them: transfer, assign, pull, put forward.

use super::{Tenant, Turn};
use crate::core::{
    effect::{Effect, Outcome, Rejection},
    ids::{InteractionId, Name},
    input::Transfer,
    state::{Preferred, Stage},
};

impl Tenant {
    /// The interaction under this id.
    pub(super) fn known_interaction(&self, interaction: InteractionId) -> Result<u32, Rejection> {
        self.slot_under(interaction).ok_or(Rejection::UnknownInteraction)
    }

    /// Gives an interaction to a queue or an agent. Whoever waited keeps their place; whoever was held waits as from now,
    /// unless they keep theirs, and is not given back to the same agent for a while.
    pub(super) fn transfer(&mut self, turn: &mut Turn, transfer: Transfer) -> Result<(), Rejection> {
        let slot = self.known_interaction(transfer.interaction)?;
        let held = &self.interactions[slot];
        let (from_queue, channel) = (held.queue, held.channel);
        let holder = match held.stage {
            Stage::Assigned { agent, .. } | Stage::Parked { agent, .. } => Some(agent),
            Stage::WrapUp { .. } => return Err(Rejection::NotHeld),
            Stage::Waiting | Stage::Offered { .. } | Stage::Diverted { .. } => None,
        };
        if let Some(name) = &transfer.agent {
            let agent = self.known_agent(name)?;
            match holder {
                Some(holder) if holder == agent => {}
                Some(_) => return Err(Rejection::NotYours),
                None => return Err(Rejection::NotHeld),
            }
        }
        let queue = match &transfer.queue {
            Some(name) => self.queue_of.get(name).ok_or(Rejection::UnknownQueue)?,
            None => from_queue,
        };
        if self.queues[queue as usize].config.is_none() {
            return Err(Rejection::UnknownQueue);
        }
        let to_agent = match &transfer.to_agent {
            Some(name) => Some(self.agent_for(name, channel)?),
            None => None,
        };
        if to_agent.is_some() && to_agent == holder {
            return Err(Rejection::AgentBusy);
        }
        let freed = self.take_out(turn, slot, Outcome::Rescinded);
        let again_ms = self.retry_ms(queue);
        let interaction = &mut self.interactions[slot];
        if holder.is_some() && !transfer.keep_place {
            interaction.enqueued_at = turn.now;
        }
        if queue != from_queue {
            interaction.rings = std::sync::Arc::from(Vec::new());
        }
        interaction.queue = queue;
        interaction.hops = 0;
        interaction.search_from = turn.now;
        interaction.preferred =
            to_agent.map(|agent| Preferred { agent, any_agent: true, for_ms: transfer.only_for_ms });
        if let Some(holder) = holder
            && again_ms > 0
        {
            interaction.excluded.retain(|(excluded, _)| *excluded != holder);
            interaction.excluded.push((holder, turn.now.plus_millis(again_ms)));
        }
        if let Some(to_agent) = to_agent {
            interaction.excluded.retain(|(excluded, _)| *excluded != to_agent);
        }
        let id = interaction.id;
        turn.effects.push(Effect::InteractionTransferred {
            interaction: id,
            channel,
            from_agent: holder.map(|agent| self.agents[agent as usize].name.clone()),
            from_queue: self.queues[from_queue as usize].name.clone(),
            queue: self.queues[queue as usize].name.clone(),
            to_agent: transfer.to_agent,
            keeps_place: holder.is_none() || transfer.keep_place,
        });
        self.wait_again(turn, slot, freed);
        Ok(())
    }

    /// The agent under this name, if they take work and ever have a slot on the channel.
    fn agent_for(&self, name: &Name, channel: crate::core::Channel) -> Result<u32, Rejection> {
        let agent = self.configured_agent(name)?;
        let who = &self.agents[agent as usize];
        if !who.takes_work() {
            return Err(Rejection::AgentAway);
        }
        if who.capacities[channel].slots == 0 {
            return Err(Rejection::AgentBusy);
        }
        Ok(agent)
    }

    /// Milliseconds for which the same agent is not asked again in a queue.
    pub(super) fn retry_ms(&self, queue: u32) -> i64 {
        let config = self.queues[queue as usize].config.as_ref();
        config.map_or(0, |config| i64::from(config.retry_same_agent_after_ms))
    }

    /// Takes an interaction out of wherever it is before its line is gone: its queue, or agents' hands. Put it somewhere,
    /// then settle the agents that it gives back.
    pub(super) fn take_out(&mut self, turn: &mut Turn, slot: u32, outcome: Outcome) -> Vec<u32> {
        match self.interactions[slot].stage {
            Stage::Waiting => {
                self.unplace(slot);
                Vec::new()
            }
            Stage::Offered { .. } => self.end_offers(turn, slot, outcome),
            Stage::Assigned { .. } | Stage::Parked { .. } | Stage::WrapUp { .. } => {
                let Some(agent) = self.release(slot) else { return Vec::new() };
                let who = &mut self.agents[agent as usize];
                if who.total_load() == 0 {
                    who.idle_since = turn.now;
                }
                vec![agent]
            }
            Stage::Diverted { .. } => Vec::new(),
        }
    }

    /// Waits again, and the agents it was taken from see to the rest.
    pub(super) fn wait_again(&mut self, turn: &mut Turn, slot: u32, freed: Vec<u32>) {
        for agent in &freed {
            self.list(*agent);
        }
        self.place(slot, turn.now);
        self.find_agent(turn, slot);
        for agent in freed {
            self.settle(turn, agent);
        }
    }

    /// Offers what waits to this agent, whatever their skills and queues; with `at_once`, without ringing.
    pub(super) fn assign(
        &mut self,
        turn: &mut Turn,
        interaction: InteractionId,
        name: &Name,
        at_once: bool,
    ) -> Result<(), Rejection> {
        let slot = self.known_interaction(interaction)?;
        let agent = self.configured_agent(name)?;
        let held = &self.interactions[slot];
        let channel = held.channel;
        match held.stage {
            Stage::Waiting => {}
            Stage::Offered { .. } => {
                if let Some(offer) = held.offer_to(agent) {
                    if at_once {
                        let others = self.take(turn, slot, agent, offer);
                        self.settle(turn, agent);
                        for other in others {
                            self.settle(turn, other);
                        }
                    }
                    return Ok(());
                }
            }
            _ => return Err(Rejection::NotWaiting),
        }
        let who = &self.agents[agent as usize];
        if !who.takes_work() {
            return Err(Rejection::AgentAway);
        }
        let free = if at_once { who.has_room(channel) } else { who.ready_channels().has(channel) };
        if !free {
            return Err(Rejection::AgentBusy);
        }
        let mut freed = Vec::new();
        if matches!(self.interactions[slot].stage, Stage::Offered { .. }) {
            freed = self.end_offers(turn, slot, Outcome::Rescinded);
            for agent in &freed {
                self.list(*agent);
            }
            self.place(slot, turn.now);
        }
        self.interactions[slot].excluded.retain(|(excluded, _)| *excluded != agent);
        self.offer_to(turn, slot, &[agent], true);
        if at_once && let Some(offer) = self.interactions[slot].offer_to(agent) {
            self.take(turn, slot, agent, offer);
        }
        self.settle(turn, agent);
        for agent in freed {
            self.settle(turn, agent);
        }
        Ok(())
    }

    /// Its own priority is another from now on.
    pub(super) fn change_priority(
        &mut self,
        turn: &mut Turn,
        interaction: InteractionId,
        priority: i32,
    ) -> Result<(), Rejection> {
        let slot = self.known_interaction(interaction)?;
        let waits = match self.interactions[slot].stage {
            Stage::Waiting => true,
            Stage::Offered { .. } => false,
            _ => return Err(Rejection::NotWaiting),
        };
        if waits {
            self.unplace(slot);
        }
        let held = &mut self.interactions[slot];
        held.priority = priority;
        let (interaction, channel, queue) = (held.id, held.channel, held.queue);
        let queue = self.queues[queue as usize].name.clone();
        turn.effects.push(Effect::PriorityChanged { interaction, channel, queue, priority });
        if waits {
            self.place(slot, turn.now);
            self.find_agent(turn, slot);
        }
        Ok(())
    }
}
