//! What happens because time passes.

use contract::{
    Timestamp,
    interaction::v1::{EndReason, Party},
};

use super::{Awaiting, Conversation, FlowInput, Limits, Outcome, Phase, Step};

impl Conversation {
    pub(super) fn tick(&mut self, limits: &Limits, step: &mut Step<'_>, outcome: &mut Outcome) {
        let now = step.now;
        if self.is_ended() {
            return;
        }
        if self.vanished_at(limits) <= now {
            match self.phase {
                Phase::WithAgent { .. } => {
                    self.end(EndReason::Inactive, Party::System, "the visitor is gone", step, outcome);
                }
                _ => self.customer_leaves(step, outcome),
            }
            return;
        }
        if self.inactive_at(limits).is_some_and(|moment| moment <= now) {
            let reason = if self.script.diverted { EndReason::Diverted } else { EndReason::Inactive };
            self.end(reason, Party::System, "nothing was written", step, outcome);
            return;
        }
        if !self.script.pending.is_empty() {
            if self.script.retry_at <= now {
                self.flow_overdue(step, outcome);
            }
        } else if let Awaiting::Choice { until, .. } = self.script.awaiting
            && until <= now
        {
            self.script.awaiting = Awaiting::Nothing;
            self.tell_flow(FlowInput::TimedOut, now, outcome);
        }
    }

    /// Sets when to look again. A moment that is only too early stays: it costs one look, a write costs more.
    pub(super) fn settle(&mut self, limits: &Limits, exact: bool) {
        let wanted = self.next_moment(limits);
        self.due_at = match (self.due_at, wanted) {
            (Some(present), Some(wanted)) if !exact => Some(present.min(wanted)),
            (_, wanted) => wanted,
        };
    }

    fn next_moment(&self, limits: &Limits) -> Option<Timestamp> {
        if self.is_ended() {
            return None;
        }
        let flow = match &self.script.awaiting {
            _ if !self.script.pending.is_empty() => Some(self.script.retry_at),
            Awaiting::Choice { until, .. } => Some(*until),
            Awaiting::Nothing | Awaiting::Form => None,
        };
        [Some(self.vanished_at(limits)), self.inactive_at(limits), flow].into_iter().flatten().min()
    }

    fn vanished_at(&self, limits: &Limits) -> Timestamp {
        let grace = match self.phase {
            Phase::WithAgent { .. } => limits.vanished_with_agent,
            _ => limits.vanished_waiting,
        };
        self.online_until.plus_millis(grace)
    }

    /// Waiting in a queue is no inactivity, and a question has its own limit.
    fn inactive_at(&self, limits: &Limits) -> Option<Timestamp> {
        let counts = match self.phase {
            Phase::WithAgent { .. } => true,
            Phase::Flow => self.script.awaiting == Awaiting::Form,
            _ => false,
        };
        counts.then(|| self.active_at.plus_millis(limits.inactive))
    }
}
