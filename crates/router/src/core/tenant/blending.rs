//! Blending: the agents of a profile leave its outbound queues while many wait inbound, and come back when few do. Two
//! thresholds and a least time between two moves keep them from going to and fro.

use contract::Timestamp;

use super::{Tenant, Turn, deadlines::Due};
use crate::core::{
    config::Blending,
    effect::Effect,
    mutation::{Guard, stands},
};

impl Tenant {
    /// After every input: moves whoever is to be moved.
    pub(super) fn blend(&mut self, turn: &mut Turn) {
        for index in 0..self.blended.len() {
            let profile = self.blended[index];
            if self.schedule_move(profile).is_none_or(|at| at > turn.now && stands(Guard::Dwell)) {
                continue;
            }
            let held = &mut self.profiles[profile as usize];
            held.move_due = None;
            held.left_outbound = !held.left_outbound;
            held.moved_at = Some(turn.now);
            turn.effects.push(Effect::BlendingChanged {
                profile: held.name.clone(),
                serves_outbound: !held.left_outbound,
            });
            self.profile_changed(turn, profile);
        }
    }

    /// Sees to it that a deadline stands for the next move; when that is.
    pub(super) fn schedule_move(&mut self, profile: u32) -> Option<Timestamp> {
        let move_at = self.wants_to_move(profile);
        let held = &mut self.profiles[profile as usize];
        if let Some(at) = move_at.filter(|_| held.move_due != move_at) {
            self.deadlines.push(at, Due::Blend(profile));
        }
        held.move_due = move_at;
        move_at
    }

    /// When a profile's agents are to be moved, if how many wait says so; in the past: at once.
    pub(super) fn wants_to_move(&self, profile: u32) -> Option<Timestamp> {
        let held = &self.profiles[profile as usize];
        let blending = held.config.as_ref()?.blending.as_ref()?;
        let waiting = self.waiting_inbound(blending);
        let moves = if held.left_outbound {
            waiting <= u64::from(blending.return_at)
        } else {
            waiting >= u64::from(blending.leave_at)
        };
        let earliest = held
            .moved_at
            .map_or(Timestamp::default(), |moved| moved.plus_millis(i64::from(blending.dwell_ms)));
        moves.then_some(earliest)
    }

    fn waiting_inbound(&self, blending: &Blending) -> u64 {
        let waiting = |queue: u32| self.queues[queue as usize].places.len() as u64;
        blending.inbound.iter().filter_map(|queue| self.queue_of.get(queue)).map(waiting).sum()
    }
}
