//! One call at work: a task that feeds its state machine and does what comes out.
//!
//! What takes time (the flow, the router, ringing, text to speech) runs beside it and comes back as a note, so that a hang-up
//! is never kept waiting.

mod dialog;
pub use dialog::warning_header;
mod effects;
mod legs;
mod line;
mod moving;
mod ringing;

use std::sync::Arc;

use contract::interaction::v1::CustomerAddress;
use ingress::Turn;
use media::clip::Clip;
use rsipstack::dialog::dialog::DialogState;
use tokio::{
    sync::mpsc,
    task::AbortHandle,
    time::{Instant, sleep_until},
};

use super::{Voice, calls::CallHandle, invitations::BrowserOffer};
use crate::{
    core::call::{Call, Input, Side, Timer},
    engine::{CallMedia, MediaEvent},
};

pub use legs::{AgentLeg, CustomerLeg, Session};
pub use line::{Line, PageNews};

/// What reaches a call's task.
pub enum Note {
    /// Something happened.
    Input(Input),
    /// The flow answered.
    Turn(Turn),
    /// A prompt is ready to be played.
    Spoken { token: u64, clip: Clip },
    /// One of the agent's phones was picked up.
    PickedUp { offer_id: String, leg: Box<AgentLeg> },
    /// The agent's browser is to take the place of whatever device the agent has in this call.
    Move { agent_id: String, browser: BrowserOffer },
    /// A gRPC caller asks to end the call; the answer says whether it may.
    HangUp { actor: String, answer: tokio::sync::oneshot::Sender<bool> },
}

/// What is known of a call when it begins.
#[derive(Debug, Clone)]
pub struct Identity {
    pub interaction_id: String,
    pub tenant: String,
    pub entry_point: String,
    pub flow: String,
    pub customer: CustomerAddress,
    /// For people who see the call.
    pub label: String,
}

/// The task of one call.
pub struct CallTask {
    voice: Arc<Voice>,
    identity: Identity,
    call: Call,
    media: CallMedia,
    customer: CustomerLeg,
    agent: Option<Box<AgentLeg>>,
    ringing: Option<AbortHandle>,
    notes: mpsc::Receiver<Note>,
    mailbox: mpsc::Sender<Note>,
    heard: mpsc::Receiver<MediaEvent>,
    events: mpsc::Sender<MediaEvent>,
    timers: Vec<(Instant, Timer)>,
    session: Vec<u8>,
    steps: u32,
    saying: Option<u64>,
}

/// Everything [`CallTask::new`] needs beside the shared parts.
pub struct Beginning {
    pub identity: Identity,
    pub media: CallMedia,
    pub customer: CustomerLeg,
    pub heard: mpsc::Receiver<MediaEvent>,
    pub events: mpsc::Sender<MediaEvent>,
}

/// One turn of the loop.
enum Woken {
    Note(Note),
    Media(MediaEvent),
    Customer(Option<DialogState>),
    Agent(Option<DialogState>),
    Timer(Timer),
}

impl CallTask {
    /// Enters the call among those held here. [`CallTask::run`] must follow.
    #[must_use]
    pub fn new(voice: Arc<Voice>, beginning: Beginning) -> Self {
        let (mailbox, notes) = mpsc::channel(super::calls::MAILBOX);
        let Beginning { identity, media, customer, heard, events } = beginning;
        let handle = CallHandle { tenant: identity.tenant.clone(), mailbox: mailbox.clone() };
        voice.calls.insert(&identity.interaction_id, handle);
        let (call, _) = Call::begin(voice.config.call());
        Self {
            voice,
            identity,
            call,
            media,
            customer,
            agent: None,
            ringing: None,
            notes,
            mailbox,
            heard,
            events,
            timers: Vec::new(),
            session: Vec::new(),
            steps: 0,
            saying: None,
        }
    }

    /// Runs the call to its end.
    #[tracing::instrument(name = "call", skip_all, fields(interaction.id = self.identity.interaction_id))]
    pub async fn run(mut self) {
        let (call, effects) = Call::begin(self.voice.config.call());
        self.call = call;
        self.perform(effects);
        while !self.call.is_over() {
            match self.wait().await {
                Woken::Note(note) => self.read(note),
                Woken::Media(event) => self.media_event(event),
                Woken::Customer(state) => self.customer_state(state).await,
                Woken::Agent(state) => self.agent_state(state).await,
                Woken::Timer(timer) => self.handle(Input::Elapsed(timer)),
            }
        }
        self.voice.calls.remove(&self.identity.interaction_id);
        self.customer.line.forget_if_over(&self.voice);
        self.close_late_comers();
    }

    async fn wait(&mut self) -> Woken {
        let next = self.timers.iter().copied().min_by_key(|(at, _)| *at);
        let due = next.map_or_else(|| Instant::now() + std::time::Duration::from_hours(1), |(at, _)| at);
        let woken = tokio::select! {
            biased;
            state = self.customer.line.next() => Woken::Customer(state),
            state = agent_recv(&mut self.agent) => Woken::Agent(state),
            Some(note) = self.notes.recv() => Woken::Note(note),
            Some(event) = self.heard.recv() => Woken::Media(event),
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
                self.handle(input);
            }
            Note::Turn(turn) => {
                self.session = turn.session;
                self.handle(Input::Flow { verbs: turn.verbs, steps: turn.steps });
            }
            Note::Spoken { token, clip } => self.play_prompt(token, &clip),
            Note::PickedUp { offer_id, leg } => {
                self.drop_agent();
                self.agent = Some(leg);
                self.ringing = None;
                self.handle(Input::AgentAnswered { offer_id });
            }
            Note::Move { agent_id, browser } => self.move_agent(&agent_id, browser),
            Note::HangUp { actor, answer } => {
                let may = actor.is_empty() || self.call.agent() == Some(actor.as_str());
                let _ = answer.send(may);
                if may {
                    self.handle(Input::HangUp);
                }
            }
        }
    }

    /// A silent phone that is still there is waited for again.
    fn expect_audio(&self, side: Side) {
        let session = match (side, &self.agent) {
            (Side::Customer, _) => &self.customer.session,
            (Side::Agent, Some(agent)) => &agent.session,
            (Side::Agent, None) => return,
        };
        let _ = session.leg.expect();
    }

    fn media_event(&mut self, event: MediaEvent) {
        let agent = self.agent.as_ref().map(|agent| agent.session.leg.id());
        let side = |leg| if Some(leg) == agent { Side::Agent } else { Side::Customer };
        match event {
            MediaEvent::Digit { leg, digit } if leg == self.customer.session.leg.id() => {
                self.handle(Input::Digit(digit));
            }
            MediaEvent::Played { token, .. } => self.handle(Input::Played { token }),
            MediaEvent::Silent { leg } if leg == self.customer.session.leg.id() || Some(leg) == agent => {
                self.handle(Input::Silent(side(leg)));
            }
            // An agent's keys, or news of a leg that is closed already.
            MediaEvent::Digit { .. } | MediaEvent::Silent { .. } => {}
        }
    }

    /// A phone picked up while the call ended is hung up on.
    fn close_late_comers(&mut self) {
        self.notes.close();
        while let Ok(note) = self.notes.try_recv() {
            if let Note::PickedUp { leg, .. } = note {
                leg.hang_up(&self.voice);
            }
        }
    }
}

/// The agent's dialog, if there is one; otherwise nothing ever comes.
async fn agent_recv(agent: &mut Option<Box<AgentLeg>>) -> Option<DialogState> {
    match agent {
        Some(agent) => agent.line.next().await,
        None => std::future::pending().await,
    }
}
