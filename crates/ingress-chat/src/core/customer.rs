//! What the customer does.

use contract::{
    Timestamp,
    chat::v1::{ConversationSignal, conversation_signal::Signal},
    interaction::v1::{EndReason, Party},
};

use super::{
    Awaiting, Conversation, FlowInput, Limits, Outcome, Phase, Refusal, Step, input::Said, outcome::Author,
};

impl Conversation {
    pub(super) fn customer_says(
        &mut self,
        said: &Said,
        limits: &Limits,
        step: &mut Step<'_>,
        outcome: &mut Outcome,
    ) -> Result<(), Refusal> {
        self.require_open()?;
        if said.text.is_empty() && said.attachments.is_empty() {
            return Err(Refusal::Empty);
        }
        self.speak(
            &said.client_message_id,
            said.text.clone(),
            said.attachments.clone(),
            limits,
            step,
            outcome,
        );
        outcome.unpark |= self.parked;
        let for_the_flow =
            self.phase == Phase::Flow && self.script.awaiting != Awaiting::Form && !said.text.is_empty();
        if for_the_flow {
            self.script.awaiting = Awaiting::Nothing;
            self.tell_flow(FlowInput::Text(said.text.clone()), step.now, outcome);
        }
        Ok(())
    }

    pub(super) fn customer_chooses(
        &mut self,
        client_message_id: &str,
        value: &str,
        limits: &Limits,
        step: &mut Step<'_>,
        outcome: &mut Outcome,
    ) -> Result<(), Refusal> {
        self.require_open()?;
        let Awaiting::Choice { options, .. } = &self.script.awaiting else {
            return Err(Refusal::NothingAsked);
        };
        let chosen = options.iter().find(|(other, _)| other == value).ok_or(Refusal::UnknownChoice)?;
        let (value, label) = chosen.clone();
        self.speak(client_message_id, label, Vec::new(), limits, step, outcome);
        self.script.awaiting = Awaiting::Nothing;
        self.tell_flow(FlowInput::Choice(value), step.now, outcome);
        Ok(())
    }

    pub(super) fn customer_fills_form(
        &mut self,
        client_message_id: &str,
        form: FlowInput,
        limits: &Limits,
        step: &mut Step<'_>,
        outcome: &mut Outcome,
    ) -> Result<(), Refusal> {
        self.require_open()?;
        let FlowInput::Form { name, email, text } = &form else { return Err(Refusal::NoForm) };
        if self.script.awaiting != Awaiting::Form {
            return Err(Refusal::NoForm);
        }
        if text.is_empty() {
            return Err(Refusal::Empty);
        }
        if !name.is_empty() {
            self.customer_name.clone_from(name);
        }
        if !email.is_empty() {
            self.customer_email.clone_from(email);
        }
        // The message carries the answers, so that whoever reads the history can answer.
        let written = [("Name", name), ("E-mail", email)]
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(field, value)| format!("{field}: {value}\n"))
            .chain([text.clone()])
            .collect();
        self.speak(client_message_id, written, Vec::new(), limits, step, outcome);
        self.script.awaiting = Awaiting::Nothing;
        if self.script.diverted {
            self.message_left(step, outcome);
        } else {
            self.tell_flow(form, step.now, outcome);
        }
        Ok(())
    }

    pub(super) fn customer_marks(&mut self, delivered: i64, seen: i64, outcome: &mut Outcome) {
        let seen = seen.min(self.last_sequence);
        let delivered = delivered.min(self.last_sequence).max(seen);
        if delivered > self.marks.customer_delivered {
            self.marks.customer_delivered = delivered;
            outcome.signals.push(sign(Party::Customer, Signal::DeliveredSequence(delivered)));
        }
        if seen > self.marks.customer_seen {
            self.marks.customer_seen = seen;
            outcome.signals.push(sign(Party::Customer, Signal::SeenSequence(seen)));
        }
    }

    pub(super) fn customer_here(&mut self, name: &str, email: &str, limits: &Limits, now: Timestamp) {
        self.online_until = self.online_until.max(now.plus_millis(limits.online));
        if self.customer_name.is_empty() {
            name.clone_into(&mut self.customer_name);
        }
        if self.customer_email.is_empty() {
            email.clone_into(&mut self.customer_email);
        }
    }

    pub(super) fn customer_leaves(&mut self, step: &mut Step<'_>, outcome: &mut Outcome) {
        let reason = match self.phase {
            Phase::Flow if self.script.diverted => EndReason::Diverted,
            Phase::Flow => EndReason::LeftInFlow,
            Phase::Queued { .. } => EndReason::Abandoned,
            Phase::WithAgent { .. } => EndReason::CustomerLeft,
            Phase::Ended { .. } => return,
        };
        self.end(reason, Party::Customer, "", step, outcome);
    }

    fn require_open(&self) -> Result<(), Refusal> {
        if self.is_ended() { Err(Refusal::Ended) } else { Ok(()) }
    }

    fn speak(
        &mut self,
        client_message_id: &str,
        text: String,
        attachments: Vec<contract::interaction::v1::Attachment>,
        limits: &Limits,
        step: &mut Step<'_>,
        outcome: &mut Outcome,
    ) {
        let name = self.customer_name.clone();
        let author = Author { party: Party::Customer, id: "", name: &name, client_message_id };
        self.append(&author, text, attachments, Vec::new(), step, outcome);
        self.online_until = self.online_until.max(step.now.plus_millis(limits.online));
    }
}

pub(super) fn sign(party: Party, signal: Signal) -> ConversationSignal {
    ConversationSignal { party: party.into(), signal: Some(signal) }
}
