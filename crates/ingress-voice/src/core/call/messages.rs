//! Voicemail: greeting, tone, message. It ends with #, silence, a hang-up, or because it is long enough.
//!
//! - V17: a message is kept only if something was said, and whoever left one has left nothing undone: the call ends as such.

use contract::interaction::v1::{EndReason, Party};
use ingress::{Prompt, Verb, Voicemail};

use super::{
    Call, Phase,
    events::{Effect, FlowInput, Side, Timer},
};
use crate::core::speech;

/// How long the file of a message is waited for, in milliseconds.
const FILE_MS: u64 = 5_000;

/// A message on its way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Message {
    voicemail: Voicemail,
    /// Something was said.
    spoke: bool,
}

impl Call {
    pub(super) fn voicemail(&mut self, voicemail: Voicemail, effects: &mut Vec<Effect>) {
        let greeting = voicemail.prompt.clone();
        self.message = Some(Message { voicemail, spoke: false });
        self.typed.clear();
        if greeting.text.trim().is_empty() && greeting.audio.is_empty() {
            return self.prepare_message(effects);
        }
        let token = self.play(greeting, effects);
        self.phase = Phase::Greeting { token };
    }

    /// The greeting was heard, or a key cut it short.
    pub(super) fn prepare_message(&mut self, effects: &mut Vec<Effect>) {
        let queue = self.message.as_ref().map(|message| message.voicemail.queue.clone()).unwrap_or_default();
        self.last_token += 1;
        self.phase = Phase::Preparing;
        effects.push(Effect::RecordMessage { queue });
        effects.push(Effect::Start(Timer::Message(self.last_token), FILE_MS));
    }

    /// The file is there.
    pub(super) fn message_prepared(&mut self, effects: &mut Vec<Effect>) {
        self.last_token += 1;
        self.phase = Phase::Beeping { token: self.last_token };
        effects.push(Effect::Beep { token: self.last_token });
    }

    /// The tone was heard.
    pub(super) fn record_message(&mut self, effects: &mut Vec<Effect>) {
        let Some(message) = &self.message else { return };
        let positive = |given: i64| u64::try_from(given).unwrap_or(0).max(1_000);
        let voicemail = &message.voicemail;
        let (longest, silence) = (positive(voicemail.longest_millis), positive(voicemail.silence_millis));
        self.last_token += 1;
        self.phase = Phase::Messaging { token: self.last_token };
        effects.push(Effect::Hear(Side::Customer, super::Hearing::Silence));
        effects.push(Effect::Tune { left: vec![Side::Customer], right: Vec::new() });
        effects.push(Effect::Watch { silence_ms: silence });
        effects.push(Effect::Start(Timer::Message(self.last_token), longest));
    }

    /// Something was said.
    pub(super) fn spoke(&mut self) {
        if let Some(message) = &mut self.message {
            message.spoke = true;
        }
    }

    /// V17. The message is over; `gone`: the customer hung up.
    pub(super) fn message_over(&mut self, gone: bool, effects: &mut Vec<Effect>) {
        let Some(Message { voicemail, spoke }) = self.message.take() else { return };
        if spoke {
            self.concluded = Some(EndReason::Voicemail);
            effects.push(Effect::KeepMessage { queue: voicemail.queue, callback: voicemail.callback });
        } else {
            effects.push(Effect::DropMessage);
        }
        if gone {
            let reason = self.concluded.unwrap_or(EndReason::LeftInFlow);
            return self.end(reason, Party::Customer, String::new(), effects);
        }
        if self.flow_over {
            self.script = [Verb::Play(Prompt::text(speech::THANKS)), Verb::End].into();
            return self.next_verb(effects);
        }
        self.phase = Phase::Deciding;
        effects.push(Effect::Advance(FlowInput::Done(spoke)));
    }
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
