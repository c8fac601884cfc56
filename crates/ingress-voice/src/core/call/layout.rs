//! Who hears whom while customer and agent are connected: a function of the call's state and nothing else.
//!
//! - V5: a customer on hold hears music and is heard by nobody; what the agent says then reaches no customer.
//! - V6: a listening supervisor is heard by nobody, a whispering one by the agent alone.
//! - V7: only what the customer takes part in is recorded: no hold, no consultation, no whisper.

use super::{
    control::{Guest, Mode, Role},
    events::Side,
};

/// What one side hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hearing {
    /// Silence, sent as such.
    Silence,
    /// Music on hold.
    Music,
    /// That somebody's phone rings.
    Ringback,
    /// These sides.
    Voices(Vec<Side>),
}

/// The parts of a call's state that sound depends on.
#[derive(Debug, Clone, Default)]
pub struct Scene<'a> {
    /// There is an agent on the line.
    pub agent: bool,
    /// The customer is not on the line yet: it is being dialled.
    pub dialling: bool,
    /// The agent put the customer on hold.
    pub held: bool,
    /// The agent is not heard.
    pub muted: bool,
    /// Customer's and agent's phones put us on hold themselves.
    pub phone_held: (bool, bool),
    /// Everybody else.
    pub guests: &'a [Guest],
}

/// What everybody hears, and what the two channels of the tape record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// Every side that is on the line.
    pub hears: Vec<(Side, Hearing)>,
    /// Left: the customer. Right: whom the customer hears.
    pub tape: (Vec<Side>, Vec<Side>),
}

/// The sound of a scene.
#[must_use]
pub fn layout(scene: &Scene<'_>) -> Layout {
    let is_in = |guest: &&Guest| guest.answered;
    let of = |role: Role| move |guest: &&Guest| guest.role == role;
    let consulted = scene.guests.iter().find(of(Role::Consulted));
    let consulting = consulted.is_some();
    let members: Vec<Side> = scene
        .guests
        .iter()
        .filter(is_in)
        .filter(|guest| matches!(guest.role, Role::Member | Role::Supervisor(Mode::Barge)))
        .map(|guest| Side::Guest(guest.id))
        .collect();
    let whispering = || scene.guests.iter().filter(is_in).filter(of(Role::Supervisor(Mode::Whisper)));
    let apart = scene.held || consulting || scene.dialling || scene.phone_held.0 || scene.phone_held.1;
    let agent_speaks = scene.agent && !scene.muted;

    // Who speaks to the customer, and to whom the agent speaks.
    let mut together: Vec<Side> = Vec::new();
    if !apart {
        together.push(Side::Customer);
    }
    if scene.agent && !consulting {
        together.push(Side::Agent);
    }
    together.extend(&members);
    let others = |me: Side| -> Vec<Side> {
        let heard = together.iter().copied().filter(|side| *side != me);
        heard.filter(|side| *side != Side::Agent || agent_speaks).collect()
    };

    let mut hears = Vec::new();
    let customer_hears = if apart { Vec::new() } else { others(Side::Customer) };
    if !scene.dialling {
        hears.push((
            Side::Customer,
            match (apart, customer_hears.is_empty()) {
                (true, _) => Hearing::Music,
                (false, true) => Hearing::Silence,
                (false, false) => Hearing::Voices(customer_hears.clone()),
            },
        ));
    }
    let mut agent_hears = match consulted {
        Some(guest) if guest.answered => vec![Side::Guest(guest.id)],
        Some(_) => Vec::new(),
        None => others(Side::Agent),
    };
    if scene.agent {
        let ringing = scene.dialling || consulted.is_some_and(|guest| !guest.answered);
        let for_all_but_supervisors = agent_hears.clone();
        agent_hears.extend(whispering().map(|guest| Side::Guest(guest.id)));
        hears.push((
            Side::Agent,
            if !agent_hears.is_empty() {
                Hearing::Voices(agent_hears.clone())
            } else if ringing {
                Hearing::Ringback
            } else if scene.phone_held.0 {
                Hearing::Music
            } else {
                Hearing::Silence
            },
        ));
        agent_hears = for_all_but_supervisors;
    }
    for guest in scene.guests.iter().filter(is_in) {
        let me = Side::Guest(guest.id);
        let voices = match guest.role {
            Role::Consulted if agent_speaks => vec![Side::Agent],
            Role::Consulted => Vec::new(),
            Role::Member | Role::Supervisor(Mode::Barge) => others(me),
            Role::Supervisor(Mode::Monitor | Mode::Whisper) => {
                let mut voices = agent_hears.clone();
                voices.extend(agent_speaks.then_some(Side::Agent));
                voices
            }
        };
        let hearing = if voices.is_empty() { Hearing::Silence } else { Hearing::Voices(voices) };
        hears.push((me, hearing));
    }
    let left = if apart { Vec::new() } else { vec![Side::Customer] };
    Layout { hears, tape: (left, customer_hears) }
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
