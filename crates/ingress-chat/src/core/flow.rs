//! What the flow does: a text channel notes its verbs and lets them happen in order.

use contract::{
    Event, Timestamp,
    interaction::v1::{Channel as Kind, EndReason, Party},
};
use ingress::{Ask, Channel, Queue, Turn};

use super::{Awaiting, Conversation, FlowInput, Limits, Outcome, Phase, Script, Step, outcome::Author};

/// Inputs kept for the flow while it thinks; a customer who types faster is heard, but not by the flow.
const MAX_PENDING: usize = 8;
/// Attempts at one input before the conversation is given up: with the pauses below, about 10 minutes.
const MAX_ATTEMPTS: u32 = 24;
/// How long an answer of the flow may take before it is asked again.
const PATIENCE: i64 = 5_000;
/// The longest pause between two attempts.
const LONGEST_PAUSE: i64 = 30_000;

impl Conversation {
    /// Has the flow told `input`, after whatever it has not heard yet.
    pub(super) fn tell_flow(&mut self, input: FlowInput, now: Timestamp, outcome: &mut Outcome) {
        if self.script.pending.len() >= MAX_PENDING {
            return;
        }
        self.script.pending.push(input);
        if self.script.pending.len() == 1 {
            self.ask_flow(now, outcome);
        }
    }

    /// Asks the flow the first pending input; again after a while if nothing comes back.
    pub(super) fn ask_flow(&mut self, now: Timestamp, outcome: &mut Outcome) {
        self.script.attempts += 1;
        let pause = PATIENCE.saturating_mul(1 << self.script.attempts.min(6)) / 2;
        self.script.retry_at = now.plus_millis(pause.min(LONGEST_PAUSE));
        outcome.ask_flow = true;
    }

    pub(super) fn flow_answered(
        &mut self,
        turn: i32,
        answer: &Turn,
        limits: &Limits,
        step: &mut Step<'_>,
        outcome: &mut Outcome,
    ) {
        if self.phase != Phase::Flow || turn != self.script.turn || self.script.pending.is_empty() {
            return;
        }
        self.script.turn += 1;
        self.script.attempts = 0;
        self.script.pending.remove(0);
        self.script.session.clone_from(&answer.session);
        for taken in &answer.steps {
            outcome.announce(Event::from(taken.clone()));
        }
        Line { conversation: self, limits, step, outcome }.perform(answer.clone());
        if self.phase == Phase::Flow && !self.script.pending.is_empty() {
            self.ask_flow(step.now, outcome);
        }
    }

    pub(super) fn flow_failed(
        &mut self,
        turn: i32,
        passing: bool,
        step: &mut Step<'_>,
        outcome: &mut Outcome,
    ) {
        if self.phase != Phase::Flow || turn != self.script.turn {
            return;
        }
        if !passing || self.script.attempts >= MAX_ATTEMPTS {
            self.end(EndReason::Failed, Party::System, "the flow could not go on", step, outcome);
        }
    }

    /// Asks again when an answer is overdue.
    pub(super) fn flow_overdue(&mut self, step: &mut Step<'_>, outcome: &mut Outcome) {
        if self.script.attempts >= MAX_ATTEMPTS {
            self.end(EndReason::Failed, Party::System, "the flow did not answer", step, outcome);
        } else {
            self.ask_flow(step.now, outcome);
        }
    }
}

/// The conversation while a turn is performed on it.
struct Line<'a, 'b> {
    conversation: &'a mut Conversation,
    limits: &'a Limits,
    step: &'a mut Step<'b>,
    outcome: &'a mut Outcome,
}

impl Channel for Line<'_, '_> {
    const KIND: Kind = Kind::Chat;

    fn say(&mut self, text: String) {
        if !text.is_empty() {
            self.conversation.append(&Author::FLOW, text, Vec::new(), Vec::new(), self.step, self.outcome);
        }
    }

    fn ask(&mut self, ask: Ask) {
        let limit = if ask.timeout_millis > 0 { ask.timeout_millis } else { self.limits.choice };
        self.conversation.script.awaiting = Awaiting::Choice {
            options: ask.options.iter().map(|option| (option.value.clone(), option.label.clone())).collect(),
            until: self.step.now.plus_millis(limit),
        };
        self.conversation.append(&Author::FLOW, ask.text, Vec::new(), ask.options, self.step, self.outcome);
    }

    fn form(&mut self, text: String) {
        self.say(text);
        self.conversation.script.awaiting = Awaiting::Form;
    }

    fn queue(&mut self, queue: Queue) {
        let conversation = &mut *self.conversation;
        conversation.phase = Phase::Queued { queue: queue.queue.clone() };
        conversation.script = Script { turn: conversation.script.turn, ..Script::default() };
        let fact = queue.fact(Self::KIND, &conversation.entry_point, &conversation.customer_label());
        self.outcome.announce(Event::from(fact));
    }

    fn end(&mut self) {
        self.conversation.end(EndReason::FlowEnded, Party::Flow, "", self.step, self.outcome);
    }
}
