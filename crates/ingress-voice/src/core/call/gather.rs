//! Questions: one key, or several digits, typed while the prompt speaks or before; or an answer that is spoken once it has
//! been heard. A key counts before what is said.

use ingress::{Ask, Gather, Prompt, Verb};

use super::{Call, Effect, FlowInput, Phase, TYPED_AHEAD, Timer};
use crate::core::speech;

/// How long an answer that is being spoken may take to be understood: 8 s of speech, and the recogniser's turn.
const SPEAKING_MS: u64 = 16_000;
/// Longest wait for a key, in milliseconds.
const MOST_TIMEOUT_MS: u64 = 600_000;

/// Digits that are being collected.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Collecting {
    gather: Gather,
    digits: String,
}

impl Collecting {
    /// Takes a key; `true`: that was the last one.
    fn press(&mut self, key: char) -> bool {
        if Some(key) == self.gather.terminator {
            return true;
        }
        self.digits.push(key);
        self.digits.len() >= self.gather.max
    }
}

impl Call {
    pub(super) fn say(&mut self, text: String, effects: &mut Vec<Effect>) -> u64 {
        self.play(Prompt::text(text), effects)
    }

    pub(super) fn play(&mut self, prompt: Prompt, effects: &mut Vec<Effect>) -> u64 {
        self.last_token += 1;
        self.deaf = prompt.no_barge_in.then_some(self.last_token);
        effects.push(Effect::Say { prompt, token: self.last_token });
        self.last_token
    }

    /// Whoever has typed ahead wants to get on: what may be interrupted before the next question is not said.
    pub(super) fn skip_to_question(&mut self) {
        let question = self.script.iter().position(|verb| matches!(verb, Verb::Ask(_) | Verb::Gather(_)));
        let Some(question) = question.filter(|_| !self.typed.is_empty()) else { return };
        let deaf = self
            .script
            .iter()
            .take(question)
            .position(|verb| matches!(verb, Verb::Play(prompt) if prompt.no_barge_in));
        self.script.drain(..deaf.unwrap_or(question));
    }

    pub(super) fn ask(&mut self, ask: Ask, effects: &mut Vec<Effect>) {
        self.collecting = None;
        self.phrases = ask.phrases;
        let deaf = ask.prompt.no_barge_in;
        if let Some(digit) = self.typed.pop_front().filter(|_| !deaf) {
            return self.choose(digit.to_string(), effects);
        }
        let timeout_ms = self.timeout(ask.timeout_millis);
        let foreign = !ask.prompt.language.is_empty() && !ask.prompt.language.starts_with("en");
        let text = if foreign { ask.text } else { speech::question(&ask.text, &ask.options) };
        let token = self.play(Prompt { text, ..ask.prompt }, effects);
        self.phase = Phase::Asking { token, timeout_ms };
    }

    pub(super) fn gather(&mut self, gather: Gather, effects: &mut Vec<Effect>) {
        let prompt = gather.prompt.clone();
        let (timeout_ms, between_ms) =
            (self.timeout(gather.timeout_millis), self.timeout(gather.between_millis));
        self.collecting = Some(Collecting { gather, digits: String::new() });
        if !prompt.no_barge_in && self.collect_typed(effects) {
            return;
        }
        if self.has_digits() {
            self.last_token += 1;
            effects.push(Effect::Start(Timer::Answer(self.last_token), between_ms));
            self.phase = Phase::Asking { token: self.last_token, timeout_ms };
            return;
        }
        let token = self.play(prompt, effects);
        self.phase = Phase::Asking { token, timeout_ms };
    }

    /// A question's prompt has been heard to its end.
    pub(super) fn asked(&mut self, token: u64, timeout_ms: u64, effects: &mut Vec<Effect>) {
        self.deaf = None;
        if self.collecting.is_some() {
            if self.collect_typed(effects) {
                return;
            }
        } else if let Some(digit) = self.typed.pop_front() {
            return self.choose(digit.to_string(), effects);
        }
        let wait = if self.has_digits() { self.between() } else { timeout_ms };
        effects.push(Effect::Start(Timer::Answer(token), wait));
        if self.collecting.is_none() && !self.phrases.is_empty() {
            self.listening = Some(token);
            effects.push(Effect::Listen { token, phrases: self.phrases.clone() });
        }
    }

    pub(super) fn digit(&mut self, digit: char, effects: &mut Vec<Effect>) {
        let keep = |typed: &mut std::collections::VecDeque<char>| {
            if typed.len() < TYPED_AHEAD {
                typed.push_back(digit);
            }
        };
        match self.phase {
            Phase::Asking { token, .. } | Phase::Saying { token } if self.deaf == Some(token) => {
                keep(&mut self.typed);
            }
            Phase::Asking { token, .. } => {
                let Some(collecting) = &mut self.collecting else {
                    effects.push(Effect::Quiet);
                    return self.choose(digit.to_string(), effects);
                };
                if collecting.digits.is_empty() {
                    effects.push(Effect::Quiet);
                }
                if collecting.press(digit) {
                    return self.collected(effects);
                }
                effects.push(Effect::Start(Timer::Answer(token), self.between()));
            }
            Phase::Saying { .. } => {
                keep(&mut self.typed);
                let asked = |verb: &Verb| matches!(verb, Verb::Ask(_) | Verb::Gather(_));
                if self.script.iter().any(asked) {
                    effects.push(Effect::Quiet);
                    self.next_verb(effects);
                }
            }
            Phase::Deciding => keep(&mut self.typed),
            Phase::Waiting { .. } => self.pressed_waiting(digit, effects),
            Phase::Greeting { .. } => {
                effects.push(Effect::Quiet);
                self.prepare_message(effects);
            }
            Phase::Messaging { .. } if digit == '#' => self.message_over(false, effects),
            _ => {}
        }
    }

    /// The customer begins to speak: that is no silence.
    pub(super) fn speaks(&mut self, effects: &mut Vec<Effect>) {
        if let Some(token) = self.listening {
            effects.push(Effect::Start(Timer::Answer(token), SPEAKING_MS));
        }
    }

    /// What the customer said to the present question; what was said to another is forgotten.
    pub(super) fn understood(&mut self, token: u64, phrase: String, effects: &mut Vec<Effect>) {
        if self.listening == Some(token) {
            self.listening = None;
            self.phase = Phase::Deciding;
            effects.push(Effect::Advance(FlowInput::Spoken(phrase)));
        }
    }

    /// Whatever has answered the question, or ended it: nobody is listened to beyond it.
    pub(super) fn listen_no_more(&mut self, effects: &mut Vec<Effect>) {
        let asked =
            |token: &u64| matches!(self.phase, Phase::Asking { token: present, .. } if present == *token);
        if self.listening.is_some_and(|token| !asked(&token)) {
            self.listening = None;
            if self.phase != Phase::Over {
                effects.push(Effect::StopListening);
            }
        }
    }

    /// Nothing (more) was pressed in time.
    pub(super) fn unanswered(&mut self, effects: &mut Vec<Effect>) {
        if self.has_digits() {
            return self.collected(effects);
        }
        self.collecting = None;
        self.phase = Phase::Deciding;
        effects.push(Effect::Advance(FlowInput::TimedOut));
    }

    /// Takes what was typed ahead; `true`: that was all of it.
    fn collect_typed(&mut self, effects: &mut Vec<Effect>) -> bool {
        while let Some(digit) = self.typed.pop_front() {
            if self.collecting.as_mut().is_some_and(|collecting| collecting.press(digit)) {
                self.collected(effects);
                return true;
            }
        }
        false
    }

    fn collected(&mut self, effects: &mut Vec<Effect>) {
        let digits = self.collecting.take().map(|collecting| collecting.digits).unwrap_or_default();
        self.choose(digits, effects);
    }

    fn choose(&mut self, keys: String, effects: &mut Vec<Effect>) {
        self.phase = Phase::Deciding;
        effects.push(Effect::Advance(FlowInput::Choice(keys)));
    }

    fn has_digits(&self) -> bool {
        self.collecting.as_ref().is_some_and(|collecting| !collecting.digits.is_empty())
    }

    fn between(&self) -> u64 {
        self.timeout(self.collecting.as_ref().map_or(0, |collecting| collecting.gather.between_millis))
    }

    fn timeout(&self, given: i64) -> u64 {
        match u64::try_from(given) {
            Ok(0) | Err(_) => self.settings.answer_timeout_ms,
            Ok(given) => given.min(MOST_TIMEOUT_MS),
        }
    }
}

#[cfg(test)]
mod tests {
    use ingress::{Ask, Gather, Prompt, Verb};

    use super::super::{Call, Effect, FlowInput, Input, Settings, Timer};

    fn gather(max: usize) -> Gather {
        Gather {
            prompt: Prompt::text("Number?"),
            min: 1,
            max,
            terminator: Some('#'),
            timeout_millis: 8_000,
            between_millis: 3_000,
        }
    }

    fn call() -> Call {
        Call::begin(Settings::default()).0
    }

    fn flow(verbs: Vec<Verb>) -> Input {
        Input::Flow { verbs, steps: Vec::new() }
    }

    fn press(call: &mut Call, keys: &str) -> Vec<Effect> {
        keys.chars().flat_map(|key| call.handle(Input::Digit(key))).collect()
    }

    fn advanced(effects: &[Effect]) -> Option<&str> {
        effects.iter().find_map(|effect| match effect {
            Effect::Advance(FlowInput::Choice(keys)) => Some(keys.as_str()),
            _ => None,
        })
    }

    #[test]
    fn digits_are_collected_up_to_the_key_that_ends_them() {
        let mut call = call();
        call.handle(flow(vec![Verb::Gather(gather(10))]));

        let typing = press(&mut call, "123");
        let ended = press(&mut call, "#");

        assert_eq!(typing.iter().filter(|effect| **effect == Effect::Quiet).count(), 1);
        assert_eq!(advanced(&typing), None);
        assert_eq!(advanced(&ended), Some("123"));
    }

    #[test]
    fn enough_digits_are_enough_and_a_pause_ends_fewer() {
        let mut full = call();
        full.handle(flow(vec![Verb::Gather(gather(4))]));
        assert_eq!(advanced(&press(&mut full, "1234")), Some("1234"));

        let mut slow = call();
        slow.handle(flow(vec![Verb::Gather(gather(4))]));
        let typed = press(&mut slow, "12");
        let Some(Effect::Start(timer, 3_000)) = typed.last() else { panic!("{typed:?}") };
        assert_eq!(advanced(&slow.handle(Input::Elapsed(*timer))), Some("12"));
    }

    #[test]
    fn nothing_typed_is_silence() {
        let mut call = call();
        call.handle(flow(vec![Verb::Gather(gather(4))]));
        let asked = call.handle(Input::Played { token: 1 });
        assert_eq!(asked, [Effect::Start(Timer::Answer(1), 8_000)]);

        let effects = call.handle(Input::Elapsed(Timer::Answer(1)));

        assert_eq!(effects, [Effect::Advance(FlowInput::TimedOut)]);
    }

    fn menu() -> Verb {
        Verb::Ask(Ask {
            text: "Press 1, or say billing.".into(),
            phrases: vec!["billing".into()],
            ..Ask::default()
        })
    }

    #[test]
    fn an_answer_may_be_spoken_once_the_question_was_heard() {
        let mut call = call();
        call.handle(flow(vec![menu()]));

        let asked = call.handle(Input::Played { token: 1 });
        let speaks = call.handle(Input::Speaks);
        let understood = call.handle(Input::Understood { token: 1, phrase: "billing".into() });

        let listen = Effect::Listen { token: 1, phrases: vec!["billing".into()] };
        assert_eq!(asked, [Effect::Start(Timer::Answer(1), 8_000), listen]);
        assert_eq!(speaks, [Effect::Start(Timer::Answer(1), 16_000)], "who speaks is not silent");
        assert_eq!(understood, [Effect::Advance(FlowInput::Spoken("billing".into()))]);
    }

    #[test]
    fn a_key_answers_before_what_is_said() {
        let mut call = call();
        call.handle(flow(vec![menu()]));
        call.handle(Input::Played { token: 1 });
        call.handle(Input::Speaks);

        let pressed = press(&mut call, "1");
        let late = call.handle(Input::Understood { token: 1, phrase: "billing".into() });

        assert_eq!(
            pressed,
            [Effect::Quiet, Effect::Advance(FlowInput::Choice("1".into())), Effect::StopListening]
        );
        assert_eq!(late, []);
    }

    #[test]
    fn what_was_said_to_a_question_before_is_no_answer_to_this_one() {
        let mut call = call();
        call.handle(flow(vec![menu()]));
        call.handle(Input::Played { token: 1 });
        let silent = call.handle(Input::Elapsed(Timer::Answer(1)));
        call.handle(flow(vec![menu()]));
        call.handle(Input::Played { token: 2 });

        let late = call.handle(Input::Understood { token: 1, phrase: "billing".into() });

        assert_eq!(silent, [Effect::Advance(FlowInput::TimedOut), Effect::StopListening]);
        assert_eq!(late, []);
    }

    #[test]
    fn keys_pressed_before_the_flow_has_answered_count() {
        let mut call = call();
        press(&mut call, "2");

        let effects = call.handle(flow(vec![
            Verb::Say("Welcome.".to_owned()),
            Verb::Say("All calls are recorded.".to_owned()),
            Verb::Gather(gather(1)),
        ]));

        assert_eq!(effects, [Effect::Answer, Effect::Advance(FlowInput::Choice("2".to_owned()))]);
    }

    #[test]
    fn what_is_heard_to_its_end_keeps_the_keys_for_what_follows() {
        let mut call = call();
        let law = Prompt { no_barge_in: true, ..Prompt::text("By law we must tell you.") };
        call.handle(flow(vec![Verb::Play(law), Verb::Say("Welcome.".to_owned()), Verb::Gather(gather(4))]));

        assert_eq!(press(&mut call, "12#"), []);
        let effects = call.handle(Input::Played { token: 1 });

        assert_eq!(effects, [Effect::Advance(FlowInput::Choice("12".to_owned()))]);
    }
}
