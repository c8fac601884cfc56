//! How long a waiting interaction has to wait, and what is measured for it.

use contract::Timestamp;

use super::{Tenant, Turn};
use crate::core::{
    estimate::{Estimate, wait_ms},
    ids::InteractionId,
    state::Stage,
};

impl Tenant {
    /// The estimate for a waiting interaction.
    pub(crate) fn estimate(&self, interaction: InteractionId, now: Timestamp) -> Option<Estimate> {
        let slot = self.slot_under(interaction)?;
        let held = &self.interactions[slot];
        let error = || self.queues[held.queue as usize].measured.error();
        (held.stage == Stage::Waiting).then(|| Estimate { error: error(), ..self.estimate_of(slot, now) })
    }

    /// All of it but the error of past estimates.
    fn estimate_of(&self, slot: u32, now: Timestamp) -> Estimate {
        let held = &self.interactions[slot];
        let queue = &self.queues[held.queue as usize];
        let config = queue.config.as_ref();
        let agents = match held.reserved {
            Some(agent) => u32::from(self.agents[agent as usize].is_staffed()),
            None => self.lines_of(held).map(|line| self.lines[line].staffed).sum(),
        };
        let handling = queue.measured.handling(now, config.and_then(|config| config.handling_ms));
        let staying = queue.measured.staying(now);
        let position = queue.places.rank(&held.key(slot)) as u32 + 1;
        let minimum = config.and_then(|config| config.minimum_wait_ms);
        let wait_ms =
            handling.and_then(|(handling, _)| wait_ms(handling, agents, position, staying, minimum));
        Estimate { wait_ms, handling, agents, staying, error: None }
    }

    /// What is estimated as an interaction begins to wait is compared with what comes.
    pub(super) fn note_estimate(&mut self, turn: &Turn, slot: u32) {
        let held = &self.interactions[slot];
        if held.stage != Stage::Waiting || held.early {
            return;
        }
        let estimate = self.estimate_of(slot, turn.now).wait_ms;
        self.interactions[slot].estimate = estimate.map(|wait_ms| (turn.now, wait_ms));
    }

    /// An agent took it: what was estimated is compared with what came; the error in thousandths of the wait.
    pub(super) fn note_answer(&mut self, turn: &Turn, slot: u32) -> Option<u32> {
        let held = &mut self.interactions[slot];
        let estimate = held.estimate.take();
        let measured = &mut self.queues[held.queue as usize].measured;
        measured.answered(turn.now);
        estimate.map(|(since, wait_ms)| measured.came_true(wait_ms, turn.now - since))
    }
}
