//! One call at work: a task that feeds its state machine and does what comes out.
//!
//! What takes time (the flow, the router, ringing, text to speech) runs beside it and comes back as a note, so that a hang-up
//! is never kept waiting.

mod callbacks;
mod detecting;
mod dialog;
pub use dialog::warning_header;
mod effects;
mod facts;
mod guests;
mod legs;
mod line;
mod listening;
mod messages;
mod moving;
mod recording;
mod replacing;
mod ringing;
mod second_line;
mod sessions;
mod spoken;
mod view;

use std::{
    collections::BTreeMap,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
};

use contract::{Timestamp, interaction::v1::CustomerAddress, voice::v1 as wire};
use ingress::{Queue, Turn};
use media::{clip::Clip, g711::Law};
use rsipstack::dialog::dialog::DialogState;
use tokio::{
    sync::mpsc,
    task::AbortHandle,
    time::{Instant, sleep_until},
};

use super::{
    Voice,
    calls::{CallHandle, Whereabouts},
    cut_off::Waits,
    invitations::BrowserOffer,
    replace_line::ReplaceLine,
    second_line::SecondLine,
};
use crate::{
    core::{
        call::{Call, Control, Effect, Input, Refusal, Side, Timer},
        session_timer::SessionTimer,
    },
    engine::{CallMedia, Leg, MediaEvent, TapeSink},
};

pub use callbacks::CallingBack;
pub(super) use effects::is_passing;
pub use legs::{AgreeError, Greeting, Party, Session};
pub use line::{Line, PageNews};

/// What reaches a call's task.
pub enum Note {
    /// Something happened.
    Input(Input),
    /// The flow answered.
    Turn(Turn),
    /// The flow says what becomes of a fax machine.
    FaxTurn(Turn),
    /// A prompt is ready to be played.
    Spoken { token: u64, clip: Clip },
    /// A phone that was rung was picked up.
    PickedUp { rung: Rung, party: Box<Party> },
    /// A browser is to take the place of whatever device the agent, or a guest, has in this call.
    Move { agent_id: String, browser: BrowserOffer },
    /// That browser is heard.
    Moved { agent_id: String, leg: Leg, law: Law },
    /// A gRPC caller asks to end the call; the answer says whether it may.
    HangUp { actor: String, answer: tokio::sync::oneshot::Sender<bool> },
    /// A sign of life was answered, or was not.
    Refreshed { side: Side, timer: SessionTimer, outcome: line::Refreshed },
    /// The agent's phone asks somebody on a second line.
    SecondLine(Box<SecondLine>),
    /// Another phone wants the place of one in the call.
    ReplaceLine(Box<ReplaceLine>),
    /// The customer's last call died with its process.
    CutOff(Waits),
    /// The file of a recording is there.
    Recording { recording_id: String, sink: TapeSink },
    /// A gRPC caller asks for something else; no control: only how the call stands.
    Control {
        actor: String,
        overseer: bool,
        control: Option<Control>,
        answer: tokio::sync::oneshot::Sender<Result<wire::Call, Refusal>>,
    },
}

/// For whom a phone rings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    /// The agent of this offer.
    Offer(String),
    /// A guest.
    Guest(u32),
    /// The customer of an outgoing call.
    Customer,
}

/// What lasts, and how long it did is told at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lasting {
    Hold,
    Guest(u32),
    Park,
}

/// What is known of a call when it begins.
#[derive(Debug, Clone)]
pub struct Identity {
    pub interaction_id: String,
    pub tenant: String,
    pub entry_point: String,
    /// Empty for an outgoing call.
    pub flow: String,
    pub customer: CustomerAddress,
    /// Number the customer of an outgoing call sees; empty: the trunk's own.
    pub caller_id: String,
    /// For people who see the call.
    pub label: String,
    /// Whose phone it comes from, where that is an agent's.
    pub colleague: Option<String>,
}

/// The task of one call.
pub struct CallTask {
    voice: Arc<Voice>,
    identity: Identity,
    call: Call,
    media: CallMedia,
    greeting: Greeting,
    parties: BTreeMap<Side, Box<Party>>,
    /// The agent's first line, while they ask somebody on a second.
    spare: Option<Box<Party>>,
    /// For whoever looks for the call of an agent, or of a line.
    whereabouts: Arc<Mutex<Whereabouts>>,
    ringing: BTreeMap<Rung, AbortHandle>,
    lasting: BTreeMap<Lasting, Timestamp>,
    /// When a sign of life is due, and whose.
    sessions: BTreeMap<Side, (Instant, SessionTimer)>,
    notes: mpsc::Receiver<Note>,
    mailbox: mpsc::Sender<Note>,
    heard: mpsc::Receiver<MediaEvent>,
    events: mpsc::Sender<MediaEvent>,
    timers: Vec<(Instant, Timer)>,
    session: Vec<u8>,
    steps: u32,
    facts: u32,
    /// The customer's last call died with its process: they go first.
    cut_off: Option<Waits>,
    /// How it was queued last.
    queued: Option<Queue>,
    tape: Option<recording::Tape>,
    /// Who asked for what is being done.
    actor: String,
    saying: Option<u64>,
    /// What the agent alone is told.
    whispering: Option<u64>,
    /// A call-back whose customer is not on the line yet.
    calling_back: Option<CallingBack>,
    told: guests::Told,
    first_effects: Vec<Effect>,
}

/// Everything [`CallTask::new`] needs beside the shared parts.
pub struct Beginning {
    pub identity: Identity,
    pub media: CallMedia,
    pub call: (Call, Vec<Effect>),
    /// Absent while the customer of an outgoing call is not on the line.
    pub customer: Option<(Party, Greeting)>,
    pub heard: mpsc::Receiver<MediaEvent>,
    pub events: mpsc::Sender<MediaEvent>,
}

/// One turn of the loop.
enum Woken {
    Note(Note),
    Media(MediaEvent),
    Line(Side, Option<DialogState>),
    Spare(Option<DialogState>),
    Timer(Timer),
    Session(Side),
    Guests,
}

impl CallTask {
    /// Enters the call among those held here. [`CallTask::run`] must follow.
    #[must_use]
    pub fn new(voice: Arc<Voice>, beginning: Beginning) -> Self {
        let (mailbox, notes) = mpsc::channel(super::calls::MAILBOX);
        let Beginning { identity, media, call, customer, heard, events } = beginning;
        let whereabouts = Arc::<Mutex<Whereabouts>>::default();
        let handle = CallHandle {
            whereabouts: Arc::clone(&whereabouts),
            tenant: identity.tenant.clone(),
            phone: identity.customer.phone.clone(),
            mailbox: mailbox.clone(),
        };
        voice.calls.insert(&identity.interaction_id, handle);
        // An outgoing call has no entry point, and does not wait for anybody.
        let inbound = !identity.entry_point.is_empty();
        let cut_off = voice.cut_off.get(&identity.tenant, &identity.customer.phone).filter(|_| inbound);
        let (call, first_effects) = call;
        let (parties, greeting) = match customer {
            Some((party, greeting)) => (BTreeMap::from([(Side::Customer, Box::new(party))]), greeting),
            None => Default::default(),
        };
        let sessions = parties
            .iter()
            .filter_map(|(side, party)| {
                party.timer.map(|timer| (*side, (Instant::now() + timer.due(), timer)))
            })
            .collect();
        Self {
            voice,
            identity,
            call,
            media,
            greeting,
            parties,
            spare: None,
            whereabouts,
            ringing: BTreeMap::new(),
            lasting: BTreeMap::new(),
            sessions,
            notes,
            mailbox,
            heard,
            events,
            timers: Vec::new(),
            session: Vec::new(),
            steps: 0,
            facts: 0,
            cut_off,
            queued: None,
            tape: None,
            actor: String::new(),
            saying: None,
            whispering: None,
            calling_back: None,
            told: guests::Told::default(),
            first_effects,
        }
    }

    /// The call is a call-back.
    #[must_use]
    pub fn calling_back(mut self, back: CallingBack) -> Self {
        self.calling_back = Some(back);
        self
    }

    /// Runs the call to its end.
    #[tracing::instrument(name = "call", skip_all, fields(interaction.id = self.identity.interaction_id))]
    pub async fn run(mut self) {
        let effects = std::mem::take(&mut self.first_effects);
        self.perform(effects);
        self.tell_guests();
        while !self.call.is_over() {
            match self.wait().await {
                Woken::Note(note) => self.read(note),
                Woken::Media(event) => self.media_event(event),
                Woken::Line(side, state) => self.line_state(side, state).await,
                Woken::Spare(state) => self.spare_state(state).await,
                Woken::Timer(timer) => self.handle(Input::Elapsed(timer)),
                Woken::Session(side) => self.session_due(side),
                Woken::Guests => {}
            }
            self.back_to_first_line();
            self.tell_whereabouts();
            self.tell_guests();
        }
        self.dismiss_guests();
        self.drop_spare();
        self.end_recording();
        self.voice.calls.remove(&self.identity.interaction_id);
        for party in self.parties.values() {
            party.line.forget_if_over(&self.voice);
        }
        for (_, ringing) in std::mem::take(&mut self.ringing) {
            ringing.abort();
        }
        self.close_late_comers();
        if let Some(back) = self.calling_back.take() {
            self.voice.give_callback_back(back.attempt);
        }
    }

    async fn wait(&mut self) -> Woken {
        let next = self.timers.iter().copied().min_by_key(|(at, _)| *at);
        let due = next.map_or_else(|| Instant::now() + std::time::Duration::from_hours(1), |(at, _)| at);
        let session = self.next_session();
        let session_due = session.map_or(due, |(at, _)| at);
        let guests = self.told.due();
        let guests_due = guests.unwrap_or(due);
        let woken = tokio::select! {
            biased;
            (side, state) = next_state(&mut self.parties) => Woken::Line(side, state),
            state = next_of(&mut self.spare) => Woken::Spare(state),
            Some(note) = self.notes.recv() => Woken::Note(note),
            Some(event) = self.heard.recv() => Woken::Media(event),
            () = sleep_until(session_due), if session.is_some() => match session {
                Some((_, side)) => Woken::Session(side),
                None => std::future::pending().await,
            },
            () = sleep_until(guests_due), if guests.is_some() => Woken::Guests,
            () = sleep_until(due), if next.is_some() => match next {
                Some((_, timer)) => Woken::Timer(timer),
                None => std::future::pending().await,
            },
        };
        if let Woken::Timer(fired) = woken {
            self.timers.retain(|(_, timer)| *timer != fired);
        }
        woken
    }

    /// Keeps up to date whose call this is, and which lines are in it.
    fn tell_whereabouts(&self) {
        let lines = self.parties.values().filter_map(|party| Some(party.line.dialog()?.id().call_id));
        let (agent, lines) = (self.call.agent().unwrap_or_default(), lines.collect());
        let mut told = self.whereabouts.lock().unwrap_or_else(PoisonError::into_inner);
        if told.agent != agent {
            agent.clone_into(&mut told.agent);
        }
        told.lines = lines;
    }

    /// Feeds the state machine and does what it says.
    fn handle(&mut self, input: Input) {
        let effects = self.call.handle(input);
        self.perform(effects);
    }

    fn read(&mut self, note: Note) {
        match note {
            Note::Input(input) => {
                if let Input::Probed { side, alive: true } = input {
                    self.expect_audio(side);
                }
                if let Input::CallbackDue { phone } = &input {
                    self.identity.customer.phone.clone_from(phone);
                }
                self.handle(input);
            }
            Note::FaxTurn(turn) => {
                self.session = turn.session;
                self.handle(Input::FaxSent { verbs: turn.verbs, steps: turn.steps });
            }
            Note::Turn(turn) => {
                if !self.call.is_stale_turn() {
                    self.session = turn.session;
                }
                self.handle(Input::Flow { verbs: turn.verbs, steps: turn.steps });
            }
            Note::Spoken { token, clip } => self.play_prompt(token, &clip),
            Note::PickedUp { rung, party } => self.picked_up(rung, party),
            Note::Move { agent_id, browser } => self.move_person(&agent_id, browser),
            Note::Moved { agent_id, leg, law } => self.moved_person(&agent_id, leg, law),
            Note::Refreshed { side, timer, outcome } => self.refreshed(side, timer, outcome),
            Note::SecondLine(wish) => self.second_line(*wish),
            Note::ReplaceLine(wish) => self.replace_line(*wish),
            Note::CutOff(waits) => self.was_cut_off(waits),
            Note::Recording { recording_id, sink } => self.recording_begun(recording_id, sink),
            Note::HangUp { actor, answer } => {
                let may = actor.is_empty() || self.call.agent() == Some(actor.as_str());
                let _ = answer.send(may);
                if may {
                    self.handle(Input::HangUp);
                }
            }
            Note::Control { actor, overseer, control, answer } => {
                let outcome = match control {
                    Some(control) => self.control(&actor, overseer, control),
                    None => Ok(()),
                };
                let _ = answer.send(outcome.map(|()| self.view()));
            }
        }
    }

    pub(super) fn control(&mut self, actor: &str, overseer: bool, control: Control) -> Result<(), Refusal> {
        let effects = self.call.control(actor, overseer, control)?;
        actor.clone_into(&mut self.actor);
        self.perform(effects);
        self.actor.clear();
        Ok(())
    }

    pub(super) fn session(&self, side: Side) -> Option<&Session> {
        self.parties.get(&side).map(|party| &party.session)
    }

    /// A silent phone that is still there is waited for again.
    fn expect_audio(&self, side: Side) {
        if let Some(session) = self.session(side) {
            let _ = session.leg.expect();
        }
    }

    fn media_event(&mut self, event: MediaEvent) {
        let side_of = |leg| {
            let party = self.parties.iter().find(|(_, party)| party.session.leg.id() == leg);
            party.map(|(side, _)| *side)
        };
        match event {
            MediaEvent::Digit { leg, digit } if side_of(leg) == Some(Side::Customer) => {
                self.handle(Input::Digit(digit));
            }
            MediaEvent::Played { token, .. } => self.handle(Input::Played { token }),
            MediaEvent::Silent { leg } => {
                if let Some(side) = side_of(leg) {
                    self.handle(Input::Silent(side));
                }
            }
            MediaEvent::Speaks { .. } => self.handle(Input::Speaks),
            MediaEvent::Detected { leg, found } if side_of(leg) == Some(Side::Customer) => {
                self.detected(found);
            }
            MediaEvent::Spoke { .. } => self.handle(Input::Spoke),
            MediaEvent::Paused { .. } => self.handle(Input::Paused),
            // An agent's keys, or news of a leg that is closed already.
            MediaEvent::Digit { .. } | MediaEvent::Detected { .. } => {}
        }
    }

    /// A phone picked up while the call ended is hung up on.
    fn close_late_comers(&mut self) {
        self.notes.close();
        while let Ok(note) = self.notes.try_recv() {
            match (note, &self.voice.recorder) {
                (Note::PickedUp { party, .. }, _) => party.hang_up(&self.voice),
                (Note::Recording { sink, .. }, Some(recorder)) => recorder.end(sink.tape),
                _ => {}
            }
        }
    }
}

/// What happens next on the line that waits, if there is one.
async fn next_of(spare: &mut Option<Box<Party>>) -> Option<DialogState> {
    match spare {
        Some(party) => party.line.next().await,
        None => std::future::pending().await,
    }
}

/// What happens next on any of the lines.
async fn next_state(parties: &mut BTreeMap<Side, Box<Party>>) -> (Side, Option<DialogState>) {
    std::future::poll_fn(|context| {
        for (side, party) in parties.iter_mut() {
            if let Poll::Ready(state) = pin!(party.line.next()).poll(context) {
                return Poll::Ready((*side, state));
            }
        }
        Poll::Pending
    })
    .await
}
