//! What the router says beside an assignment: nobody of the queue takes it, it was moved by hand, it is parked.

use contract::interaction::v1::{EndReason, Party};

use super::{Awaiting, Conversation, Outcome, Phase, Script, Step, input::Diversion, label, outcome::Author};

impl Conversation {
    /// Nobody of the queue takes it.
    pub(super) fn diverted(&mut self, to: &Diversion, step: &mut Step<'_>, outcome: &mut Outcome) {
        let Phase::Queued { queue } = &mut self.phase else { return };
        match to {
            Diversion::Queue(other) => queue.clone_from(other),
            Diversion::Farewell(word) => {
                let own = word.trim().is_empty();
                let word = if own { label::NOBODY.to_owned() } else { word.clone() };
                self.say_as_system(word, step, outcome);
                self.end(EndReason::Diverted, Party::System, "", step, outcome);
            }
            Diversion::Form => {
                let text = label::LEAVE_A_MESSAGE.to_owned();
                self.append(&Author::FLOW, text, Vec::new(), Vec::new(), step, outcome);
                self.phase = Phase::Flow;
                let turn = self.script.turn;
                self.script = Script { turn, awaiting: Awaiting::Form, diverted: true, ..Script::default() };
                // Filling in a form is no waiting: its own clock begins now.
                self.active_at = self.active_at.max(step.now);
            }
        }
    }

    /// The message that stands in for an agent is written.
    pub(super) fn message_left(&mut self, step: &mut Step<'_>, outcome: &mut Outcome) {
        self.append(&Author::FLOW, label::THANKS.to_owned(), Vec::new(), Vec::new(), step, outcome);
        self.end(EndReason::Voicemail, Party::Customer, "", step, outcome);
    }

    /// The router gave it to somebody else, who is not there yet.
    pub(super) fn moved(&mut self, queue: &str, step: &mut Step<'_>, outcome: &mut Outcome) {
        match &mut self.phase {
            Phase::Queued { queue: known } => queue.clone_into(known),
            Phase::WithAgent { .. } => {
                self.say_as_system(label::MOVED.to_owned(), step, outcome);
                self.phase = Phase::Queued { queue: queue.to_owned() };
                self.parked = false;
            }
            Phase::Flow | Phase::Ended { .. } => {}
        }
    }
}
