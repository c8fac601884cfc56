//! What happens when time passes: nothing by itself, only when the log says that a deadline passed.

use std::{cmp::Reverse, collections::BinaryHeap};

use contract::Timestamp;

use super::{Tenant, Turn};
use crate::core::{
    effect::Outcome,
    ids::{InteractionId, OfferId},
    state::Stage,
};

/// At most this many deadlines are handled by one input, so that no input takes long. The leader says it again while
/// [`next_deadline`](crate::core::Router::next_deadline) is in the past.
pub const MAX_DEADLINES: usize = 256;

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    /// An offer has rung long enough.
    Offer(OfferId),
    /// A wrap-up has lasted long enough.
    WrapUp(InteractionId),
    /// A waiting interaction is looked at again.
    Look(InteractionId),
    /// Hours open or close.
    Hours(u32),
    /// The agents of a profile may be moved.
    Blend(u32),
}

/// Deadlines by time. Those that no longer matter are dropped when they come up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deadlines(BinaryHeap<Reverse<(Timestamp, Due)>>);

impl Deadlines {
    pub(crate) fn push(&mut self, at: Timestamp, due: Due) {
        self.0.push(Reverse((at, due)));
    }

    pub(crate) fn first(&self) -> Option<Timestamp> {
        self.0.peek().map(|Reverse((at, _))| *at)
    }

    /// Every deadline, for checks.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Timestamp, Due)> + '_ {
        self.0.iter().map(|Reverse(deadline)| *deadline)
    }
}

impl Tenant {
    pub(super) fn deadline_passed(&mut self, turn: &mut Turn) {
        for _ in 0..MAX_DEADLINES {
            self.drop_stale_deadlines();
            if self.deadlines.first().is_none_or(|at| at > turn.now) {
                return;
            }
            let Some(Reverse((_, due))) = self.deadlines.0.pop() else { return };
            match due {
                Due::Offer(offer) => {
                    if let Some(slot) = self.slot_rung_by(offer) {
                        self.offer_failed(turn, slot, offer, Outcome::TimedOut);
                    }
                }
                Due::WrapUp(interaction) => {
                    if let Some(slot) = self.slot_under(interaction) {
                        self.close(turn, slot, String::new(), String::new());
                    }
                }
                Due::Look(interaction) => {
                    if let Some(slot) = self.slot_under(interaction) {
                        self.unplace(slot);
                        self.place(slot, turn.now);
                        self.find_agent(turn, slot);
                    }
                }
                Due::Hours(calendar) => self.look_at_hours(turn, calendar),
                // After every input the thresholds are looked at.
                Due::Blend(_) => {}
            }
        }
    }

    /// Drops deadlines from the top that no longer matter.
    pub(super) fn drop_stale_deadlines(&mut self) {
        while let Some(Reverse((at, due))) = self.deadlines.0.peek() {
            if self.matters(*at, *due) {
                return;
            }
            self.deadlines.0.pop();
        }
    }

    /// Whether a deadline is still about something.
    pub(super) fn matters(&self, at: Timestamp, due: Due) -> bool {
        let stage = |interaction| {
            self.slot_under(interaction)
                .map(|slot| (&self.interactions[slot], &self.interactions[slot].stage))
        };
        match due {
            Due::Offer(offer) => self.slot_rung_by(offer).is_some(),
            Due::WrapUp(interaction) => {
                matches!(stage(interaction), Some((_, Stage::WrapUp { until: Some(until), .. })) if *until == at)
            }
            Due::Hours(calendar) => self.calendars[calendar as usize].changes_at == Some(at),
            Due::Blend(profile) => self.wants_to_move(profile) == Some(at),
            Due::Look(interaction) => {
                matches!(stage(interaction), Some((held, Stage::Waiting)) if self.next_look(held) == Some(at))
            }
        }
    }
}
