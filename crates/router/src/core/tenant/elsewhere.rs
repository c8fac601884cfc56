//! What a queue does not serve: exhausted or closed, it goes to another queue, or its ingress does something else.

use contract::Timestamp;

use super::{Tenant, Turn};
use crate::core::{
    config::Alternative,
    effect::{DivertReason, Effect},
    ids::Name,
    mutation::{Guard, stands},
    state::Stage,
};

/// How often an interaction is sent on without anyone's doing; then it stays where it is, so that two queues can't send
/// it to and fro for ever.
pub(crate) const MAX_HOPS: u8 = 5;

impl Tenant {
    /// What becomes of a waiting interaction that its queue does not serve; `None`: it waits on. A call-back waits for
    /// better times.
    pub(super) fn alternative_of(&self, slot: u32, now: Timestamp) -> Option<(DivertReason, Alternative)> {
        let queue = self.interactions[slot].queue;
        let config = self.queues[queue as usize].config.as_ref()?;
        let closed =
            stands(Guard::Closure) && self.leads_somewhere(slot, &config.on_closed) && !self.is_open(queue);
        if closed {
            return Some((DivertReason::Closed, config.on_closed.clone()));
        }
        let exhausted = stands(Guard::Exhaustion)
            && self.leads_somewhere(slot, &config.on_exhausted)
            && self.is_exhausted(slot, now);
        exhausted.then(|| (DivertReason::Exhausted, config.on_exhausted.clone()))
    }

    /// Whether an interaction can be sent there at all.
    fn leads_somewhere(&self, slot: u32, alternative: &Alternative) -> bool {
        let interaction = &self.interactions[slot];
        match alternative {
            Alternative::AnyAgent => false,
            Alternative::Queue(other) => {
                let other_is_there = self.queue_of.get(other).is_some_and(|other| {
                    other != interaction.queue && self.queues[other as usize].config.is_some()
                });
                interaction.hops < MAX_HOPS && other_is_there
            }
            _ => interaction.callback.is_none(),
        }
    }

    /// Whether every ring is over: the last has an end, and it has come.
    fn is_exhausted(&self, slot: u32, now: Timestamp) -> bool {
        let interaction = &self.interactions[slot];
        if interaction.preferred.is_some() {
            return false;
        }
        let mut ends_ms = 0;
        let rings = self.rings_of(interaction);
        for ring in rings {
            let Some(lasts) = ring.lasts_ms else { return false };
            ends_ms += i64::from(lasts);
        }
        !rings.is_empty() && now - interaction.search_began() >= ends_ms
    }

    /// Sends a waiting interaction on.
    pub(super) fn divert(&mut self, turn: &mut Turn, slot: u32, reason: DivertReason, to: Alternative) {
        self.unplace(slot);
        let interaction = &self.interactions[slot];
        let queue = &self.queues[interaction.queue as usize];
        let word = match (&to, &queue.config) {
            (Alternative::Voicemail, Some(config)) => config.message_greeting.clone(),
            // Whoever can't be called back after all is told farewell.
            (Alternative::Disconnect | Alternative::Callback, Some(config)) => config.farewell.clone(),
            _ => Name::default(),
        };
        turn.effects.push(Effect::InteractionDiverted {
            interaction: interaction.id,
            channel: interaction.channel,
            queue: queue.name.clone(),
            reason,
            to: to.clone(),
            word,
        });
        let Alternative::Queue(other) = to else {
            self.interactions[slot].stage = Stage::Diverted { reason };
            return;
        };
        let queue = self.queue_named(&other);
        let interaction = &mut self.interactions[slot];
        interaction.queue = queue;
        interaction.hops += 1;
        interaction.rings = std::sync::Arc::from(Vec::new());
        interaction.search_from = turn.now;
        self.place(slot, turn.now);
        self.find_agent(turn, slot);
    }
}
