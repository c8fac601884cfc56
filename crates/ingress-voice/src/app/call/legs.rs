//! The parties of a call: a line for signalling, a leg of the engine for audio, and what was agreed for it.

use std::{net::SocketAddr, sync::Arc};

use media::g711::Law;
use rsipstack::sip::Header;

use super::line::Line;
use crate::{
    app::{Voice, trunks::TrunkPlace},
    core::sdp::{self, Description, Direction, Local},
    core::session_timer::SessionTimer,
    engine::{Leg, LegMedia, OpenError},
};

/// Audio of one leg and the numbers of its session description.
pub struct Session {
    /// The engine's leg.
    pub leg: Leg,
    /// How it is coded, once agreed.
    pub law: Law,
    local: Local,
    /// Direction we offer or answer with when we describe ourselves again.
    direction: Direction,
}

impl Session {
    /// A session on `leg`, told to the other end as being at `address`.
    #[must_use]
    pub fn new(leg: Leg, address: std::net::IpAddr, session: u64) -> Self {
        let local =
            Local { address: SocketAddr::new(address, leg.port()), session: session >> 1, version: 1 };
        Self { leg, law: Law::Mu, local, direction: Direction::SendReceive }
    }

    /// A browser's session: agreed already, described by the engine.
    #[must_use]
    pub fn web(leg: Leg, law: Law) -> Self {
        let local = Local { address: crate::engine::BROWSER, session: 0, version: 1 };
        Self { leg, law, local, direction: Direction::SendReceive }
    }

    /// An offer: the preferred law first, so that both legs of a bridge are coded alike.
    #[must_use]
    pub fn offer(&mut self, preferred: Law) -> String {
        let other = if preferred == Law::Mu { Law::A } else { Law::Mu };
        let text = sdp::offer(&self.local, &[preferred, other], Direction::SendReceive);
        self.local.version += 1;
        text
    }

    /// Takes their offer, and answers it.
    pub fn answer(&mut self, offer: &Description) -> Result<String, OpenError> {
        self.law = offer.law(Some(self.law).filter(|_| self.local.version > 1));
        self.agree(offer, offer.events)?;
        let text = offer.answer(&self.local, self.law);
        self.local.version += 1;
        Ok(text)
    }

    /// Takes their answer to our offer.
    pub fn accept(&mut self, answer: &Description) -> Result<(), OpenError> {
        self.law = answer.law(None);
        self.agree(answer, Some(sdp::offered_events()))
    }

    /// The other end wants to hear nothing: it has put us on hold.
    #[must_use]
    pub fn is_held(&self) -> bool {
        !self.direction.sends() || !self.direction.receives()
    }

    fn agree(&mut self, theirs: &Description, events_in: Option<u8>) -> Result<(), OpenError> {
        self.direction = theirs.direction;
        self.leg.agree(LegMedia {
            remote: theirs.remote,
            law: self.law,
            events_in: theirs.events.and(events_in),
            events_out: theirs.events,
            sending: theirs.direction.receives(),
            // A phone on hold may send or not; it is not to be missed.
            receiving: theirs.direction == Direction::SendReceive,
        })
    }
}

/// One party of a call: the line to it and its audio.
pub struct Party {
    pub line: Line,
    pub session: Session,
    /// Where it came or went by a trunk.
    pub place: Option<TrunkPlace>,
    /// The signs of life that were agreed.
    pub timer: Option<SessionTimer>,
}

impl Party {
    /// An agent's browser.
    #[must_use]
    pub fn browser(leg: Leg, law: Law) -> Self {
        Self { line: Line::Desk, session: Session::web(leg, law), place: None, timer: None }
    }

    /// Hangs up, beside whatever else goes on. The ports are free at once.
    pub fn hang_up(self, voice: &Arc<Voice>) {
        self.line.hang_up(voice);
    }
}

/// What a caller is answered with.
#[derive(Debug, Clone, Default)]
pub struct Greeting {
    /// Our description for the 200; an offer when the INVITE had none.
    pub description: String,
    /// The INVITE had no offer: theirs comes with the ACK.
    pub offer_is_ours: bool,
    /// Further headers of the 200.
    pub headers: Vec<Header>,
}
