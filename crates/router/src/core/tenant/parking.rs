//! Parking: the agent waits for the customer and has the slot free meanwhile.

use super::{Tenant, Turn};
use crate::core::{
    channel::Channel,
    effect::{Effect, Outcome, Rejection},
    ids::{InteractionId, Name},
    mutation::{Guard, stands},
    state::{Preferred, Stage},
};

/// Most interactions that one agent has parked at once.
pub(crate) const MAX_PARKED: usize = 200;

impl Tenant {
    pub(super) fn park(
        &mut self,
        turn: &mut Turn,
        interaction: InteractionId,
        name: &Name,
    ) -> Result<(), Rejection> {
        let agent = self.known_agent(name)?;
        let slot = self.known_interaction(interaction)?;
        let held = &mut self.interactions[slot];
        let Stage::Assigned { offer, agent: holder, connected_at: Some(connected_at) } = held.stage else {
            return Err(Rejection::NotHeld);
        };
        if holder != agent {
            return Err(Rejection::NotYours);
        }
        let channel = held.channel;
        let who = &mut self.agents[agent as usize];
        let too_many = who.work.len() >= MAX_PARKED;
        if matches!(channel, Channel::Voice | Channel::Video) || too_many {
            return Err(Rejection::CannotPark);
        }
        held.stage = Stage::Parked { offer, agent, connected_at, since: turn.now, wanted: false };
        self.queues[held.queue as usize].parked += 1;
        who.handling -= 1;
        who.load[channel] -= 1;
        if who.total_load() == 0 {
            who.idle_since = turn.now;
        }
        turn.effects.push(Effect::InteractionParked {
            interaction,
            agent: who.name.clone(),
            queue: self.queues[held.queue as usize].name.clone(),
            channel,
        });
        self.settle(turn, agent);
        Ok(())
    }

    /// The customer has written, or the agent goes on.
    pub(super) fn unpark(
        &mut self,
        turn: &mut Turn,
        interaction: InteractionId,
        name: Option<&Name>,
    ) -> Result<(), Rejection> {
        let slot = self.known_interaction(interaction)?;
        let Stage::Parked { agent, wanted, .. } = &mut self.interactions[slot].stage else {
            return Err(Rejection::NotParked);
        };
        let agent = *agent;
        if name.is_some_and(|name| self.agents[agent as usize].name != *name) {
            return Err(Rejection::NotYours);
        }
        if !std::mem::replace(wanted, true) {
            self.agents[agent as usize].wanted += 1;
        }
        self.settle(turn, agent);
        Ok(())
    }

    /// Takes back what the agent parked and is wanted, while there are slots, the oldest first. Of an agent who has left,
    /// it goes back to its queue, where that agent is preferred.
    pub(super) fn resume_parked(&mut self, turn: &mut Turn, agent: u32) {
        if self.agents[agent as usize].wanted == 0 {
            return;
        }
        let who = &self.agents[agent as usize];
        let mut parked: Vec<u32> = who.work.clone();
        parked.retain(|slot| matches!(self.interactions[*slot].stage, Stage::Parked { wanted: true, .. }));
        parked
            .sort_unstable_by_key(|slot| (self.interactions[*slot].enqueued_at, self.interactions[*slot].id));
        let stays = who.takes_work();
        for slot in parked {
            let channel = self.interactions[slot].channel;
            if !stays {
                self.give_up_parked(turn, slot, agent);
            } else if self.agents[agent as usize].has_room(channel) && stands(Guard::Unpark) {
                let held = &mut self.interactions[slot];
                let Stage::Parked { offer, connected_at, .. } = held.stage else { continue };
                held.stage = Stage::Assigned { offer, agent, connected_at: Some(connected_at) };
                self.queues[held.queue as usize].parked -= 1;
                let who = &mut self.agents[agent as usize];
                who.wanted -= 1;
                who.handling += 1;
                who.load[channel] += 1;
                turn.effects.push(Effect::InteractionUnparked {
                    interaction: held.id,
                    agent: who.name.clone(),
                    queue: self.queues[held.queue as usize].name.clone(),
                    channel,
                });
            }
        }
    }

    fn give_up_parked(&mut self, turn: &mut Turn, slot: u32, agent: u32) {
        let _ = self.take_out(turn, slot, Outcome::Rescinded);
        let held = &mut self.interactions[slot];
        held.enqueued_at = turn.now;
        held.search_from = turn.now;
        held.hops = 0;
        let config = self.queues[held.queue as usize].config.as_ref();
        let for_ms = Some(config.map_or(0, |config| config.preferred_for_ms));
        held.preferred = Some(Preferred { agent, any_agent: true, for_ms });
        let queue = self.queues[held.queue as usize].name.clone();
        turn.effects.push(Effect::InteractionTransferred {
            interaction: held.id,
            channel: held.channel,
            from_agent: Some(self.agents[agent as usize].name.clone()),
            from_queue: queue.clone(),
            queue,
            to_agent: None,
            keeps_place: false,
        });
        self.place(slot, turn.now);
        self.find_agent(turn, slot);
    }
}
