//! Call-backs: the customer gives up the line and keeps the place. An agent is reserved first, then the customer is
//! dialled; who is not reached is dialled again after a gap, so many times.

use contract::Timestamp;

use super::{Tenant, Turn};
use crate::core::{
    channel::Channel,
    effect::{Effect, Outcome, Rejection},
    ids::{InteractionId, Name},
    input::CallbackOutcome,
    mutation::{Guard, stands},
    state::{Callback, Interaction, Stage},
};

/// `interaction.v1.EndReason`: the customer left the queue to be called back.
const CALLBACK_REQUESTED: i32 = 11;
/// `interaction.v1.EndReason`: no attempt brought an answer.
const CALLBACK_FAILED: i32 = 12;
/// `router.v1.CallbackOutcome`: the customer's machine has our message, and is not called again.
const MESSAGE_LEFT: CallbackOutcome = 5;

impl Tenant {
    /// A call-back stands in for a call that waits.
    pub(super) fn request_callback(
        &mut self,
        turn: &mut Turn,
        interaction: InteractionId,
        callback: InteractionId,
        phone: Name,
        not_before: Option<Timestamp>,
    ) -> Result<(), Rejection> {
        if self.slot_under(callback).is_some() || self.ended.has(&callback) {
            return Err(Rejection::IdTaken);
        }
        let slot = self.known_interaction(interaction)?;
        let held = &self.interactions[slot];
        let may = matches!(held.stage, Stage::Waiting | Stage::Offered { .. } | Stage::Diverted { .. });
        if !may || held.callback.is_some() {
            return Err(Rejection::NotWaiting);
        }
        let freed = self.take_out(turn, slot, Outcome::Rescinded);
        let stand_in = Interaction {
            id: callback,
            channel: Channel::Voice,
            stage: Stage::Waiting,
            search_from: turn.now,
            enqueued_at: if stands(Guard::CallbackPlace) {
                self.interactions[slot].enqueued_at
            } else {
                turn.now
            },
            not_before,
            hops: 0,
            estimate: None,
            callback: Some(Box::new(Callback { phone, of: Some(interaction), attempts: 0 })),
            ..self.interactions[slot].clone()
        };
        self.ended.insert(interaction);
        let empty = [String::new(), String::new()];
        self.forget(turn, slot, None, None, turn.now, CALLBACK_REQUESTED, empty);
        let slot = self.interactions.insert(stand_in);
        self.interaction_of.insert(&callback, slot);
        self.say_scheduled(turn, slot);
        self.wait_again(turn, slot, freed);
        Ok(())
    }

    pub(super) fn say_scheduled(&self, turn: &mut Turn, slot: u32) {
        let held = &self.interactions[slot];
        let Some(callback) = &held.callback else { return };
        turn.effects.push(Effect::CallbackScheduled {
            interaction: held.id,
            queue: self.queues[held.queue as usize].name.clone(),
            phone: callback.phone.clone(),
            of: callback.of,
            enqueued_at: held.enqueued_at,
            not_before: held.not_before,
            details: held.details.clone(),
        });
    }

    /// The agent is reserved: the customer is dialled.
    pub(super) fn say_due(&self, turn: &mut Turn, slot: u32) {
        let held = &self.interactions[slot];
        let (Some(callback), Stage::Assigned { offer, agent, .. }) = (&held.callback, &held.stage) else {
            return;
        };
        turn.effects.push(Effect::CallbackDue {
            interaction: held.id,
            agent: self.agents[*agent as usize].name.clone(),
            offer: *offer,
            queue: self.queues[held.queue as usize].name.clone(),
            phone: callback.phone.clone(),
            attempt: callback.attempts + 1,
        });
    }

    /// The customer was not reached: the agent is free, and the call-back waits for its next attempt at its old place.
    pub(super) fn callback_attempt(
        &mut self,
        turn: &mut Turn,
        interaction: InteractionId,
        outcome: CallbackOutcome,
    ) -> Result<(), Rejection> {
        let slot = self.known_interaction(interaction)?;
        let held = &mut self.interactions[slot];
        let (Some(callback), Stage::Assigned { agent, connected_at: None, .. }) =
            (&mut held.callback, &held.stage)
        else {
            return Err(Rejection::NoCallback);
        };
        let agent = *agent;
        callback.attempts += 1;
        let attempt = callback.attempts;
        let config = self.queues[held.queue as usize].config.as_ref();
        let policy = config.map(|config| config.callback).unwrap_or_default();
        let gives_up = (attempt >= policy.attempts && stands(Guard::Attempts)) || outcome == MESSAGE_LEFT;
        let next_at = (!gives_up).then(|| turn.now.plus_millis(i64::from(policy.gap_ms)));
        turn.effects.push(Effect::CallbackAttemptEnded {
            interaction,
            agent: self.agents[agent as usize].name.clone(),
            queue: self.queues[held.queue as usize].name.clone(),
            outcome,
            attempt,
            next_at,
        });
        let freed = self.take_out(turn, slot, Outcome::Rescinded);
        if gives_up {
            self.ended.insert(interaction);
            let empty = [String::new(), String::new()];
            self.forget(turn, slot, None, None, turn.now, CALLBACK_FAILED, empty);
            for agent in freed {
                self.settle(turn, agent);
            }
        } else {
            let held = &mut self.interactions[slot];
            held.not_before = next_at;
            held.search_from = turn.now;
            self.wait_again(turn, slot, freed);
        }
        Ok(())
    }
}
