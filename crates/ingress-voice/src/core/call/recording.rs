//! Which calls are recorded, and what the customer is told first.
//!
//! - V13: where an announcement is due, nothing is recorded before the customer has heard it to its end.

use super::{Call, Phase, events::Effect};

/// Calls of one queue that are recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its key; empty: every queue.
    pub queue: String,
    /// Said before; empty: nothing.
    pub consent: String,
}

/// The rules for one call, the first that fits counts.
pub type Policy = Vec<Rule>;

/// Where the recording of a call stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Recording {
    pub(super) policy: Policy,
    /// The announcement that plays now.
    saying: Option<u64>,
    heard: bool,
    wanted: bool,
    /// Whether it pauses; none: there is none.
    pub(super) paused: Option<bool>,
}

impl Recording {
    /// The announcement plays now, to a customer who is with an agent already.
    pub(super) const fn delays(&self) -> bool {
        self.saying.is_some()
    }
}

impl Call {
    /// The call, recorded by these rules.
    #[must_use]
    pub fn recorded_by(mut self, policy: Policy) -> Self {
        self.recording.policy = policy;
        self
    }

    /// In a queue there is time to say that the call is recorded. The token, if so.
    pub(super) fn announce_recording(&mut self, effects: &mut Vec<Effect>) -> Option<u64> {
        self.recording.saying = None;
        let consent = self.rule()?.consent.clone();
        if consent.is_empty() || self.recording.heard || self.recording.paused.is_some() {
            return None;
        }
        let token = self.say(consent, effects);
        self.recording.saying = Some(token);
        Some(token)
    }

    /// Customer and agent are together: recording begins, after the announcement if that is still due.
    pub(super) fn begin_recording(&mut self, effects: &mut Vec<Effect>) {
        self.recording.saying = None;
        if self.recording.wanted || self.rule().is_none() || self.announce_recording(effects).is_some() {
            return;
        }
        self.recording.wanted = true;
        effects.push(Effect::Record);
    }

    /// A prompt was heard to its end; `true` when it was the announcement and two people wait for it.
    pub(super) fn announcement_heard(&mut self, token: u64, effects: &mut Vec<Effect>) -> bool {
        if self.recording.saying != Some(token) {
            return false;
        }
        self.recording.saying = None;
        self.recording.heard = true;
        if !matches!(self.phase, Phase::Talking { .. }) {
            return false;
        }
        self.begin_recording(effects);
        self.arrange(effects);
        true
    }

    fn rule(&self) -> Option<&Rule> {
        let queue = self.queue();
        self.recording.policy.iter().find(|rule| rule.queue.is_empty() || rule.queue == queue)
    }
}

#[cfg(test)]
mod tests {
    use contract::interaction::v1::EndReason;
    use ingress::{Queue, Verb};

    use super::*;
    use crate::core::call::{Fact, Hearing, Input, Settings, Side};

    fn waiting(consent: &str) -> (Call, Vec<Effect>) {
        let rule = |queue: &str| Rule { queue: queue.to_owned(), consent: consent.to_owned() };
        let mut call = Call::begin(Settings::default()).0.recorded_by(vec![rule("sales"), rule("billing")]);
        let queue = Queue { queue: "billing".to_owned(), ..Queue::default() };
        let effects = call.handle(Input::Flow { verbs: vec![Verb::Queue(queue)], steps: Vec::new() });
        (call, effects)
    }

    fn taken(call: &mut Call) -> Vec<Effect> {
        let (offer_id, agent_id) = ("o1".to_owned(), "ann".to_owned());
        call.handle(Input::OfferMade {
            offer_id: offer_id.clone(),
            agent_id,
            expires_in_ms: 20_000,
            whisper: String::new(),
        });
        call.handle(Input::AgentAnswered { offer_id: offer_id.clone() });
        call.handle(Input::AcceptanceKnown { offer_id, accepted: true })
    }

    fn said(effects: &[Effect]) -> Option<u64> {
        effects.iter().find_map(|effect| match effect {
            Effect::Say { prompt, token } if prompt.text == "Recorded." => Some(*token),
            _ => None,
        })
    }

    fn together(effects: &[Effect]) -> bool {
        effects.contains(&Effect::Hear(Side::Customer, Hearing::Voices(vec![Side::Agent])))
    }

    #[test]
    fn a_call_of_a_queue_with_a_rule_is_recorded_once() {
        let (mut call, _) = waiting("");

        let effects = taken(&mut call);

        assert!(together(&effects) && effects.contains(&Effect::Record));
    }

    #[test]
    fn v13_the_announcement_is_heard_in_the_queue_and_the_conversation_begins_at_once() {
        let (mut call, effects) = waiting("Recorded.");
        let token = said(&effects).unwrap();
        assert!(call.handle(Input::Played { token }).contains(&Effect::Music(Side::Customer)));

        let effects = taken(&mut call);

        assert!(together(&effects) && effects.contains(&Effect::Record));
        assert_eq!(said(&effects), None);
    }

    #[test]
    fn v13_an_announcement_that_was_cut_off_is_said_again_before_anybody_speaks() {
        let (mut call, _) = waiting("Recorded.");

        let effects = taken(&mut call);
        let token = said(&effects).unwrap();
        assert!(!together(&effects) && !effects.contains(&Effect::Record));
        let effects = call.handle(Input::Played { token });

        assert!(together(&effects) && effects.contains(&Effect::Record));
    }

    #[test]
    fn a_customer_who_leaves_during_the_announcement_is_not_recorded() {
        let (mut call, _) = waiting("Recorded.");
        taken(&mut call);

        let effects = call.handle(Input::Left(Side::Customer));

        assert!(!effects.contains(&Effect::Record));
        let left = |effect: &Effect| {
            matches!(effect, Effect::Publish(Fact::Ended { reason: EndReason::CustomerLeft, .. }))
        };
        assert!(effects.iter().any(left));
    }
}
