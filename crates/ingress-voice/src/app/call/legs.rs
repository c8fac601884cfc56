//! The parties of a call: a line for signalling, a leg of the engine for audio, and what was agreed for it.

use std::{net::SocketAddr, sync::Arc};

use media::{
    g711::Law,
    srtp::{MasterKey, Opener, Sealer, Suite},
};
use rsipstack::sip::Header;
use thiserror::Error;

use super::line::Line;
use crate::{
    app::{Voice, trunks::TrunkPlace},
    core::sdp::{self, Description, Direction, Local, SdpError},
    core::session_timer::SessionTimer,
    core::srtp::{Crypto, Srtp, Terms},
    engine::{Leg, LegMedia, OpenError, Protection},
};

/// Suites we offer, the preferred one first; their tags are 1 and 2.
const SUITES: [Suite; 2] = [Suite::Tag80, Suite::Tag32];

/// Why two ends do not agree.
#[derive(Debug, Error)]
pub enum AgreeError {
    /// What the other end says can't be taken.
    #[error(transparent)]
    Description(#[from] SdpError),
    /// The engine does not take it.
    #[error(transparent)]
    Media(#[from] OpenError),
}

/// Audio of one leg and the numbers of its session description.
pub struct Session {
    /// The engine's leg.
    pub leg: Leg,
    /// How it is coded, once agreed.
    pub law: Law,
    local: Local,
    /// Direction we offer or answer with when we describe ourselves again.
    direction: Direction,
    /// What may be offered and taken.
    terms: Terms,
    /// Our own keys as they were last offered: one a suite, for what we send.
    keys: Vec<Crypto>,
    /// Once the audio is encrypted: the other end's key, and our own.
    secured: Option<(Crypto, Crypto)>,
}

impl Session {
    /// A session on `leg`, told to the other end as being at `address`.
    #[must_use]
    pub fn new(leg: Leg, address: std::net::IpAddr, session: u64, terms: Terms) -> Self {
        let local =
            Local { address: SocketAddr::new(address, leg.port()), session: session >> 1, version: 1 };
        Self {
            leg,
            law: Law::Mu,
            local,
            direction: Direction::SendReceive,
            terms,
            keys: Vec::new(),
            secured: None,
        }
    }

    /// A browser's session: agreed already, described by the engine.
    #[must_use]
    pub fn web(leg: Leg, law: Law) -> Self {
        let terms = Terms { srtp: Srtp::Off, ..Terms::default() };
        let mut session = Self::new(leg, crate::engine::BROWSER.ip(), 0, terms);
        session.law = law;
        session
    }

    /// What may be offered to the other end, and taken from it.
    #[must_use]
    pub fn terms(&self) -> Terms {
        self.terms
    }

    /// The other end is known now, and with it what may be agreed on.
    pub fn set_terms(&mut self, terms: Terms) {
        self.terms = terms;
    }

    /// An offer, encrypted or plain: the preferred law first, so that both legs of a bridge are coded alike.
    #[must_use]
    pub fn offer(&mut self, preferred: Law, secure: bool) -> String {
        let other = if preferred == Law::Mu { Law::A } else { Law::Mu };
        if secure {
            self.keys = match self.secured {
                Some((_, ours)) => vec![ours],
                None => SUITES.into_iter().zip(1..).map(|(suite, tag)| self.key(suite, tag)).collect(),
            };
        }
        let keys = if secure { self.keys.as_slice() } else { &[] };
        let text = sdp::offer(&self.local, &[preferred, other], Direction::SendReceive, keys);
        self.local.version += 1;
        text
    }

    /// An offer to somebody who asks for one: as encrypted as it was agreed, else only where it must be.
    #[must_use]
    pub fn offer_asked(&mut self, preferred: Law) -> String {
        let must = self.terms.offers().last() == Some(&true);
        self.offer(preferred, self.secured.is_some() || must)
    }

    /// Takes their offer, and answers it.
    pub fn answer(&mut self, offer: &Description) -> Result<String, AgreeError> {
        let theirs = offer.cryptos.first().copied();
        let ours = theirs.map(|theirs| self.key(theirs.suite, theirs.tag));
        let secured = theirs.zip(ours);
        self.protect(secured)?;
        self.law = offer.law(Some(self.law).filter(|_| self.local.version > 1));
        self.agree(offer, offer.events)?;
        let text = offer.answer(&self.local, self.law, ours);
        self.local.version += 1;
        Ok(text)
    }

    /// Takes their answer to our offer, which was encrypted or plain.
    pub fn accept(&mut self, answer: &Description, secure: bool) -> Result<(), AgreeError> {
        let secured = if secure {
            let theirs = answer.cryptos.first().copied().ok_or(SdpError::NoCommonCrypto)?;
            let same = |ours: &&Crypto| (ours.tag, ours.suite) == (theirs.tag, theirs.suite);
            let ours = self.keys.iter().find(same).copied().ok_or(SdpError::NoCommonCrypto)?;
            Some((theirs, ours))
        } else {
            None
        };
        self.protect(secured)?;
        self.law = answer.law(None);
        Ok(self.agree(answer, Some(sdp::offered_events()))?)
    }

    /// Takes the answer to [`Session::offer_asked`].
    pub fn accept_asked(&mut self, answer: &Description) -> Result<(), AgreeError> {
        self.accept(answer, !self.keys.is_empty())
    }

    /// Our key for a suite: the one in use, else a new one; a key that was in use before is never used again.
    fn key(&self, suite: Suite, tag: u32) -> Crypto {
        match self.secured {
            Some((_, ours)) if ours.suite == suite => Crypto { tag, ..ours },
            _ => Crypto { tag, suite, key: MasterKey(rand::random()) },
        }
    }

    /// Has the engine use these keys, theirs and ours; what did not change goes on as it is. Audio that was encrypted does not
    /// become plain.
    fn protect(&mut self, secured: Option<(Crypto, Crypto)>) -> Result<(), AgreeError> {
        let Some((theirs, ours)) = secured else {
            return match self.secured {
                None => Ok(()),
                Some(_) => Err(SdpError::PlainRefused.into()),
            };
        };
        let keys = |crypto: Crypto| (crypto.suite, crypto.key);
        let before = self.secured.map(|(theirs, ours)| (keys(theirs), keys(ours)));
        let opener = before.is_none_or(|(old, _)| old != keys(theirs));
        let sealer = before.is_none_or(|(_, old)| old != keys(ours));
        if opener || sealer {
            let sealer = sealer.then(|| Sealer::new(ours.suite, &ours.key));
            let opener = opener.then(|| Opener::new(theirs.suite, &theirs.key));
            self.leg.protect(Protection::new(sealer, opener))?;
        }
        self.secured = Some((theirs, ours));
        Ok(())
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
            noise: theirs.noise,
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
