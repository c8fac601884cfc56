//! One call from its first ring to its record: what happens goes in, what to do comes out.
//!
//! Pure: it holds no socket, clock or channel. Promises, each with its test:
//! - V1: exactly one [`Fact::Ended`] per call that has begun, and it is the last fact, but for the steps of a survey.
//! - V2: customer and agent are bridged only after the router has accepted the offer.
//! - V3: an answer, failure or time-out of an offer that is not the present one changes nothing.
//! - V4: whoever hangs up, the other legs are released too.
//!
//! V5 to V7 are in [`layout`], V8 [`control`], V13 [`recording`], V16 [`callbacks`], V17 [`messages`], V18 [`colleagues`], V19 [`answering`].

mod after;
mod answering;
mod beside;
mod callbacks;
mod colleagues;
mod control;
mod events;
mod fax;
mod gather;
mod guests;
mod layout;
mod leaving;
mod messages;
mod offers;
mod recording;
mod standing;
mod waiting;

use std::collections::VecDeque;

use contract::interaction::v1::{EndReason, FlowStepTaken, Party};
use ingress::{Announcement, Queue, Verb};

pub use answering::{Answering, OnMachine};
pub use colleagues::{CALLER, ColleagueMissed};
pub use control::{Control, Guest, MAX_GUESTS, Mode, Refusal, Role, Target};
pub use events::{
    Diversion, Effect, Fact, FlowInput, Input, Missed, OfferEnd, RingFailure, Settings, Side, Timer,
};
pub use layout::{Hearing, Layout, Scene};
pub use recording::{Policy, Rule};

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
    /// A message's greeting plays.
    Greeting { token: u64 },
    /// Its file is being made.
    Preparing,
    /// Its tone plays.
    Beeping { token: u64 },
    /// It is being spoken.
    Messaging { token: u64 },
    /// The agent is told something; the customer waits.
    Whispering { agent_id: String, offer_id: String, token: u64 },
    /// The agent has taken a call-back; the router has not yet said whom to call.
    Reserved { agent_id: String, offer_id: String },
    /// The agent has taken an outgoing call; the customer is being called.
    Dialling { agent_id: String, offer_id: String },
    /// The customer's end has answered; the agent hears ringing until it is known what it is.
    Screening { agent_id: String, offer_id: String },
    /// An answering machine: its tone is waited for, then the message is said. The agent (empty: nobody any more) is not on
    /// the line.
    LeavingMessage { agent_id: String, token: Option<u64> },
    /// With an agent.
    Talking { agent_id: String },
    /// The phone of an agent who wants to speak with a colleague rings.
    Summoning,
    /// The agent is gone; somebody outside is being called for the customer.
    Leaving { guest: u32 },
    /// Recorded; the customer goes on with somebody outside.
    Outside { guest: u32 },
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
    /// Said to the agent first; empty: nothing.
    whisper: String,
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
    /// What may be said to the present question.
    phrases: Vec<String>,
    /// The question whose answer is listened for.
    listening: Option<u64>,
    /// The prompt that is heard to its end, whatever is pressed.
    deaf: Option<u64>,
    /// What the flow has said about the wait.
    announcement: Option<Announcement>,
    offer: Option<Offer>,
    /// Offers that ring beside it, at other agents: the first who takes the call has it.
    beside: Vec<Offer>,
    /// An outgoing call whose customer is not on the line yet: the agent who wants it.
    outgoing: Option<String>,
    /// A call-back whose customer is not on the line yet: whom to call, empty until that is known.
    calling_back: Option<String>,
    /// A call-back is being arranged for this customer.
    arranging: Option<callbacks::Wish>,
    /// The customer has hung up and is waited for no more; what they asked for is still being arranged.
    customer_gone: bool,
    /// The message that the customer leaves.
    message: Option<messages::Message>,
    /// Both ends are phones of the centre.
    between_colleagues: Option<colleagues::Between>,
    /// What the call counts as when it ends from here on without an agent.
    concluded: Option<EndReason>,
    /// The flow has handed over: it is not asked any more.
    flow_over: bool,
    /// A customer who stays on the line when the agent hangs up goes on in the flow.
    after: bool,
    /// It has ended for everybody but the customer.
    ended: bool,
    /// After the announcement comes how to be called back.
    say_key: bool,
    /// What the queue has the customer told in the end; empty: our own words.
    farewell: String,
    /// Where it waits or waited last.
    queue: Option<Queue>,
    parked: bool,
    /// The agent on the line was consulted before; the router has not yet made the call theirs.
    handover: bool,
    agent_holds: bool,
    muted: bool,
    phone_held: (bool, bool),
    recording: recording::Recording,
    far_end: answering::Answered,
    fax: fax::FaxCall,
    guests: Vec<Guest>,
    last_guest: u32,
    /// What everybody was last told to hear.
    arranged: Layout,
    last_token: u64,
}

impl Call {
    /// A call that has just come in; the first effect asks its flow.
    #[must_use]
    pub fn begin(settings: Settings) -> (Self, Vec<Effect>) {
        (Self::new(settings), vec![Effect::Advance(FlowInput::Begin)])
    }

    /// A call that `agent` wants to make. It is queued for that agent alone, as any other call is: so the router knows,
    /// and the agent's phone rings first.
    #[must_use]
    pub fn dial(settings: Settings, agent: &str, queue: &str) -> (Self, Vec<Effect>) {
        let mut call = Self { outgoing: Some(agent.to_owned()), ..Self::new(settings) };
        let place = Queue { queue: queue.to_owned(), ..Queue::default() };
        call.queue = Some(place.clone());
        call.flow_over = true;
        call.phase = Phase::Waiting { announcing: None };
        call.last_token += 1;
        let timer = Timer::DialOut(call.last_token);
        let effects = vec![
            Effect::Publish(Fact::Queued(control::for_agent_alone(agent, place))),
            Effect::Start(timer, settings.dial_out_ms),
        ];
        (call, effects)
    }

    fn new(settings: Settings) -> Self {
        Self {
            settings,
            phase: Phase::Deciding,
            answered: false,
            script: VecDeque::new(),
            typed: VecDeque::new(),
            collecting: None,
            phrases: Vec::new(),
            listening: None,
            deaf: None,
            announcement: None,
            offer: None,
            beside: Vec::new(),
            outgoing: None,
            calling_back: None,
            arranging: None,
            customer_gone: false,
            message: None,
            between_colleagues: None,
            concluded: None,
            flow_over: false,
            after: false,
            ended: false,
            say_key: false,
            farewell: String::new(),
            queue: None,
            parked: false,
            handover: false,
            agent_holds: false,
            muted: false,
            phone_held: (false, false),
            recording: recording::Recording::default(),
            far_end: answering::Answered::default(),
            fax: fax::FaxCall::default(),
            guests: Vec::new(),
            last_guest: 0,
            arranged: Layout::default(),
            last_token: 0,
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
            Input::Speaks => self.speaks(&mut effects),
            Input::Understood { token, phrase } => self.understood(token, phrase, &mut effects),
            Input::Elapsed(timer) => self.elapsed(timer, &mut effects),
            Input::Position { place, minutes } => self.position(place, minutes, &mut effects),
            Input::OfferMade { offer_id, agent_id, expires_in_ms, whisper } => {
                self.offer_made(offer_id, agent_id, expires_in_ms, whisper, &mut effects);
            }
            Input::OfferEnded { offer_id, end } => self.offer_ended(&offer_id, end, &mut effects),
            Input::Moved { queue } => self.moved(queue, &mut effects),
            Input::RingFailed { offer_id, failure, detail } => {
                self.ring_failed(&offer_id, failure, detail, &mut effects);
            }
            Input::AgentAnswered { offer_id } => self.agent_answered(&offer_id, &mut effects),
            Input::AgentMoved => self.agent_moved(&mut effects),
            Input::Replaced(side) => self.replaced(side, &mut effects),
            Input::AcceptanceKnown { offer_id, accepted } => {
                self.acceptance_known(&offer_id, accepted, &mut effects);
            }
            Input::GuestAnswered(guest) => self.guest_answered(guest, &mut effects),
            Input::GuestFailed { guest, failure } => self.guest_failed(guest, failure, &mut effects),
            Input::CustomerAnswered => self.customer_answered(&mut effects),
            Input::CustomerFailed { missed, detail } => self.customer_failed(missed, detail, &mut effects),
            Input::FarEndKnown(verdict) => self.far_end_known(verdict, &mut effects),
            Input::MachineRecords => self.machine_records(&mut effects),
            Input::FaxHeard { after_ms } => self.fax_heard(after_ms, &mut effects),
            Input::FaxSent { verbs, steps } => self.fax_sent(verbs, steps, &mut effects),
            Input::CallbackKnown { arranged } => self.callback_known(arranged, &mut effects),
            Input::CallbackDue { phone } => self.callback_due(phone, &mut effects),
            Input::Diverted { to, word } => self.diverted(to, word, &mut effects),
            Input::Recorded if self.phase == Phase::Preparing => self.message_prepared(&mut effects),
            Input::NotRecorded if self.phase == Phase::Preparing => self.message_over(false, &mut effects),
            Input::Spoke => self.spoke(),
            Input::Paused if matches!(self.phase, Phase::Messaging { .. }) => {
                self.message_over(false, &mut effects);
            }
            Input::Recorded => {
                self.recording.paused.get_or_insert(false);
                self.arrange(&mut effects);
            }
            Input::Left(side) => self.left(side, &mut effects),
            Input::Held { side, held } => self.hold(side, held, &mut effects),
            Input::Silent(side) => self.silent(side, &mut effects),
            Input::Probed { alive: true, .. } | Input::Paused | Input::NotRecorded => {}
            Input::Probed { side, alive: false } => {
                self.lost(side, "no audio and no answer for longer than the limit", &mut effects);
            }
            Input::Expired(side) => self.lost(side, "no sign of life in time", &mut effects),
            Input::HangUp => self.agent_hangs_up(&mut effects),
        }
        self.keep_to_itself(&mut effects);
        self.listen_no_more(&mut effects);
        effects
    }

    fn flow(&mut self, verbs: Vec<Verb>, steps: Vec<FlowStepTaken>, effects: &mut Vec<Effect>) {
        if self.forget_stale_turn() || self.phase != Phase::Deciding {
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
        self.ask_about_fax(effects);
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
                Verb::Transfer(number) if self.is_fax() => return self.leave_for(number, effects),
                // The interaction is over: nothing begins anew.
                Verb::Queue(_) | Verb::Callback(_) | Verb::Voicemail(_) | Verb::Transfer(_) if self.ended => {
                    return self.end(EndReason::FlowEnded, Party::Flow, String::new(), effects);
                }
                Verb::Queue(queue) => return self.wait_in(queue, effects),
                Verb::Callback(callback) => return self.ask_for_callback(callback, effects),
                Verb::Voicemail(voicemail) => return self.voicemail(voicemail, effects),
                Verb::Transfer(number) => return self.leave_for(number, effects),
                Verb::End => {
                    let reason = self.concluded.unwrap_or(EndReason::FlowEnded);
                    return self.end(reason, Party::Flow, String::new(), effects);
                }
            }
        }
        let detail = "the flow ended without a last word".to_owned();
        self.end(EndReason::Failed, Party::System, detail, effects);
    }

    fn played(&mut self, token: u64, effects: &mut Vec<Effect>) {
        if self.announcement_heard(token, effects) {
            return;
        }
        match self.phase {
            Phase::Saying { token: present } if present == token => self.next_verb(effects),
            Phase::Asking { token: present, timeout_ms } if present == token => {
                self.asked(token, timeout_ms, effects);
            }
            Phase::Waiting { announcing: Some(present) } if present == token => self.announced(effects),
            Phase::Greeting { token: present } if present == token => self.prepare_message(effects),
            Phase::Beeping { token: present } if present == token => self.record_message(effects),
            Phase::Whispering { token: present, .. } if present == token => self.whispered(effects),
            Phase::LeavingMessage { token: Some(present), .. } if present == token => {
                self.message_left(true, effects);
            }
            _ => {}
        }
    }

    fn elapsed(&mut self, timer: Timer, effects: &mut Vec<Effect>) {
        match (timer, &self.phase) {
            (Timer::Answer(token), Phase::Asking { token: present, .. }) if token == *present => {
                self.unanswered(effects);
            }
            (Timer::Parked(_), Phase::Waiting { .. }) => self.park_is_over(effects),
            (Timer::DialOut(_), Phase::Waiting { .. }) if self.offer.is_none() => {
                self.not_dialled("the agent was not offered the call".to_owned(), effects);
            }
            (Timer::Message(token), Phase::Preparing | Phase::Messaging { .. })
                if token == self.last_token =>
            {
                self.message_over(false, effects);
            }
            (Timer::Answered(_), Phase::Screening { .. } | Phase::Talking { .. }) => {
                self.answer_is_late(effects);
            }
            (Timer::Machine(_), Phase::LeavingMessage { .. }) => self.message_left(false, effects),
            (Timer::Colleague(token), _) => self.colleague_rang_out(token, effects),
            (Timer::Due(_), Phase::Reserved { .. }) => {
                self.not_reached(Missed::Failed, "the router did not say whom to call".to_owned(), effects);
            }
            (Timer::Announce(_), Phase::Waiting { .. }) if self.parked => {}
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
}

/// An agent who picks up a call that is over is hung up on; all else is forgotten.
fn too_late(input: &Input) -> Vec<Effect> {
    match input {
        Input::AgentAnswered { .. } => vec![Effect::DropAgent],
        Input::GuestAnswered(guest) => vec![Effect::DropGuest(*guest)],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
