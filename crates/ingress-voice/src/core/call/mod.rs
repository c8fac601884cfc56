//! One call from its first ring to its record: what happens goes in, what to do comes out.
//!
//! Pure: it holds no socket, clock or channel. Promises, each with its test:
//! - V1: exactly one [`Fact::Ended`] per call that has begun, and it is the last fact.
//! - V2: customer and agent are bridged only after the router has accepted the offer.
//! - V3: an answer, failure or time-out of an offer that is not the present one changes nothing.
//! - V4: whoever hangs up, the other leg is released too.

mod events;
mod gather;

use std::collections::VecDeque;

use contract::interaction::v1::{EndReason, FlowStepTaken, Party};
use ingress::{Announcement, Prompt, Queue, Verb};

pub use events::{Effect, Fact, FlowInput, Input, OfferEnd, RingFailure, Settings, Side, Timer};

use super::speech;

#[derive(Debug, Clone, PartialEq)]
enum Phase {
    /// The flow is being asked.
    Deciding,
    /// A prompt plays; nothing is asked.
    Saying { token: u64 },
    /// A question plays or has been played; keys count.
    Asking { token: u64, timeout_ms: u64 },
    /// Waiting for an agent.
    Waiting { announcing: Option<u64> },
    /// With an agent.
    Talking { agent_id: String },
    /// Recorded; late news changes nothing.
    Over,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OfferStage {
    Ringing,
    /// The agent took it on the desktop; the phone still rings.
    Taken,
    /// The phone was picked up, the router is asked.
    Accepting,
}

#[derive(Debug, Clone, PartialEq)]
struct Offer {
    offer_id: String,
    agent_id: String,
    stage: OfferStage,
}

/// Most keys that are kept while nobody asks for one.
const TYPED_AHEAD: usize = 16;

/// The state of one call.
#[derive(Debug, Clone)]
pub struct Call {
    settings: Settings,
    phase: Phase,
    answered: bool,
    script: VecDeque<Verb>,
    typed: VecDeque<char>,
    /// Digits of the present question; none when one key answers it.
    collecting: Option<gather::Collecting>,
    /// The prompt that is heard to its end, whatever is pressed.
    deaf: Option<u64>,
    /// What the flow has said about the wait.
    announcement: Option<Announcement>,
    offer: Option<Offer>,
    held: (bool, bool),
    last_token: u64,
}

impl Call {
    /// A call that has just come in; the first effect asks its flow.
    #[must_use]
    pub fn begin(settings: Settings) -> (Self, Vec<Effect>) {
        let call = Self {
            settings,
            phase: Phase::Deciding,
            answered: false,
            script: VecDeque::new(),
            typed: VecDeque::new(),
            collecting: None,
            deaf: None,
            announcement: None,
            offer: None,
            held: (false, false),
            last_token: 0,
        };
        (call, vec![Effect::Advance(FlowInput::Begin)])
    }

    /// Nothing more follows.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    /// The agent on the line.
    #[must_use]
    pub fn agent(&self) -> Option<&str> {
        match &self.phase {
            Phase::Talking { agent_id } => Some(agent_id),
            _ => None,
        }
    }

    /// Takes what happened, says what to do.
    pub fn handle(&mut self, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.is_over() {
            return too_late(&input);
        }
        match input {
            Input::Flow { verbs, steps } => self.flow(verbs, steps, &mut effects),
            Input::FlowFailed { detail } | Input::Broken { detail } => {
                self.end(EndReason::Failed, Party::System, detail, &mut effects);
            }
            Input::Played { token } => self.played(token, &mut effects),
            Input::Digit(digit) => self.digit(digit, &mut effects),
            Input::Elapsed(timer) => self.elapsed(timer, &mut effects),
            Input::Position { place, minutes } => self.position(place, minutes, &mut effects),
            Input::OfferMade { offer_id, agent_id, expires_in_ms } => {
                self.offer_made(offer_id, agent_id, expires_in_ms, &mut effects);
            }
            Input::OfferEnded { offer_id, end } => self.offer_ended(&offer_id, end, &mut effects),
            Input::RingFailed { offer_id, failure, detail } => {
                self.ring_failed(&offer_id, failure, detail, &mut effects);
            }
            Input::AgentAnswered { offer_id } => self.agent_answered(&offer_id, &mut effects),
            Input::AgentMoved => self.agent_moved(&mut effects),
            Input::AcceptanceKnown { offer_id, accepted } => {
                self.acceptance_known(&offer_id, accepted, &mut effects);
            }
            Input::Left(side) => self.left(side, &mut effects),
            Input::Held { side, held } => self.hold(side, held, &mut effects),
            Input::Silent(side) => self.silent(side, &mut effects),
            Input::Probed { side, alive } => self.probed(side, alive, &mut effects),
            Input::HangUp => self.end(EndReason::AgentEnded, Party::Agent, String::new(), &mut effects),
        }
        effects
    }

    fn flow(&mut self, verbs: Vec<Verb>, steps: Vec<FlowStepTaken>, effects: &mut Vec<Effect>) {
        if self.phase != Phase::Deciding {
            return;
        }
        effects.extend(steps.into_iter().map(|step| Effect::Publish(Fact::Step(step))));
        if verbs.is_empty() {
            let detail = "the flow said nothing to do".to_owned();
            return self.end(EndReason::Failed, Party::System, detail, effects);
        }
        if !self.answered {
            self.answered = true;
            effects.push(Effect::Answer);
        }
        self.script = verbs.into();
        self.next_verb(effects);
    }

    fn next_verb(&mut self, effects: &mut Vec<Effect>) {
        self.skip_to_question();
        while let Some(verb) = self.script.pop_front() {
            match verb {
                Verb::Say(text) if text.trim().is_empty() => {}
                Verb::Say(text) => {
                    let token = self.say(text, effects);
                    self.phase = Phase::Saying { token };
                    return;
                }
                // A caller can't fill in a form: the text is said, then the call ends.
                Verb::Form(text) => self.script = [Verb::Say(text), Verb::End].into(),
                Verb::Play(prompt) => {
                    let token = self.play(prompt, effects);
                    self.phase = Phase::Saying { token };
                    return;
                }
                Verb::Ask(ask) => return self.ask(ask, effects),
                Verb::Gather(gather) => return self.gather(gather, effects),
                Verb::Queue(queue) => return self.queue(queue, effects),
                Verb::End => return self.end(EndReason::FlowEnded, Party::Flow, String::new(), effects),
            }
        }
        let detail = "the flow ended without a last word".to_owned();
        self.end(EndReason::Failed, Party::System, detail, effects);
    }

    fn queue(&mut self, mut queue: Queue, effects: &mut Vec<Effect>) {
        self.announcement = queue.announcement.take();
        self.phase = Phase::Waiting { announcing: None };
        self.typed.clear();
        self.last_token += 1;
        effects.push(Effect::Publish(Fact::Queued(queue)));
        effects.push(Effect::Music(Side::Customer));
        effects.push(Effect::Start(Timer::Announce(self.last_token), self.announce_after(true)));
    }

    fn played(&mut self, token: u64, effects: &mut Vec<Effect>) {
        match self.phase {
            Phase::Saying { token: present } if present == token => self.next_verb(effects),
            Phase::Asking { token: present, timeout_ms } if present == token => {
                self.asked(token, timeout_ms, effects);
            }
            Phase::Waiting { announcing: Some(present) } if present == token => {
                self.phase = Phase::Waiting { announcing: None };
                effects.push(Effect::Music(Side::Customer));
            }
            _ => {}
        }
    }

    fn elapsed(&mut self, timer: Timer, effects: &mut Vec<Effect>) {
        match (timer, &self.phase) {
            (Timer::Answer(token), Phase::Asking { token: present, .. }) if token == *present => {
                self.unanswered(effects);
            }
            (Timer::Announce(token), Phase::Waiting { .. }) => {
                effects.push(Effect::AskPosition);
                effects.push(Effect::Start(Timer::Announce(token), self.announce_after(false)));
            }
            (Timer::Ringing(token), _) if token == self.last_token => {
                self.give_up_ringing("no answer and no end of the offer", effects);
            }
            _ => {}
        }
    }

    fn position(&mut self, place: u32, minutes: Option<u32>, effects: &mut Vec<Effect>) {
        if self.phase != (Phase::Waiting { announcing: None }) || place == 0 || self.offer.is_some() {
            return;
        }
        let prompt = match &self.announcement {
            None => Prompt::text(speech::position(place)),
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

    /// Milliseconds to the next announcement.
    fn announce_after(&self, first: bool) -> u64 {
        let own = self.announcement.as_ref();
        let (own, usual) = if first {
            (own.map_or(0, |said| said.first_millis), self.settings.announce_first_ms)
        } else {
            (own.map_or(0, |said| said.every_millis), self.settings.announce_every_ms)
        };
        u64::try_from(own).ok().filter(|own| *own > 0).unwrap_or(usual)
    }

    fn offer_made(
        &mut self,
        offer_id: String,
        agent_id: String,
        expires_in_ms: u64,
        effects: &mut Vec<Effect>,
    ) {
        if !matches!(self.phase, Phase::Waiting { .. }) {
            return;
        }
        match &self.offer {
            Some(present) if present.offer_id == offer_id => return,
            Some(_) => effects.push(Effect::StopRinging),
            None => {}
        }
        self.offer = Some(Offer {
            offer_id: offer_id.clone(),
            agent_id: agent_id.clone(),
            stage: OfferStage::Ringing,
        });
        self.last_token += 1;
        effects.push(Effect::Ring { offer_id, agent_id });
        let limit = expires_in_ms.min(600_000) + self.settings.ring_grace_ms;
        effects.push(Effect::Start(Timer::Ringing(self.last_token), limit));
    }

    fn offer_ended(&mut self, offer_id: &str, end: OfferEnd, effects: &mut Vec<Effect>) {
        let Some(offer) = self.offer.as_mut().filter(|offer| offer.offer_id == offer_id) else { return };
        match (end, offer.stage) {
            (OfferEnd::Accepted, OfferStage::Ringing) => offer.stage = OfferStage::Taken,
            (OfferEnd::Accepted, OfferStage::Accepting) => self.connect(effects),
            (OfferEnd::Over, OfferStage::Ringing) => {
                self.offer = None;
                effects.push(Effect::StopRinging);
            }
            (OfferEnd::Over, OfferStage::Accepting) => {
                self.offer = None;
                effects.push(Effect::DropAgent);
            }
            (_, OfferStage::Taken) => {}
        }
    }

    fn ring_failed(
        &mut self,
        offer_id: &str,
        failure: RingFailure,
        detail: String,
        effects: &mut Vec<Effect>,
    ) {
        let Some(offer) = self.offer.take_if(|offer| offer.offer_id == offer_id) else { return };
        if offer.stage == OfferStage::Taken {
            return self.end(EndReason::Failed, Party::System, detail, effects);
        }
        let Offer { offer_id, agent_id, .. } = offer;
        effects.push(match failure {
            RingFailure::Refused => Effect::Decline { offer_id, agent_id },
            RingFailure::Unreachable => Effect::ReportUnreachable { offer_id, agent_id, detail },
        });
    }

    fn give_up_ringing(&mut self, detail: &str, effects: &mut Vec<Effect>) {
        let Some(offer) = self.offer.clone().filter(|offer| offer.stage != OfferStage::Accepting) else {
            return;
        };
        effects.push(Effect::StopRinging);
        self.ring_failed(&offer.offer_id, RingFailure::Unreachable, detail.to_owned(), effects);
    }

    fn agent_answered(&mut self, offer_id: &str, effects: &mut Vec<Effect>) {
        let Some(offer) = self.offer.as_mut().filter(|offer| offer.offer_id == offer_id) else {
            effects.push(Effect::DropAgent);
            return;
        };
        match offer.stage {
            OfferStage::Ringing => {
                offer.stage = OfferStage::Accepting;
                let Offer { offer_id, agent_id, .. } = offer.clone();
                effects.push(Effect::Accept { offer_id, agent_id });
            }
            OfferStage::Taken => self.connect(effects),
            OfferStage::Accepting => {}
        }
    }

    /// The new device holds nothing; what the customer's phone does stands.
    fn agent_moved(&mut self, effects: &mut Vec<Effect>) {
        if matches!(self.phase, Phase::Talking { .. }) {
            self.held.1 = false;
            effects.push(if self.held.0 { Effect::Music(Side::Agent) } else { Effect::Bridge });
        }
    }

    fn acceptance_known(&mut self, offer_id: &str, accepted: bool, effects: &mut Vec<Effect>) {
        let accepting = |offer: &Offer| offer.offer_id == offer_id && offer.stage == OfferStage::Accepting;
        if !self.offer.as_ref().is_some_and(accepting) {
            return;
        }
        if accepted {
            return self.connect(effects);
        }
        self.offer = None;
        effects.push(Effect::DropAgent);
    }

    fn connect(&mut self, effects: &mut Vec<Effect>) {
        let Some(Offer { offer_id, agent_id, .. }) = self.offer.take() else { return };
        self.phase = Phase::Talking { agent_id: agent_id.clone() };
        effects.push(Effect::Bridge);
        effects.push(Effect::Publish(Fact::Connected { agent_id, offer_id }));
    }

    fn left(&mut self, side: Side, effects: &mut Vec<Effect>) {
        match (side, &self.phase) {
            (Side::Customer, phase) => {
                let reason = match phase {
                    Phase::Talking { .. } => EndReason::CustomerLeft,
                    Phase::Waiting { .. } => EndReason::Abandoned,
                    _ => EndReason::LeftInFlow,
                };
                self.end(reason, Party::Customer, String::new(), effects);
            }
            (Side::Agent, Phase::Talking { .. }) => {
                self.end(EndReason::AgentEnded, Party::Agent, String::new(), effects);
            }
            // Picked up and hung up before the router knew: as if the agent had refused.
            (Side::Agent, _) => {
                if let Some(Offer { offer_id, agent_id, .. }) = self.offer.take() {
                    effects.push(Effect::Decline { offer_id, agent_id });
                }
            }
        }
    }

    fn hold(&mut self, side: Side, held: bool, effects: &mut Vec<Effect>) {
        let before = self.held;
        match side {
            Side::Customer => self.held.0 = held,
            Side::Agent => self.held.1 = held,
        }
        if before == self.held || !matches!(self.phase, Phase::Talking { .. }) {
            return;
        }
        effects.push(match self.held {
            (false, false) => Effect::Bridge,
            (true, false) => Effect::Music(Side::Agent),
            (_, true) => Effect::Music(Side::Customer),
        });
    }

    /// A mute phone may send nothing and still be there; one whose BYE was lost says so, or nothing.
    fn silent(&mut self, side: Side, effects: &mut Vec<Effect>) {
        let held = match side {
            Side::Customer => self.held.0,
            Side::Agent => self.held.1,
        };
        if !held {
            effects.push(Effect::Probe(side));
        }
    }

    fn probed(&mut self, side: Side, alive: bool, effects: &mut Vec<Effect>) {
        if alive {
            return;
        }
        let by = match side {
            Side::Customer => Party::Customer,
            Side::Agent => Party::Agent,
        };
        self.end(
            EndReason::MediaTimeout,
            by,
            "no audio and no answer for longer than the limit".to_owned(),
            effects,
        );
    }

    fn end(&mut self, reason: EndReason, by: Party, detail: String, effects: &mut Vec<Effect>) {
        if self.offer.take().is_some() {
            effects.push(Effect::StopRinging);
        }
        effects.push(Effect::Publish(Fact::Ended { reason, by, detail }));
        effects.push(Effect::DropAgent);
        effects.push(if self.answered { Effect::DropCustomer } else { Effect::Reject });
        effects.push(Effect::Finish);
        self.phase = Phase::Over;
    }
}

/// An agent who picks up a call that is over is hung up on; all else is forgotten.
fn too_late(input: &Input) -> Vec<Effect> {
    match input {
        Input::AgentAnswered { .. } => vec![Effect::DropAgent],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
