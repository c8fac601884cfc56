//! After the line is gone: paperwork, and the end of the interaction.

use contract::Timestamp;

use super::{Tenant, Turn, deadlines::Due};
use crate::core::{
    config::WrapUp,
    effect::{Closed, Effect, Rejection},
    ids::{InteractionId, Name},
    input::EndReason,
    mutation::{Guard, stands},
    state::Stage,
};

impl Tenant {
    /// The line of an answered interaction is gone.
    pub(super) fn start_wrap_up(
        &mut self,
        turn: &mut Turn,
        slot: u32,
        answered_at: Timestamp,
        end_reason: EndReason,
    ) {
        let interaction = &mut self.interactions[slot];
        let Some(agent) = interaction.stage.agent() else { return };
        let queue = &self.queues[interaction.queue as usize];
        let mode = queue.config.as_ref().map_or(WrapUp::Optional { limit_ms: 0 }, |config| config.wrap_up);
        // What was parked has no slot to keep.
        let parked = matches!(interaction.stage, Stage::Parked { .. });
        let (holds, limit_ms) = match mode {
            WrapUp::Optional { limit_ms } => (false, Some(limit_ms)),
            WrapUp::Mandatory => (true, None),
            WrapUp::Timed { limit_ms } => (true, Some(limit_ms)),
        };
        let holds = holds && !parked;
        let until = limit_ms.map(|limit| turn.now.plus_millis(i64::from(limit)));
        let wanted = matches!(interaction.stage, Stage::Parked { wanted: true, .. });
        interaction.stage = Stage::WrapUp {
            agent,
            answered_at,
            ended_at: turn.now,
            end_reason,
            until,
            holds,
            extended_ms: 0,
        };
        self.queues[interaction.queue as usize].parked -= u32::from(parked);
        let queue = &self.queues[interaction.queue as usize];
        let who = &mut self.agents[agent as usize];
        who.wanted -= u32::from(wanted);
        who.handling -= u32::from(!parked);
        who.paper[interaction.channel] += u8::from(holds);
        if !holds && !parked {
            who.load[interaction.channel] -= 1;
            if who.total_load() == 0 {
                who.idle_since = turn.now;
            }
        }
        turn.effects.push(Effect::WrapUpStarted {
            interaction: interaction.id,
            agent: who.name.clone(),
            queue: queue.name.clone(),
            channel: interaction.channel,
            until,
        });
        if let Some(until) = until
            && stands(Guard::WrapUpDeadline)
        {
            self.deadlines.push(until, Due::WrapUp(interaction.id));
        }
        self.settle(turn, agent);
    }

    pub(super) fn complete_wrap_up(
        &mut self,
        turn: &mut Turn,
        name: &Name,
        interaction: InteractionId,
        disposition: String,
        note: String,
    ) -> Result<(), Rejection> {
        let agent = self.known_agent(name)?;
        let slot = self.slot_under(interaction).ok_or(Rejection::NotWrappingUp)?;
        let held = &self.interactions[slot];
        let Stage::WrapUp { agent: whose, .. } = held.stage else { return Err(Rejection::NotWrappingUp) };
        if whose != agent {
            return Err(Rejection::NotYours);
        }
        let known = self.queues[held.queue as usize].config.as_ref().is_none_or(|config| {
            disposition.is_empty()
                || config.dispositions.is_empty()
                || config.dispositions.iter().any(|code| code.as_str() == disposition)
        });
        if !known {
            return Err(Rejection::UnknownDisposition);
        }
        self.close(turn, slot, disposition, note);
        Ok(())
    }

    /// The paperwork takes longer; as far as the queue allows.
    pub(super) fn extend_wrap_up(
        &mut self,
        turn: &mut Turn,
        name: &Name,
        interaction: InteractionId,
        by_ms: u32,
    ) -> Result<(), Rejection> {
        let agent = self.known_agent(name)?;
        let slot = self.slot_under(interaction).ok_or(Rejection::NotWrappingUp)?;
        let held = &mut self.interactions[slot];
        let Stage::WrapUp { agent: whose, until, extended_ms, .. } = &mut held.stage else {
            return Err(Rejection::NotWrappingUp);
        };
        if *whose != agent {
            return Err(Rejection::NotYours);
        }
        let queue = &self.queues[held.queue as usize];
        let most = queue.config.as_ref().map_or(0, |config| config.extension_ms);
        // Without a limit there is nothing to extend.
        let Some(until) = until else { return Ok(()) };
        if extended_ms.saturating_add(by_ms) > most {
            return Err(Rejection::ExtensionUsedUp);
        }
        *extended_ms += by_ms;
        *until = until.plus_millis(i64::from(by_ms));
        self.deadlines.push(*until, Due::WrapUp(interaction));
        turn.effects.push(Effect::WrapUpExtended {
            interaction,
            agent: name.clone(),
            queue: queue.name.clone(),
            channel: held.channel,
            until: *until,
        });
        Ok(())
    }

    /// Ends an interaction that is wrapped up.
    pub(super) fn close(&mut self, turn: &mut Turn, slot: u32, disposition: String, note: String) {
        let Stage::WrapUp { agent, answered_at, ended_at, end_reason, .. } = self.interactions[slot].stage
        else {
            return;
        };
        self.release(slot);
        let queue = self.interactions[slot].queue;
        self.queues[queue as usize].measured.handled(turn.now, turn.now - answered_at);
        let who = &mut self.agents[agent as usize];
        if who.total_load() == 0 {
            who.idle_since = turn.now;
        }
        self.forget(turn, slot, Some(agent), Some(answered_at), ended_at, end_reason, [disposition, note]);
        self.settle(turn, agent);
    }

    /// Says that nobody works on the interaction any more, and drops it. It must have been taken out of its queue or its
    /// agent's hands.
    #[expect(clippy::too_many_arguments, reason = "they are the facts of the end, said once")]
    pub(super) fn forget(
        &mut self,
        turn: &mut Turn,
        slot: u32,
        agent: Option<u32>,
        answered_at: Option<Timestamp>,
        ended_at: Timestamp,
        end_reason: EndReason,
        [disposition, note]: [String; 2],
    ) {
        let Some(interaction) = self.interactions.take(slot) else { return };
        self.interaction_of.remove(&interaction.id, slot);
        turn.effects.push(Effect::InteractionClosed(Box::new(Closed {
            interaction: interaction.id,
            queue: self.queues[interaction.queue as usize].name.clone(),
            channel: interaction.channel,
            agent: agent.map(|agent| self.agents[agent as usize].name.clone()),
            disposition,
            note,
            end_reason,
            queued_at: interaction.queued_at,
            answered_at,
            ended_at,
            closed_at: turn.now,
            callback: interaction.callback.is_some(),
            callback_of: interaction.callback.and_then(|callback| callback.of),
        })));
    }
}
