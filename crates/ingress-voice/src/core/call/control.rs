//! What an agent or a supervisor does with a live call: hold, mute, give away, consult, bring together, park, listen.
//!
//! - V8: a call changes hands only by the router: transfer, park and retrieval queue it again, for whom it is meant.
//!   The one exception is speech: whom the agent has consulted goes on talking while the router decides.

use contract::interaction::v1::{EndReason, Party, Ring};
use ingress::Queue;
use thiserror::Error;

use super::{
    Call, Phase,
    events::{Effect, Fact, Side, Timer},
};

/// Most guests of one call.
pub const MAX_GUESTS: usize = 5;
/// How long a call waits for the agent it was given to before the whole queue may take it, in milliseconds.
const FOR_ONE_AGENT_MS: i64 = 30_000;
/// Most keys in one request.
const MAX_DIGITS: usize = 32;

/// Whom a call or a question is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An agent, by key.
    Agent(String),
    /// A queue, by key.
    Queue(String),
    /// A telephone number.
    Number(String),
}

/// How a supervisor listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Is not heard.
    Monitor,
    /// Is heard by the agent.
    Whisper,
    /// Is heard by all.
    Barge,
}

/// What a guest does in the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Speaks with the agent, apart from the customer.
    Consulted,
    /// Speaks with everybody.
    Member,
    /// Listens.
    Supervisor(Mode),
}

/// Somebody beside customer and agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// Unique in the call.
    pub id: u32,
    /// Who it is.
    pub who: Target,
    /// What they do.
    pub role: Role,
    /// Their phone does not ring any more.
    pub answered: bool,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    Hold,
    Resume,
    Mute(bool),
    Transfer(Target),
    Consult(Target),
    CompleteTransfer,
    CancelConsult,
    Conference(Option<Target>),
    Drop(u32),
    Park,
    Retrieve,
    Press(String),
    Supervise(Mode),
    StopSupervision,
    /// `true`: what is said from now on is recorded as silence.
    PauseRecording(bool),
    LeaveMessage,
}

/// Why it is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("the call is over")]
    Gone,
    #[error("the call is another agent's")]
    NotYours,
    #[error("nobody speaks with the customer")]
    NotTalking,
    #[error("nobody is consulted")]
    NotConsulting,
    #[error("somebody is consulted already")]
    Consulting,
    #[error("nobody in the call has this number")]
    NoSuchParticipant,
    #[error("the call has as many participants as it can")]
    TooMany,
    #[error("the call is not parked")]
    NotParked,
    #[error("the call is not recorded")]
    NotRecording,
    #[error("there is no message to be left")]
    NoMessage,
    #[error("digits must be 1 to 32 of 0 to 9, *, #, A to D")]
    Digits,
    #[error("target must name an agent or a number")]
    Target,
}

impl Call {
    /// Does what `actor` asks for, if they may. `overseer`: they may act on calls of others.
    pub fn control(&mut self, actor: &str, overseer: bool, control: Control) -> Result<Vec<Effect>, Refusal> {
        if self.between_colleagues.is_some() {
            return self.colleagues_control(actor, &control);
        }
        if matches!(self.phase, Phase::Over | Phase::Outside { .. } | Phase::LeavingMessage { .. }) {
            return Err(Refusal::Gone);
        }
        let mut effects = Vec::new();
        match control {
            Control::Retrieve => return self.retrieve(actor),
            Control::Supervise(mode) => self.supervise(actor, mode, &mut effects)?,
            Control::StopSupervision => {
                let guest = self.supervisor(actor).ok_or(Refusal::NoSuchParticipant)?.id;
                self.drop_guest(guest, &mut effects);
            }
            Control::Drop(guest) if self.is_guest(actor, guest) => self.drop_guest(guest, &mut effects),
            of_the_agent => {
                let Phase::Talking { agent_id } = &self.phase else { return Err(Refusal::NotTalking) };
                if !overseer && agent_id != actor {
                    return Err(Refusal::NotYours);
                }
                let agent_id = agent_id.clone();
                self.agents_control(agent_id, of_the_agent, &mut effects)?;
            }
        }
        self.arrange(&mut effects);
        Ok(effects)
    }

    fn agents_control(
        &mut self,
        agent_id: String,
        control: Control,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        // Whoever does something with the call has found somebody.
        if control != Control::LeaveMessage {
            self.confirm(effects);
        }
        match control {
            Control::LeaveMessage => self.leave_message(agent_id, effects)?,
            Control::Hold => self.set_held(true, agent_id, effects),
            Control::Resume => self.set_held(false, agent_id, effects),
            Control::Mute(muted) => self.muted = muted,
            Control::Transfer(target) => self.transfer(agent_id, target, effects)?,
            Control::Consult(target) => {
                if self.consulted().is_some() {
                    return Err(Refusal::Consulting);
                }
                self.invite(target, Role::Consulted, effects)?;
            }
            Control::CompleteTransfer => self.complete_transfer(agent_id, effects)?,
            Control::CancelConsult => {
                let guest = self.consulted().ok_or(Refusal::NotConsulting)?;
                self.drop_guest(guest, effects);
            }
            Control::Conference(Some(target)) => {
                self.invite(target, Role::Member, effects)?;
            }
            Control::Conference(None) => {
                let id = self.consulted().ok_or(Refusal::NotConsulting)?;
                self.set_role(id, Role::Member, effects);
                self.set_held(false, agent_id, effects);
            }
            Control::Drop(id) => {
                let of = |guest: &&Guest| guest.id == id && !matches!(guest.role, Role::Supervisor(_));
                self.guests.iter().find(of).ok_or(Refusal::NoSuchParticipant)?;
                self.drop_guest(id, effects);
            }
            Control::Park => self.park(agent_id, effects),
            Control::Press(digits) => {
                let digits = digits.to_ascii_uppercase();
                let right = digits.chars().all(|digit| media::dtmf::event_code(digit).is_some());
                if digits.is_empty() || digits.len() > MAX_DIGITS || !right {
                    return Err(Refusal::Digits);
                }
                effects.push(Effect::Press(digits));
            }
            Control::PauseRecording(paused) => self.pause_recording(paused, effects)?,
            Control::Retrieve | Control::Supervise(_) | Control::StopSupervision => {}
        }
        Ok(())
    }

    /// The tape goes on without voices while it pauses.
    fn pause_recording(&mut self, paused: bool, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        let Some(known) = &mut self.recording.paused else { return Err(Refusal::NotRecording) };
        if std::mem::replace(known, paused) != paused {
            effects.push(Effect::Publish(Fact::RecordingPaused(paused)));
        }
        Ok(())
    }

    fn set_held(&mut self, held: bool, agent_id: String, effects: &mut Vec<Effect>) {
        if std::mem::replace(&mut self.agent_holds, held) != held {
            effects.push(Effect::Publish(if held {
                Fact::Held { agent_id }
            } else {
                Fact::Resumed { agent_id }
            }));
        }
    }

    fn transfer(
        &mut self,
        agent_id: String,
        target: Target,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if self.guests.len() >= MAX_GUESTS {
            return Err(Refusal::TooMany);
        }
        let transferred =
            Fact::Transferred { agent_id: agent_id.clone(), target: target.clone(), attended: false };
        let again = match &target {
            Target::Agent(agent) => {
                Some(Queue { rings: vec![for_agent(agent, FOR_ONE_AGENT_MS)], ..self.place() })
            }
            Target::Queue(queue) => Some(Queue { queue: queue.clone(), rings: Vec::new(), ..self.place() }),
            Target::Number(_) => None,
        };
        self.let_go(agent_id, effects);
        effects.push(Effect::Publish(transferred));
        if let Some(again) = again {
            self.wait_again(again, effects);
            return Ok(());
        }
        let guest = self.add_guest(target, Role::Member, effects);
        self.phase = Phase::Leaving { guest };
        effects.push(Effect::Hear(Side::Customer, super::Hearing::Ringback));
        Ok(())
    }

    /// The router gave the call to somebody else by hand, and has queued it already.
    pub(super) fn moved(&mut self, queue: String, effects: &mut Vec<Effect>) {
        if let Phase::Talking { agent_id } = &self.phase {
            let agent_id = agent_id.clone();
            self.confirm(effects);
            self.let_go(agent_id, effects);
            let place = Queue { queue, ..self.place() };
            let from = effects.len();
            self.wait_again(place, effects);
            let queued = |effect: &Effect| matches!(effect, Effect::Publish(Fact::Queued(_)));
            if let Some(known) = effects.iter().skip(from).position(queued) {
                effects.remove(from + known);
            }
        }
    }

    fn complete_transfer(&mut self, agent_id: String, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        let id = self.consulted().ok_or(Refusal::NotConsulting)?;
        let guest = self.guests.iter().find(|guest| guest.id == id).cloned().ok_or(Refusal::NotConsulting)?;
        let transferred =
            Fact::Transferred { agent_id: agent_id.clone(), target: guest.who.clone(), attended: true };
        match (guest.who.clone(), guest.answered) {
            // Given away while it rings: as without a word.
            (target, false) => {
                self.drop_guest(id, effects);
                return self.transfer(agent_id, target, effects);
            }
            (Target::Number(_), true) => {
                self.end_holds(&agent_id, effects);
                effects.push(Effect::Publish(transferred));
                self.leave_with(id, effects);
            }
            (Target::Agent(next), true) => {
                self.end_holds(&agent_id, effects);
                effects.push(Effect::Publish(transferred));
                effects.push(Effect::Publish(parted(&guest, &agent_id)));
                self.guests.retain(|known| known.id != id);
                effects.push(Effect::DropAgent);
                effects.push(Effect::Promote(id));
                let again = Queue { rings: vec![for_agent(&next, 0)], ..self.place() };
                effects.push(Effect::Publish(Fact::Queued(again)));
                self.arranged = super::Layout::default();
                self.phase = Phase::Talking { agent_id: next };
                self.muted = false;
                self.handover = true;
            }
            (Target::Queue(_), true) => return Err(Refusal::Target),
        }
        Ok(())
    }

    /// The customer goes on with a number outside; the centre is out of it.
    pub(super) fn leave_with(&mut self, guest: u32, effects: &mut Vec<Effect>) {
        let agent_id = self.agent().unwrap_or_default().to_owned();
        for other in std::mem::take(&mut self.guests) {
            if other.answered {
                effects.push(Effect::Publish(parted(&other, &agent_id)));
            }
            if other.id != guest {
                effects.push(Effect::DropGuest(other.id));
            }
        }
        effects.push(Effect::DropAgent);
        let voices = |side| super::Hearing::Voices(vec![side]);
        effects.push(Effect::Hear(Side::Customer, voices(Side::Guest(guest))));
        effects.push(Effect::Hear(Side::Guest(guest), voices(Side::Customer)));
        effects.push(Effect::Tune { left: Vec::new(), right: Vec::new() });
        if !self.ended {
            effects.push(Effect::Publish(Fact::Ended {
                reason: EndReason::Transferred,
                by: if self.flow_over { Party::Agent } else { Party::Flow },
                detail: String::new(),
            }));
        }
        self.phase = Phase::Outside { guest };
    }

    fn park(&mut self, agent_id: String, effects: &mut Vec<Effect>) {
        self.let_go(agent_id.clone(), effects);
        effects.push(Effect::Publish(Fact::Parked { agent_id }));
        // Nobody is asked: no agent's key is empty.
        self.wait_again(Queue { rings: vec![for_agent("", 0)], ..self.place() }, effects);
        self.parked = true;
        effects.push(Effect::Start(Timer::Parked(self.last_token), self.settings.park_limit_ms));
    }

    fn retrieve(&mut self, actor: &str) -> Result<Vec<Effect>, Refusal> {
        if !self.parked || !matches!(self.phase, Phase::Waiting { .. }) {
            return Err(Refusal::NotParked);
        }
        let mut effects = vec![Effect::Publish(Fact::Retrieved { agent_id: actor.to_owned() })];
        self.parked = false;
        let rings = vec![for_agent(actor, FOR_ONE_AGENT_MS)];
        self.wait_again(Queue { rings, ..self.place() }, &mut effects);
        Ok(effects)
    }

    /// Nobody has retrieved it: its queue may have it.
    pub(super) fn park_is_over(&mut self, effects: &mut Vec<Effect>) {
        if self.parked {
            self.parked = false;
            effects.push(Effect::Publish(Fact::Retrieved { agent_id: String::new() }));
            self.wait_again(self.place(), effects);
        }
    }

    fn supervise(&mut self, actor: &str, mode: Mode, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        let Phase::Talking { agent_id } = &self.phase else { return Err(Refusal::NotTalking) };
        if agent_id == actor {
            return Err(Refusal::NotYours);
        }
        if let Some(id) = self.supervisor(actor).map(|guest| guest.id) {
            self.set_role(id, Role::Supervisor(mode), effects);
            return Ok(());
        }
        self.invite(Target::Agent(actor.to_owned()), Role::Supervisor(mode), effects).map(|_| ())
    }

    fn end_holds(&mut self, agent_id: &str, effects: &mut Vec<Effect>) {
        self.set_held(false, agent_id.to_owned(), effects);
        self.muted = false;
        self.phone_held.1 = false;
    }

    /// The agent is out of the call, and so is everybody but the customer.
    pub(super) fn let_go(&mut self, agent_id: String, effects: &mut Vec<Effect>) {
        self.end_holds(&agent_id, effects);
        for guest in std::mem::take(&mut self.guests) {
            if guest.answered {
                effects.push(Effect::Publish(parted(&guest, &agent_id)));
            }
            effects.push(Effect::DropGuest(guest.id));
        }
        effects.push(Effect::DropAgent);
        effects.push(Effect::Tune { left: Vec::new(), right: Vec::new() });
        self.arranged = super::Layout::default();
        self.handover = false;
    }

    /// Where it waited last, for whoever serves that queue.
    pub(super) fn place(&self) -> Queue {
        self.queue.clone().unwrap_or_default()
    }

    pub(super) fn wait_again(&mut self, queue: Queue, effects: &mut Vec<Effect>) {
        let same = |known: &Queue| known.queue == queue.queue;
        let kept =
            Some(self.queue.take().filter(same).unwrap_or(Queue { rings: Vec::new(), ..queue.clone() }));
        self.wait_in(queue, effects);
        self.queue = kept;
    }

    /// Says what has changed of who hears whom.
    pub(super) fn arrange(&mut self, effects: &mut Vec<Effect>) {
        let dialling = match self.phase {
            Phase::Talking { .. } if self.recording.delays() => return,
            Phase::Talking { .. } => false,
            Phase::Dialling { .. } | Phase::Reserved { .. } | Phase::Screening { .. } => true,
            _ => return,
        };
        let mut new = super::layout::layout(&super::Scene {
            agent: true,
            dialling,
            held: self.agent_holds,
            muted: self.muted,
            phone_held: self.phone_held,
            guests: &self.guests,
        });
        if self.recording.paused != Some(false) {
            new.tape = Default::default();
        }
        for (side, hearing) in &new.hears {
            if !self.arranged.hears.contains(&(*side, hearing.clone())) {
                effects.push(Effect::Hear(*side, hearing.clone()));
            }
        }
        if new.tape != self.arranged.tape {
            let (left, right) = new.tape.clone();
            effects.push(Effect::Tune { left, right });
        }
        self.arranged = new;
    }
}

pub(super) fn joined(guest: &Guest, agent_id: &str) -> Fact {
    let agent_id = agent_id.to_owned();
    Fact::Joined { guest: guest.id, who: guest.who.clone(), role: guest.role, agent_id }
}

pub(super) fn parted(guest: &Guest, agent_id: &str) -> Fact {
    let agent_id = agent_id.to_owned();
    Fact::Parted { guest: guest.id, who: guest.who.clone(), role: guest.role, agent_id }
}

/// The place, for this agent and nobody else.
pub(super) fn for_agent_alone(agent: &str, place: Queue) -> Queue {
    Queue { rings: vec![for_agent(agent, 0)], ..place }
}

/// A ring of one agent; without an end, or else the whole queue afterwards.
fn for_agent(agent: &str, lasts_ms: i64) -> Ring {
    let quoted: String = agent.chars().filter(|character| !matches!(character, '"' | '\\')).collect();
    Ring {
        expression: format!("agent.id in [\"{quoted}\"]"),
        lasts: (lasts_ms > 0).then(|| contract::duration_from_millis(lasts_ms)),
    }
}

#[cfg(test)]
#[path = "control_tests.rs"]
mod tests;
