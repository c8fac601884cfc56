//! What has answered a call that we make, and what then.
//!
//! - V19: no agent hears what has answered a call-back before it is known to be a person, where the queue wants it so, and
//!   who is heard is not waited for beyond the limit; a call-back that reaches a machine, a fax machine or a signal has not
//!   reached its customer.
//!
//! The agent is on the line first. By default they are connected at once, and told what it is that they hear; the call-back
//! counts as reached once that is known, and no machine. Where the queue says so they hear ringing until it is known, and a
//! machine is hung up on, or gets the queue's message.

use contract::interaction::v1::{EndReason, Party};
use ingress::Prompt;
use media::answer::{FarEnd, Verdict};

use super::{
    Call, Hearing, Phase,
    control::Refusal,
    events::{Effect, Fact, Missed, Side, Timer},
};

/// Beyond the limit, for a media thread that is behind, milliseconds.
const GRACE_MS: u64 = 1_000;
/// How long the tone of a machine is waited for, milliseconds; and how long the message may take.
const TONE_MS: u64 = 45_000;
const MESSAGE_MS: u64 = 90_000;
/// An agent who stays for so long after the answer, whatever it was taken for, has found somebody, milliseconds. Long enough
/// to hear that it is a machine, and too short for a conversation.
const STAYS_MS: u64 = 12_000;

/// What is done with an answering machine that a call-back reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnMachine {
    /// The agent is connected at once, and told.
    #[default]
    Connect,
    /// It is hung up on; the customer is called again later.
    HangUp,
    /// The queue's message is left, once it has given its tone.
    LeaveMessage,
}

/// How answers of the calls that we make are listened to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answering {
    /// At all.
    pub detects: bool,
    /// For call-backs.
    pub on_machine: OnMachine,
    /// What is left on machines; empty: nothing.
    pub message: String,
    /// It must be known by then, milliseconds.
    pub within_ms: u32,
}

/// What is known of who has answered.
#[derive(Debug, Clone, Default)]
pub(super) struct Answered {
    pub(super) policy: Answering,
    verdict: Option<Verdict>,
    /// It is a call that we make, and its other end was reached.
    called: bool,
    /// The offer of a call-back whose customer is on the line, and not yet known to be one.
    unconfirmed: Option<String>,
}

impl Call {
    /// The call, its answer judged like this.
    #[must_use]
    pub fn answered_by(mut self, policy: Answering) -> Self {
        self.far_end.policy = policy;
        self
    }

    /// What has answered, once that is known.
    #[must_use]
    pub fn far_end(&self) -> Option<FarEnd> {
        self.far_end.verdict.map(|verdict| verdict.far_end)
    }

    /// The agent may leave the queue's message now.
    #[must_use]
    pub fn can_leave_message(&self) -> bool {
        let talking = matches!(self.phase, Phase::Talking { .. });
        talking && self.far_end.called && self.guests.is_empty() && !self.far_end.policy.message.is_empty()
    }

    /// Somebody or something has answered.
    pub(super) fn customer_answered(&mut self, effects: &mut Vec<Effect>) {
        if self.between_colleagues.is_some() {
            return self.caller_picked_up(effects);
        }
        let Phase::Dialling { agent_id, offer_id } = &self.phase else { return };
        let (agent_id, offer_id) = (agent_id.clone(), offer_id.clone());
        let back = self.calling_back.is_some();
        self.answered = true;
        self.far_end.called = true;
        let policy = &self.far_end.policy;
        if policy.detects {
            effects.push(Effect::DetectAnswer { within_ms: policy.within_ms });
        }
        match policy.on_machine {
            OnMachine::HangUp | OnMachine::LeaveMessage if back && policy.detects => {
                self.last_token += 1;
                let limit = u64::from(policy.within_ms) + GRACE_MS;
                effects.push(Effect::Start(Timer::Answered(self.last_token), limit));
                effects.push(Effect::Hear(Side::Customer, Hearing::Silence));
                self.phase = Phase::Screening { agent_id, offer_id };
            }
            _ if back && policy.detects => {
                self.last_token += 1;
                effects.push(Effect::Start(Timer::Answered(self.last_token), STAYS_MS));
                self.far_end.unconfirmed = Some(offer_id);
                self.bring_together(agent_id, effects);
            }
            _ => self.reached(agent_id, offer_id, effects),
        }
    }

    /// It is known what has answered.
    pub(super) fn far_end_known(&mut self, verdict: Verdict, effects: &mut Vec<Effect>) {
        if !self.far_end.called || self.far_end.verdict.is_some() {
            return;
        }
        self.far_end.verdict = Some(verdict);
        effects.push(Effect::Publish(Fact::FarEnd {
            far_end: verdict.far_end,
            reason: verdict.reason.to_string(),
            after_ms: verdict.after_ms,
            agent_id: self.agent().unwrap_or_default().to_owned(),
        }));
        let nobody = match verdict.far_end {
            FarEnd::Busy => Some(Missed::Busy),
            FarEnd::Sit | FarEnd::Fax => Some(Missed::Failed),
            FarEnd::Human | FarEnd::Machine | FarEnd::NotSure => None,
        };
        let screening = matches!(self.phase, Phase::Screening { .. });
        match nobody {
            Some(missed) if screening || self.far_end.unconfirmed.is_some() => {
                self.far_end.unconfirmed = None;
                self.not_reached(missed, verdict.reason.to_string(), effects);
            }
            None if screening => self.screened(verdict, effects),
            None if verdict.far_end != FarEnd::Machine => self.confirm(effects),
            Some(_) | None => {}
        }
    }

    fn screened(&mut self, verdict: Verdict, effects: &mut Vec<Effect>) {
        let Phase::Screening { agent_id, offer_id } = &self.phase else { return };
        let (agent_id, offer_id) = (agent_id.clone(), offer_id.clone());
        if verdict.far_end != FarEnd::Machine {
            return self.reached(agent_id, offer_id, effects);
        }
        let leaves = self.far_end.policy.on_machine == OnMachine::LeaveMessage;
        if leaves && !self.far_end.policy.message.is_empty() {
            return self.wait_for_tone(agent_id, effects);
        }
        self.not_reached(Missed::Machine, verdict.reason.to_string(), effects);
    }

    /// The time for a verdict is over; or the agent goes on with what was taken for a machine.
    pub(super) fn answer_is_late(&mut self, effects: &mut Vec<Effect>) {
        if let Phase::Screening { agent_id, offer_id } = &self.phase {
            let (agent_id, offer_id) = (agent_id.clone(), offer_id.clone());
            return self.reached(agent_id, offer_id, effects);
        }
        self.confirm(effects);
    }

    /// The customer is on the line: this is a call as any other.
    fn reached(&mut self, agent_id: String, offer_id: String, effects: &mut Vec<Effect>) {
        self.calling_back = None;
        self.talk(agent_id, offer_id, effects);
    }

    /// Who has answered a call-back counts as its customer from now on.
    pub(super) fn confirm(&mut self, effects: &mut Vec<Effect>) {
        let Some(offer_id) = self.far_end.unconfirmed.take() else { return };
        let agent_id = self.agent().unwrap_or_default().to_owned();
        self.calling_back = None;
        effects.push(Effect::Publish(Fact::Connected { agent_id, offer_id }));
    }

    /// A call-back ends whose customer is not known to be on the line: `true` if it was a machine, and the attempt is over.
    /// Else it counts.
    pub(super) fn ends_at_machine(&mut self, effects: &mut Vec<Effect>) -> bool {
        if self.far_end.unconfirmed.is_none() {
            return false;
        }
        if self.far_end() != Some(FarEnd::Machine) {
            self.confirm(effects);
            return false;
        }
        self.far_end.unconfirmed = None;
        let detail = self.far_end.verdict.map(|verdict| verdict.reason.to_string());
        self.not_reached(Missed::Machine, detail.unwrap_or_default(), effects);
        true
    }

    /// The agent has the message left, and is out of the call.
    pub(super) fn leave_message(
        &mut self,
        agent_id: String,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if !self.can_leave_message() {
            return Err(Refusal::NoMessage);
        }
        self.confirm(effects);
        self.let_go(agent_id, effects);
        self.ended = true;
        effects.push(Effect::Publish(Fact::Ended {
            reason: EndReason::AgentEnded,
            by: Party::Agent,
            detail: "a message is left on the answering machine".to_owned(),
        }));
        self.wait_for_tone(String::new(), effects);
        Ok(())
    }

    fn wait_for_tone(&mut self, agent_id: String, effects: &mut Vec<Effect>) {
        self.last_token += 1;
        effects.extend([
            Effect::DropAgent,
            Effect::Hear(Side::Customer, Hearing::Silence),
            Effect::DetectTone,
            Effect::Start(Timer::Machine(self.last_token), TONE_MS),
        ]);
        self.phase = Phase::LeavingMessage { agent_id, token: None };
    }

    /// The machine records.
    pub(super) fn machine_records(&mut self, effects: &mut Vec<Effect>) {
        let Phase::LeavingMessage { agent_id, token: None } = &self.phase else { return };
        let agent_id = agent_id.clone();
        let message = Prompt::text(self.far_end.policy.message.clone());
        let token = self.play(message, effects);
        self.last_token += 1;
        effects.push(Effect::Start(Timer::Machine(self.last_token), MESSAGE_MS));
        self.phase = Phase::LeavingMessage { agent_id, token: Some(token) };
    }

    /// The message was said to its end, or could not be left.
    pub(super) fn message_left(&mut self, left: bool, effects: &mut Vec<Effect>) {
        let (missed, detail) = if left {
            (Missed::MessageLeft, "a message was left on the answering machine")
        } else {
            (Missed::Machine, "no message could be left on the answering machine")
        };
        if self.calling_back.is_some() {
            return self.not_reached(missed, detail.to_owned(), effects);
        }
        effects.extend([Effect::DropCustomer, Effect::Finish]);
        self.phase = Phase::Over;
    }
}

#[cfg(test)]
#[path = "answering_tests.rs"]
mod tests;
