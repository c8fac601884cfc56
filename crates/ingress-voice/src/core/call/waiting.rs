//! Waiting for an agent: what the customer hears meanwhile, and the ways out of it: a key that turns the wait into a
//! call-back, and the queue's own word when nobody of it can take the call.

use contract::interaction::v1::EndReason;
use ingress::{Prompt, Queue, Verb, Voicemail};

use super::{
    Call, Phase,
    callbacks::Wish,
    events::{Diversion, Effect, Fact, Side, Timer},
};
use crate::core::speech;

/// How long a message may be that the queue, and not a flow, asks for; and the silence that ends it, in milliseconds.
const MESSAGE_LONGEST_MS: i64 = 120_000;
const MESSAGE_SILENCE_MS: i64 = 5_000;

impl Call {
    pub(super) fn wait_in(&mut self, mut queue: Queue, effects: &mut Vec<Effect>) {
        if queue.announcement.is_some() {
            self.announcement = queue.announcement.take();
        }
        self.flow_over = true;
        self.after |= queue.after;
        self.say_key = false;
        self.phase = Phase::Waiting { announcing: None };
        self.queue = Some(queue.clone());
        self.typed.clear();
        self.last_token += 1;
        effects.push(Effect::Publish(Fact::Queued(queue)));
        match self.announce_recording(effects) {
            Some(token) => self.phase = Phase::Waiting { announcing: Some(token) },
            None => effects.push(Effect::Music(Side::Customer)),
        }
        effects.push(Effect::Start(Timer::Announce(self.last_token), self.announce_after(true)));
    }

    pub(super) fn position(&mut self, place: u32, minutes: Option<u32>, effects: &mut Vec<Effect>) {
        let busy = self.offer.is_some() || self.arranging.is_some();
        if self.phase != (Phase::Waiting { announcing: None }) || place == 0 || busy {
            return;
        }
        let prompt = match &self.announcement {
            None => {
                self.say_key = self.settings.calls_back;
                Prompt::text(speech::position(place))
            }
            Some(said) => Prompt {
                language: said.language.clone(),
                ..Prompt::text(speech::announcement(&said.text, place, minutes))
            },
        };
        if !prompt.text.is_empty() {
            let token = self.play(prompt, effects);
            self.phase = Phase::Waiting { announcing: Some(token) };
        }
    }

    /// An announcement was heard to its end: another word, or music.
    pub(super) fn announced(&mut self, effects: &mut Vec<Effect>) {
        let key = self.queue.as_ref().and_then(|queue| queue.callback.as_ref()).map(|offer| offer.key);
        let key = key.filter(|_| std::mem::take(&mut self.say_key));
        let announcing = key.map(|key| self.say(speech::callback_key(key), effects));
        if announcing.is_none() {
            effects.push(Effect::Music(Side::Customer));
        }
        self.phase = Phase::Waiting { announcing };
    }

    /// Milliseconds to the next announcement.
    pub(super) fn announce_after(&self, first: bool) -> u64 {
        let own = self.announcement.as_ref();
        let (own, usual) = if first {
            (own.map_or(0, |said| said.first_millis), self.settings.announce_first_ms)
        } else {
            (own.map_or(0, |said| said.every_millis), self.settings.announce_every_ms)
        };
        u64::try_from(own).ok().filter(|own| *own > 0).unwrap_or(usual)
    }

    /// A key pressed while waiting: the one that asks for a call-back, or nothing.
    pub(super) fn pressed_waiting(&mut self, key: char, effects: &mut Vec<Effect>) {
        let offer = self.queue.as_ref().and_then(|queue| queue.callback.as_ref());
        let Some(offer) = offer.filter(|offer| offer.key == key) else { return };
        if self.arranging.is_none() && !self.parked && self.outgoing.is_none() {
            let number = offer.number.clone();
            self.arranging = Some(Wish::Key);
            effects.push(Effect::ArrangeCallback { number, place: None });
        }
    }

    /// The router has nobody of the queue for the call, and says what then.
    pub(super) fn diverted(&mut self, to: Diversion, word: String, effects: &mut Vec<Effect>) {
        if !matches!(self.phase, Phase::Waiting { .. }) || self.parked {
            return;
        }
        if let Diversion::Queue(queue) = to {
            // It has gone there already.
            self.queue = Some(Queue { queue, rings: Vec::new(), ..self.place() });
            return;
        }
        if self.outgoing.is_some() {
            return self.not_dialled("the queue is not served now".to_owned(), effects);
        }
        let greeting = if to == Diversion::Voicemail {
            word
        } else {
            self.farewell = word;
            String::new()
        };
        match (to, self.arranging) {
            // What the customer asks for decides; if it can't be, the queue's word is farewell.
            (_, Some(_)) => self.arranging = Some(Wish::Diverted),
            (Diversion::Callback, None) => {
                let offer = self.queue.as_ref().and_then(|queue| queue.callback.as_ref());
                let number = offer.map(|offer| offer.number.clone()).unwrap_or_default();
                self.arranging = Some(Wish::Diverted);
                effects.push(Effect::ArrangeCallback { number, place: None });
            }
            (Diversion::Voicemail, None) => {
                let voicemail = Voicemail {
                    prompt: Prompt::text(or(greeting, speech::LEAVE_A_MESSAGE)),
                    queue: self.queue().to_owned(),
                    longest_millis: MESSAGE_LONGEST_MS,
                    silence_millis: MESSAGE_SILENCE_MS,
                    callback: true,
                };
                self.concluded = Some(EndReason::Diverted);
                self.script = [Verb::Voicemail(voicemail)].into();
                self.next_verb(effects);
            }
            (Diversion::Farewell | Diversion::Queue(_), None) => self.say_farewell(effects),
        }
    }

    pub(super) fn say_farewell(&mut self, effects: &mut Vec<Effect>) {
        let word = or(std::mem::take(&mut self.farewell), speech::FAREWELL);
        self.conclude(EndReason::Diverted, Prompt::text(word), effects);
    }

    /// Says a last word. Whoever hangs up meanwhile has left like this, too.
    pub(super) fn conclude(&mut self, reason: EndReason, word: Prompt, effects: &mut Vec<Effect>) {
        self.beside.clear();
        if self.offer.take().is_some() {
            effects.push(Effect::StopRinging);
            effects.push(Effect::DropAgent);
        }
        self.concluded = Some(reason);
        self.typed.clear();
        self.script = [Verb::Play(word), Verb::End].into();
        self.next_verb(effects);
    }
}

/// The queue's words, else our own.
fn or(word: String, own: &str) -> String {
    if word.trim().is_empty() { own.to_owned() } else { word }
}
