//! Offers: agents are asked to take an interaction, and answer or do not.

use contract::Timestamp;

use super::{Tenant, Turn, deadlines::Due};
use crate::core::{
    decision::Decision,
    effect::{Effect, Manner, Outcome, Rejection},
    ids::{Name, OfferId},
    mutation::{Guard, stands},
    state::{Rung, Stage},
};

impl Tenant {
    /// Offers a waiting interaction to an agent who can take it. List or settle the agent afterwards.
    pub(super) fn offer(&mut self, turn: &mut Turn, slot: u32, agent: u32) {
        self.offer_to(turn, slot, &[agent], false);
    }

    /// Offers a waiting interaction to agents who can take it, at least one; several: it rings at all of them. List or
    /// settle them afterwards.
    pub(super) fn offer_to(&mut self, turn: &mut Turn, slot: u32, agents: &[u32], by_hand: bool) {
        let decision = self.decide(turn, slot, agents, by_hand);
        let at_all = self.rings_at_all(slot, by_hand);
        self.unplace(slot);
        let interaction = &self.interactions[slot];
        let channel = interaction.channel;
        let queue = &mut self.queues[interaction.queue as usize];
        queue.in_hand += 1;
        let config = queue.config.as_ref();
        let rings_ms = config.map_or(0, |config| i64::from(config.offer_timeout_ms));
        let auto_accept =
            agents.len() == 1 && self.agents[agents[0] as usize].capacities[channel].auto_accept;
        let manner = Manner {
            whisper: config.map(|config| config.whisper.clone()).unwrap_or_default(),
            callback: interaction.callback.is_some(),
            auto_accept,
            ring_all: agents.len() > 1,
            by_hand,
        };
        let expires_at = turn.now.plus_millis(rings_ms);
        let mut reasons = Some((Box::new(decision), manner));
        for (index, agent) in agents.iter().enumerate() {
            let last = index + 1 == agents.len();
            let reasons = if last { reasons.take() } else { reasons.clone() };
            if let Some((decision, manner)) = reasons {
                self.ring(turn, slot, *agent, expires_at, decision, manner);
            }
        }
        if at_all {
            self.begin_ringing(slot);
        }
        if auto_accept && let Stage::Offered { offer, agent, .. } = self.interactions[slot].stage {
            self.take(turn, slot, agent, offer);
        }
    }

    /// Asks an agent, who has a slot for it, alone or beside others.
    pub(super) fn ring(
        &mut self,
        turn: &mut Turn,
        slot: u32,
        agent: u32,
        expires_at: Timestamp,
        decision: Box<Decision>,
        manner: Manner,
    ) {
        let offer = turn.next_offer();
        let interaction = &mut self.interactions[slot];
        let channel = interaction.channel;
        if matches!(interaction.stage, Stage::Offered { .. }) {
            interaction.also.push(Rung { offer, agent, expires_at });
        } else {
            interaction.stage = Stage::Offered { offer, agent, expires_at };
        }
        let who = &mut self.agents[agent as usize];
        who.last_offer = turn.sequence;
        who.offered_at = turn.now;
        who.work.push(slot);
        who.load[channel] += 1;
        who.ringing[channel] += 1;
        turn.effects.push(Effect::OfferMade {
            offer,
            interaction: interaction.id,
            agent: who.name.clone(),
            queue: self.queues[interaction.queue as usize].name.clone(),
            channel,
            expires_at,
            queued_at: interaction.queued_at,
            details: interaction.details.clone(),
            decision,
            manner,
        });
        self.offers.insert(&offer, slot);
        if stands(Guard::OfferDeadline) {
            self.deadlines.push(expires_at, Due::Offer(offer));
        }
    }

    pub(super) fn accept_offer(
        &mut self,
        turn: &mut Turn,
        name: &Name,
        offer: OfferId,
    ) -> Result<(), Rejection> {
        let agent = self.known_agent(name)?;
        let slot = self.held(agent, offer)?;
        if !matches!(self.interactions[slot].stage, Stage::Offered { .. }) {
            // The agent says it again.
            return Ok(());
        }
        let others = self.take(turn, slot, agent, offer);
        self.settle(turn, agent);
        for other in others {
            self.settle(turn, other);
        }
        Ok(())
    }

    /// The agent takes what rings; whoever else was asked is told that it is gone, and given back. Settle them and the
    /// agent.
    pub(super) fn take(&mut self, turn: &mut Turn, slot: u32, agent: u32, offer: OfferId) -> Vec<u32> {
        self.say_offer_ended(turn, slot, offer, agent, Outcome::Accepted);
        let mut others = Vec::new();
        if !self.interactions[slot].also.is_empty() {
            for (other_offer, other) in self.ringing_at(slot) {
                if other == agent {
                    continue;
                }
                if stands(Guard::Rescind) {
                    self.say_offer_ended(turn, slot, other_offer, other, Outcome::Rescinded);
                }
                self.stop_ringing(turn, slot, other_offer, other);
                others.push(other);
            }
        }
        self.offers.remove(&offer, slot);
        self.end_ringing(slot);
        let estimate_error = self.note_answer(turn, slot);
        let interaction = &mut self.interactions[slot];
        interaction.also.clear();
        interaction.stage = Stage::Assigned { offer, agent, connected_at: None };
        let queue = &self.queues[interaction.queue as usize];
        let who = &mut self.agents[agent as usize];
        who.ringing[interaction.channel] -= 1;
        who.handling += 1;
        who.connecting += 1;
        who.accepted_today += 1;
        turn.effects.push(Effect::InteractionAssigned {
            interaction: interaction.id,
            agent: who.name.clone(),
            agent_name: who.config.as_ref().map(|config| config.display_name.clone()).unwrap_or_default(),
            offer,
            queue: queue.name.clone(),
            channel: interaction.channel,
            waited_ms: turn.now - interaction.queued_at,
            whisper: queue.config.as_ref().map(|config| config.whisper.clone()).unwrap_or_default(),
            callback: interaction.callback.is_some(),
            estimate_error,
        });
        self.say_due(turn, slot);
        self.touch(turn, agent);
        others
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
        self.offer_failed(turn, slot, offer, Outcome::Declined);
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
            Stage::Offered { .. } => self.offer_failed(turn, slot, offer, Outcome::Unreachable),
            Stage::Assigned { connected_at: None, .. } => self.assignment_failed(turn, slot, offer, agent),
            _ => return Err(Rejection::OfferGone),
        }
        Ok(())
    }

    /// The interaction that the agent holds by this offer, ringing or assigned.
    fn held(&self, agent: u32, offer: OfferId) -> Result<u32, Rejection> {
        let by_this_offer = |slot: &&u32| matches!(self.interactions[**slot].stage, Stage::Assigned { offer: held, .. } if held == offer);
        if let Some(slot) = self.slot_rung_by(offer) {
            let theirs = self.interactions[slot].offer_to(agent) == Some(offer);
            return if theirs || !stands(Guard::Owner) { Ok(slot) } else { Err(Rejection::NotYours) };
        }
        self.agents[agent as usize].work.iter().find(by_this_offer).copied().ok_or(Rejection::OfferGone)
    }

    /// The agent did not take it: unless it rings at others, the interaction goes back to its old place, and to someone
    /// else if there is one.
    pub(super) fn offer_failed(&mut self, turn: &mut Turn, slot: u32, offer: OfferId, outcome: Outcome) {
        let Some(agent) = self.interactions[slot].rung_by(offer) else { return };
        self.say_offer_ended(turn, slot, offer, agent, outcome);
        let rings_on = self.stop_ringing(turn, slot, offer, agent);
        self.shun(turn, slot, agent, outcome != Outcome::Declined, rings_on);
    }

    /// The agent took it and could not be reached: as if the offer had failed.
    fn assignment_failed(&mut self, turn: &mut Turn, slot: u32, offer: OfferId, agent: u32) {
        self.say_offer_ended(turn, slot, offer, agent, Outcome::Unreachable);
        self.release(slot);
        self.shun(turn, slot, agent, true, false);
    }

    /// Puts the interaction back where it was, not to be offered to this agent for a while.
    fn shun(&mut self, turn: &mut Turn, slot: u32, agent: u32, silent: bool, rings_on: bool) {
        let interaction = &mut self.interactions[slot];
        let config = self.queues[interaction.queue as usize].config.as_ref();
        let again_ms = config.map_or(0, |config| i64::from(config.retry_same_agent_after_ms));
        let stays = config.is_some_and(|config| config.stay_available_after_no_answer);
        if again_ms > 0 && stands(Guard::Exclusion) {
            interaction.excluded.retain(|(excluded, _)| *excluded != agent);
            interaction.excluded.push((agent, turn.now.plus_millis(again_ms)));
        }
        if !stands(Guard::Place) {
            interaction.enqueued_at = turn.now;
        }
        if silent && !stays {
            self.agents[agent as usize].not_responding = true;
        }
        self.list(agent);
        if !rings_on {
            self.place(slot, turn.now);
            self.find_agent(turn, slot);
        }
        self.settle(turn, agent);
    }

    /// Every offer that rings for an interaction, in the order they were made.
    pub(super) fn ringing_at(&self, slot: u32) -> Vec<(OfferId, u32)> {
        let interaction = &self.interactions[slot];
        let first = match interaction.stage {
            Stage::Offered { offer, agent, .. } => Some((offer, agent)),
            _ => None,
        };
        first.into_iter().chain(interaction.also.iter().map(|rung| (rung.offer, rung.agent))).collect()
    }

    /// Ends every offer that rings for an interaction and frees the slots; the interaction must be put somewhere
    /// afterwards, and the agents settled.
    pub(super) fn end_offers(&mut self, turn: &mut Turn, slot: u32, outcome: Outcome) -> Vec<u32> {
        let ringing = self.ringing_at(slot);
        for (offer, agent) in &ringing {
            self.say_offer_ended(turn, slot, *offer, *agent, outcome);
            self.stop_ringing(turn, slot, *offer, *agent);
        }
        ringing.into_iter().map(|(_, agent)| agent).collect()
    }

    /// Takes an offer back from one agent; false: that was the last, and the interaction must be put somewhere.
    pub(super) fn withdraw(&mut self, turn: &mut Turn, slot: u32, offer: OfferId, agent: u32) -> bool {
        self.say_offer_ended(turn, slot, offer, agent, Outcome::Rescinded);
        self.stop_ringing(turn, slot, offer, agent)
    }

    /// One agent is rung no more; false: that was the last, and the interaction must be put somewhere.
    pub(super) fn stop_ringing(&mut self, turn: &mut Turn, slot: u32, offer: OfferId, agent: u32) -> bool {
        self.offers.remove(&offer, slot);
        let interaction = &mut self.interactions[slot];
        let channel = interaction.channel;
        let mut rings_on = true;
        if let Stage::Offered { offer: first, .. } = interaction.stage
            && first == offer
        {
            if interaction.also.is_empty() {
                rings_on = false;
                self.queues[interaction.queue as usize].in_hand -= 1;
                self.end_ringing(slot);
            } else {
                let Rung { offer, agent, expires_at } = interaction.also.remove(0);
                interaction.stage = Stage::Offered { offer, agent, expires_at };
            }
        } else {
            interaction.also.retain(|other| other.offer != offer);
        }
        let who = &mut self.agents[agent as usize];
        who.work.retain(|held| *held != slot);
        who.ringing[channel] -= 1;
        who.load[channel] -= 1;
        self.touch(turn, agent);
        rings_on
    }

    fn say_offer_ended(&self, turn: &mut Turn, slot: u32, offer: OfferId, agent: u32, outcome: Outcome) {
        let interaction = &self.interactions[slot];
        turn.effects.push(Effect::OfferEnded {
            offer,
            interaction: interaction.id,
            agent: self.agents[agent as usize].name.clone(),
            queue: self.queues[interaction.queue as usize].name.clone(),
            channel: interaction.channel,
            outcome,
        });
    }

    /// Takes an interaction out of the hands of the agent who took it. The stage is left for the caller to set.
    pub(super) fn release(&mut self, slot: u32) -> Option<u32> {
        let interaction = &self.interactions[slot];
        let channel = interaction.channel;
        let agent = interaction.stage.agent()?;
        let who = &mut self.agents[agent as usize];
        who.work.retain(|held| *held != slot);
        match interaction.stage {
            Stage::Waiting | Stage::Offered { .. } | Stage::Diverted { .. } => {}
            Stage::Assigned { connected_at, .. } => {
                who.handling -= 1;
                who.connecting -= u32::from(connected_at.is_none());
                who.load[channel] -= 1;
            }
            Stage::Parked { wanted, .. } => {
                who.wanted -= u32::from(wanted);
                self.queues[interaction.queue as usize].parked -= 1;
            }
            Stage::WrapUp { holds, .. } => {
                who.load[channel] -= u8::from(holds);
                who.paper[channel] -= u8::from(holds);
            }
        }
        self.queues[interaction.queue as usize].in_hand -= 1;
        Some(agent)
    }
}
