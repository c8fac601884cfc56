//! What a call's state machine takes and gives.

use contract::interaction::v1::{EndReason, FlowStepTaken, Party};
use ingress::{Callback, Prompt, Queue, Verb};
use media::answer::{FarEnd, Verdict};

use super::{
    control::{Role, Target},
    layout::Hearing,
};

/// Which end of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Who called, or was called.
    Customer,
    /// The agent whose call it is.
    Agent,
    /// Somebody else: consulted, in conference, listening.
    Guest(u32),
}

/// Why ringing an agent came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RingFailure {
    /// The agent refused: 486, 600, 603.
    Refused,
    /// No phone, no answer, an error.
    Unreachable,
}

/// Why the customer of an outgoing call was not reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missed {
    /// It rang, and nobody picked up.
    NoAnswer,
    /// Busy, or refused.
    Busy,
    /// The number or the trunk: it did not even ring.
    Failed,
    /// An answering machine.
    Machine,
    /// An answering machine, which has our message.
    MessageLeft,
}

/// What a queue says instead of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Diversion {
    /// It waits in another queue already.
    Queue(String),
    /// Take a message.
    Voicemail,
    /// Offer a call-back.
    Callback,
    /// Say goodbye.
    Farewell,
}

/// How an offer ended elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfferEnd {
    /// The agent took it, by phone or on the desktop.
    Accepted,
    /// Declined, timed out, rescinded or unreachable.
    Over,
}

/// A timer that ran out; the number tells a stale one from the present one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// The customer pressed nothing.
    Answer(u64),
    /// Time to say the place in the queue.
    Announce(u64),
    /// The offer should have ended long ago.
    Ringing(u64),
    /// Nobody has retrieved the parked call.
    Parked(u64),
    /// The agent who wants to call out is not offered the call.
    DialOut(u64),
    /// The file of a message is not there; or the message is long enough.
    Message(u64),
    /// The router does not say whom to call back.
    Due(u64),
    /// A colleague does not pick up.
    Colleague(u64),
    /// It should be known what has answered.
    Answered(u64),
    /// An answering machine gives no tone, or does not let us finish.
    Machine(u64),
}

/// What has happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The flow says what to do next, and what it noted.
    Flow { verbs: Vec<Verb>, steps: Vec<FlowStepTaken> },
    /// The flow can't be asked: unknown, broken, out of reach.
    FlowFailed { detail: String },
    /// A prompt was heard to its end.
    Played { token: u64 },
    /// The customer pressed a key.
    Digit(char),
    /// The customer, who is listened to, begins to speak.
    Speaks,
    /// What the customer said, of the phrases that were listened for with this token; empty: none of them.
    Understood { token: u64, phrase: String },
    /// A timer ran out.
    Elapsed(Timer),
    /// The place in the queue, as the router sees it (0: not waiting), and about how long it takes, if that is known.
    Position { place: u32, minutes: Option<u32> },
    /// The router wants this agent to be rung; what the agent is told before the customer is there, or nothing.
    OfferMade { offer_id: String, agent_id: String, expires_in_ms: u64, whisper: String },
    /// An offer is over.
    OfferEnded { offer_id: String, end: OfferEnd },
    /// By hand the router gave it to another queue or agent; whoever talks with the customer is out of it.
    Moved { queue: String },
    /// None of the agent's phones answered.
    RingFailed { offer_id: String, failure: RingFailure, detail: String },
    /// The agent picked up.
    AgentAnswered { offer_id: String },
    /// The agent goes on with another device.
    AgentMoved,
    /// Another phone has taken this side's place.
    Replaced(Side),
    /// What the router said to the acceptance.
    AcceptanceKnown { offer_id: String, accepted: bool },
    /// A guest picked up.
    GuestAnswered(u32),
    /// A guest could not be reached.
    GuestFailed { guest: u32, failure: RingFailure },
    /// The customer whom the agent calls picked up.
    CustomerAnswered,
    /// The customer whom the agent calls was not reached.
    CustomerFailed { missed: Missed, detail: String },
    /// It is known what has answered an outgoing call.
    FarEndKnown(Verdict),
    /// The answering machine has given its tone.
    MachineRecords,
    /// The caller is a fax machine.
    FaxHeard { after_ms: u32 },
    /// What the flow does with fax machines.
    FaxSent { verbs: Vec<Verb>, steps: Vec<FlowStepTaken> },
    /// The call-back that was asked for is arranged, or can't be.
    CallbackKnown { arranged: bool },
    /// Whom to call back: an agent has it.
    CallbackDue { phone: String },
    /// Nobody of the queue serves it; what the queue has the customer told, or nothing.
    Diverted { to: Diversion, word: String },
    /// The call is recorded from now on.
    Recorded,
    /// It can't be recorded.
    NotRecorded,
    /// The customer, who is watched, has said something.
    Spoke,
    /// The customer, who is watched, is silent now.
    Paused,
    /// BYE or CANCEL.
    Left(Side),
    /// One side put the other on hold, or took it back.
    Held { side: Side, held: bool },
    /// No audio from this side for longer than the limit.
    Silent(Side),
    /// The session with this side was not refreshed in time (RFC 4028).
    Expired(Side),
    /// The silent side was asked whether it is still in the call.
    Probed { side: Side, alive: bool },
    /// Someone at the desktop ends the call.
    HangUp,
    /// Something broke that the call can't go on without.
    Broken { detail: String },
}

/// A fact for the bus; the rest of each message is known to whoever publishes it.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// The flow took a step.
    Step(FlowStepTaken),
    /// The call waits in a queue.
    Queued(Queue),
    /// Customer and agent hear each other.
    Connected { agent_id: String, offer_id: String },
    /// The customer hears music now, or the agent again.
    Held { agent_id: String },
    /// See [`Fact::Held`].
    Resumed { agent_id: String },
    /// A guest came into the call, or has another role now.
    Joined { guest: u32, who: Target, role: Role, agent_id: String },
    /// A guest has left.
    Parted { guest: u32, who: Target, role: Role, agent_id: String },
    /// The agent gave the call away.
    Transferred { agent_id: String, target: Target, attended: bool },
    /// The agent let go of it.
    Parked { agent_id: String },
    /// Somebody wants it, or (empty) nobody did for too long.
    Retrieved { agent_id: String },
    /// The recording pauses or goes on.
    RecordingPaused(bool),
    /// What is at the customer's end, as its sound tells; whose call it is, if anybody's.
    FarEnd { far_end: FarEnd, reason: String, after_ms: u32, agent_id: String },
    /// The line is gone.
    Ended { reason: EndReason, by: Party, detail: String },
}

/// What the flow is asked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowInput {
    /// The call has begun.
    Begin,
    /// A key, or several.
    Choice(String),
    /// One of the phrases, or something else (empty).
    Spoken(String),
    /// Nothing came in time.
    TimedOut,
    /// What came of a call-back, a message, a transfer.
    Done(bool),
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Ask the flow.
    Advance(FlowInput),
    /// Pick up: from now on the customer hears us.
    Answer,
    /// Refuse the call before it was answered.
    Reject,
    /// Say or play this to the customer; report the end with the token.
    Say { prompt: Prompt, token: u64 },
    /// Play music to this side.
    Music(Side),
    /// Stop what is played to the customer.
    Quiet,
    /// Listen for one of these phrases; [`Input::Speaks`] and [`Input::Understood`] follow if something is said.
    Listen { token: u64, phrases: Vec<String> },
    /// Listen no more.
    StopListening,
    /// Have [`Input::Elapsed`] come after this many milliseconds.
    Start(Timer, u64),
    /// Ask the router for the place in the queue.
    AskPosition,
    /// Arrange a call-back to this number (empty: the customer's own): in the place of this call, or in one of its own.
    /// [`Input::CallbackKnown`] follows.
    ArrangeCallback { number: String, place: Option<Callback> },
    /// Tell the router that the customer was not reached.
    ReportAttempt { missed: Missed, detail: String },
    /// Listen to what has answered; [`Input::FarEndKnown`] follows within so many milliseconds.
    DetectAnswer { within_ms: u32 },
    /// Listen for the tone of an answering machine; [`Input::MachineRecords`] follows.
    DetectTone,
    /// Ask the flow what becomes of a fax machine; [`Input::FaxSent`] follows if anything does.
    AskAboutFax,
    /// Say this to the agent alone; report the end with the token.
    Whisper { prompt: Prompt, token: u64 },
    /// Make the file of a message; [`Input::Recorded`] or [`Input::NotRecorded`] follows.
    RecordMessage { queue: String },
    /// Play the tone to the customer; report the end with the token.
    Beep { token: u64 },
    /// Report when the customer has said something, and when nothing was said for so long.
    Watch { silence_ms: u64 },
    /// The message is whole; whether a call-back is to follow.
    KeepMessage { queue: String, callback: bool },
    /// There is none.
    DropMessage,
    /// Call a number for the flow, which the customer is given to.
    TransferTo { guest: u32, number: String },
    /// Tell the world.
    Publish(Fact),
    /// Ring the agent's phones.
    Ring { offer_id: String, agent_id: String },
    /// Stop ringing them, at every agent.
    StopRinging,
    /// Stop ringing the phones of one of several agents.
    StopRingingOf { offer_id: String },
    /// Tell the router that the agent picked up.
    Accept { offer_id: String, agent_id: String },
    /// Tell the router that the agent refused.
    Decline { offer_id: String, agent_id: String },
    /// Tell the router that the agent can't be reached.
    ReportUnreachable { offer_id: String, agent_id: String, detail: String },
    /// Ask the silent side whether it is still in the call.
    Probe(Side),
    /// Have this side hear that.
    Hear(Side, Hearing),
    /// Have the tape record these on its left and right.
    Tune { left: Vec<Side>, right: Vec<Side> },
    /// Begin to record; [`Input::Recorded`] says that it has begun.
    Record,
    /// Ring an agent's phones or dial a number for a guest.
    Invite { guest: u32, who: Target },
    /// Hang up on a guest.
    DropGuest(u32),
    /// The guest's phone is the agent's phone from now on.
    Promote(u32),
    /// Call the customer.
    Dial,
    /// Ring the phones of the agent who wants to speak with a colleague.
    Summon { agent_id: String },
    /// Press keys towards the customer.
    Press(String),
    /// Hang up on the agent.
    DropAgent,
    /// Hang up on the customer.
    DropCustomer,
    /// The call is over; nothing follows.
    Finish,
}

/// Times that an operator may set, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Waiting in the queue before the place is first said.
    pub announce_first_ms: u64,
    /// Between two announcements.
    pub announce_every_ms: u64,
    /// An answer is waited for this long when the flow does not say.
    pub answer_timeout_ms: u64,
    /// Ringing goes on this long after the offer's end should have come.
    pub ring_grace_ms: u64,
    /// A parked call waits this long before it goes back to its queue.
    pub park_limit_ms: u64,
    /// An agent who wants to call out is waited for this long.
    pub dial_out_ms: u64,
    /// Customers can be called back: there are trunks, and numbers they may call.
    pub calls_back: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            announce_first_ms: 20_000,
            announce_every_ms: 60_000,
            answer_timeout_ms: 8_000,
            ring_grace_ms: 5_000,
            park_limit_ms: 120_000,
            dial_out_ms: 8_000,
            calls_back: false,
        }
    }
}
