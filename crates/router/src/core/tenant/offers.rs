//! Offers: an agent is asked to take an interaction, and answers or does not.

use super::{Tenant, Turn, deadlines::Due};
use crate::core::{
    channel::Channel,
    effect::{Effect, Outcome, Rejection},
    ids::{Name, OfferId},
    state::Stage,
};

impl Tenant {
    /// Offers a waiting interaction to an agent who can take it. List or settle the agent afterwards.
    pub(super) fn offer(&mut self, turn: &mut Turn, slot: u32, agent: u32) {
        let decision = Box::new(self.decide(turn, slot, agent));
        self.unplace(slot);
        let offer = turn.next_offer();
        let interaction = &mut self.interactions[slot];
        let queue = &mut self.queues[interaction.queue as usize];
        let rings_ms = queue.config.as_ref().map_or(0, |config| i64::from(config.offer_timeout_ms));
        let expires_at = turn.now.plus_millis(rings_ms);
        interaction.stage = Stage::Offered { offer, agent, expires_at };
        queue.in_hand += 1;
        let who = &mut self.agents[agent as usize];
        who.last_offer = turn.sequence;
        who.offered_at = turn.now;
        who.work.push(slot);
        who.load[interaction.channel] += 1;
        who.ringing[interaction.channel] += 1;
        turn.effects.push(Effect::OfferMade {
            offer,
            interaction: interaction.id,
            agent: who.name.clone(),
            queue: queue.name.clone(),
            channel: interaction.channel,
            expires_at,
            queued_at: interaction.queued_at,
            details: interaction.details.clone(),
            decision,
        });
        self.offers.insert(offer, slot);
        self.deadlines.push(expires_at, Due::Offer(offer));
    }

    pub(super) fn accept_offer(
        &mut self,
        turn: &mut Turn,
        name: &Name,
        offer: OfferId,
    ) -> Result<(), Rejection> {
        let agent = self.known_agent(name)?;
        let slot = self.held(agent, offer)?;
        if matches!(self.interactions[slot].stage, Stage::Assigned { .. }) {
            // The agent says it again.
            return Ok(());
        }
        self.offers.remove(&offer);
        self.say_offer_ended(turn, slot, Outcome::Accepted);
        let interaction = &mut self.interactions[slot];
        interaction.stage = Stage::Assigned { offer, agent, connected_at: None };
        let who = &mut self.agents[agent as usize];
        who.ringing[interaction.channel] -= 1;
        who.handling += 1;
        who.accepted_today += 1;
        turn.effects.push(Effect::InteractionAssigned {
            interaction: interaction.id,
            agent: name.clone(),
            agent_name: who.config.as_ref().map(|config| config.display_name.clone()).unwrap_or_default(),
            offer,
            queue: self.queues[interaction.queue as usize].name.clone(),
            channel: interaction.channel,
            waited_ms: turn.now - interaction.queued_at,
        });
        self.settle(turn, agent);
        Ok(())
    }

    pub(super) fn decline_offer(
        &mut self,
        turn: &mut Turn,
        name: &Name,
        offer: OfferId,
    ) -> Result<(), Rejection> {
        let agent = self.known_agent(name)?;
        let slot = self.held(agent, offer)?;
        if !matches!(self.interactions[slot].stage, Stage::Offered { .. }) {
            return Err(Rejection::OfferGone);
        }
        self.offer_failed(turn, slot, Outcome::Declined);
        Ok(())
    }

    pub(super) fn report_unreachable(
        &mut self,
        turn: &mut Turn,
        name: &Name,
        offer: OfferId,
    ) -> Result<(), Rejection> {
        let agent = self.known_agent(name)?;
        let slot = self.held(agent, offer)?;
        match self.interactions[slot].stage {
            Stage::Offered { .. } => self.offer_failed(turn, slot, Outcome::Unreachable),
            Stage::Assigned { connected_at: None, .. } => self.assignment_failed(turn, slot),
            _ => return Err(Rejection::OfferGone),
        }
        Ok(())
    }

    /// The interaction that the agent holds by this offer, ringing or assigned.
    fn held(&self, agent: u32, offer: OfferId) -> Result<u32, Rejection> {
        let by_this_offer = |slot: &&u32| match self.interactions[**slot].stage {
            Stage::Offered { offer: held, .. } | Stage::Assigned { offer: held, .. } => held == offer,
            Stage::Waiting | Stage::WrapUp { .. } => false,
        };
        match self.agents[agent as usize].work.iter().find(by_this_offer) {
            Some(slot) => Ok(*slot),
            None if self.offers.get(&offer).is_some() => Err(Rejection::NotYours),
            None => Err(Rejection::OfferGone),
        }
    }

    /// The agent did not take it: the interaction goes back to its old place, and to someone else if there is one.
    pub(super) fn offer_failed(&mut self, turn: &mut Turn, slot: u32, outcome: Outcome) {
        let agent = self.end_offer(turn, slot, outcome);
        self.shun(turn, slot, agent, outcome != Outcome::Declined);
    }

    /// The agent took it and could not be reached: as if the offer had failed.
    fn assignment_failed(&mut self, turn: &mut Turn, slot: u32) {
        self.say_offer_ended(turn, slot, Outcome::Unreachable);
        let Some(agent) = self.release(slot) else { return };
        self.shun(turn, slot, agent, true);
    }

    /// Puts the interaction back where it was, not to be offered to this agent for a while.
    fn shun(&mut self, turn: &mut Turn, slot: u32, agent: u32, silent: bool) {
        let interaction = &mut self.interactions[slot];
        let config = self.queues[interaction.queue as usize].config.as_ref();
        let again_ms = config.map_or(0, |config| i64::from(config.retry_same_agent_after_ms));
        let stays = config.is_some_and(|config| config.stay_available_after_no_answer);
        if again_ms > 0 {
            interaction.excluded.retain(|(excluded, _)| *excluded != agent);
            interaction.excluded.push((agent, turn.now.plus_millis(again_ms)));
        }
        if silent && !stays {
            self.agents[agent as usize].not_responding = true;
        }
        self.list(agent);
        self.place(slot, turn.now);
        self.find_agent(turn, slot);
        self.settle(turn, agent);
    }

    /// Ends a ringing offer and frees the agent's slot; the interaction must be put somewhere afterwards, and the agent
    /// settled.
    pub(super) fn end_offer(&mut self, turn: &mut Turn, slot: u32, outcome: Outcome) -> u32 {
        self.say_offer_ended(turn, slot, outcome);
        let Stage::Offered { offer, agent, .. } = self.interactions[slot].stage else {
            unreachable!("only a ringing offer ends")
        };
        self.offers.remove(&offer);
        self.release(slot);
        self.touch(turn, agent);
        agent
    }

    fn say_offer_ended(&mut self, turn: &mut Turn, slot: u32, outcome: Outcome) {
        let interaction = &self.interactions[slot];
        let (Stage::Offered { offer, agent, .. } | Stage::Assigned { offer, agent, .. }) = interaction.stage
        else {
            return;
        };
        turn.effects.push(Effect::OfferEnded {
            offer,
            interaction: interaction.id,
            agent: self.agents[agent as usize].name.clone(),
            queue: self.queues[interaction.queue as usize].name.clone(),
            channel: interaction.channel,
            outcome,
        });
    }

    /// Takes an interaction out of its agent's hands. The stage is left for the caller to set.
    pub(super) fn release(&mut self, slot: u32) -> Option<u32> {
        let interaction = &self.interactions[slot];
        let channel: Channel = interaction.channel;
        let agent = interaction.stage.agent()?;
        let who = &mut self.agents[agent as usize];
        who.work.retain(|held| *held != slot);
        match interaction.stage {
            Stage::Waiting => {}
            Stage::Offered { .. } => {
                who.ringing[channel] -= 1;
                who.load[channel] -= 1;
            }
            Stage::Assigned { .. } => {
                who.handling -= 1;
                who.load[channel] -= 1;
            }
            Stage::WrapUp { holds, .. } => who.load[channel] -= u8::from(holds),
        }
        self.queues[interaction.queue as usize].in_hand -= 1;
        Some(agent)
    }
}
