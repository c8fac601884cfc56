//! Ringing somebody: the agent of an offer, a guest, the customer of an outgoing call.

use std::sync::Arc;

use media::g711::Law;
use tokio::sync::mpsc;

use super::{CallTask, Line, Note, Party, Rung, Session};
use crate::{
    app::{Voice, trunks::TrunkError},
    core::{
        call::{Input, Missed, RingFailure, Side, Target},
        sdp::Description,
    },
    engine::{CallMedia, MediaEvent},
    metrics,
    sip::{
        ring::{Invitation, NotPickedUp, PickedUp, ring},
        trunk::Refused,
    },
};

impl CallTask {
    pub(super) fn ring(&mut self, rung: Rung, to: Target) {
        let label = self.identity.label.clone();
        self.ring_as(rung, to, label);
    }

    /// With this name of who calls.
    pub(super) fn ring_as(&mut self, rung: Rung, to: Target, caller_name: String) {
        self.stop_ringing(&rung);
        let attempt = Attempt {
            voice: Arc::clone(&self.voice),
            media: self.media.clone(),
            events: self.events.clone(),
            law: self.session(Side::Customer).map_or(Law::Mu, |session| session.law),
            tenant: self.identity.tenant.clone(),
            to,
            caller_id: self.identity.caller_id.clone(),
            invitation: Invitation {
                caller_number: self.identity.customer.phone.clone(),
                caller_name,
                plain: String::new(),
                secure: String::new(),
                terms: self.voice.terms_with_phones(),
                interaction_id: self.identity.interaction_id.clone(),
                session_seconds: self.voice.config.session_seconds(),
            },
        };
        let mailbox = self.mailbox.clone();
        let of = rung.clone();
        let ringing = tokio::spawn(async move {
            let voice = Arc::clone(&attempt.voice);
            match attempt.run().await {
                Ok(party) => {
                    metrics::RINGS.with_label_values(&["answered"]).inc();
                    let note = Note::PickedUp { rung: of, party: Box::new(party) };
                    // The call ended in this moment: hang up again.
                    if let Err(mpsc::error::SendError(Note::PickedUp { party, .. })) =
                        mailbox.send(note).await
                    {
                        party.hang_up(&voice);
                    }
                }
                Err(NotReached { missed, why: NotPickedUp { failure, detail } }) => {
                    let outcome = if failure == RingFailure::Refused { "refused" } else { "unreachable" };
                    metrics::RINGS.with_label_values(&[outcome]).inc();
                    let input = match of {
                        Rung::Offer(offer_id) => Input::RingFailed { offer_id, failure, detail },
                        Rung::Guest(guest) => Input::GuestFailed { guest, failure },
                        Rung::Customer => Input::CustomerFailed { missed, detail },
                    };
                    let _ = mailbox.send(Note::Input(input)).await;
                }
            }
        });
        self.ringing.insert(rung, ringing.abort_handle());
    }

    pub(super) fn picked_up(&mut self, rung: Rung, party: Box<Party>) {
        self.ringing.remove(&rung);
        if matches!(&rung, Rung::Offer(offer_id) if self.call.is_taken_by_another(offer_id)) {
            return party.hang_up(&self.voice);
        }
        let (side, input) = match rung {
            Rung::Offer(offer_id) => (Side::Agent, Input::AgentAnswered { offer_id }),
            Rung::Guest(guest) => (Side::Guest(guest), Input::GuestAnswered(guest)),
            Rung::Customer => (Side::Customer, Input::CustomerAnswered),
        };
        self.drop_party(side);
        self.arm(side, party.timer);
        self.parties.insert(side, party);
        self.handle(input);
    }

    pub(super) fn stop_offering(&mut self) {
        let offers: Vec<Rung> =
            self.ringing.keys().filter(|rung| matches!(rung, Rung::Offer(_))).cloned().collect();
        for offer in offers {
            self.stop_ringing(&offer);
        }
    }

    pub(super) fn stop_ringing(&mut self, rung: &Rung) {
        if let Some(ringing) = self.ringing.remove(rung)
            && !ringing.is_finished()
        {
            metrics::RINGS.with_label_values(&["cancelled"]).inc();
            ringing.abort();
        }
    }
}

struct Attempt {
    voice: Arc<Voice>,
    media: CallMedia,
    events: mpsc::Sender<MediaEvent>,
    law: Law,
    tenant: String,
    to: Target,
    caller_id: String,
    invitation: Invitation,
}

/// Why nobody picked up, and what that is where a customer was called.
struct NotReached {
    missed: Missed,
    why: NotPickedUp,
}

impl From<NotPickedUp> for NotReached {
    fn from(why: NotPickedUp) -> Self {
        Self { missed: Missed::Failed, why }
    }
}

impl Attempt {
    async fn run(self) -> Result<Party, NotReached> {
        match self.to.clone() {
            Target::Agent(agent) => Ok(self.ring_agent(&agent).await?),
            Target::Number(number) => self.dial(&number).await,
            Target::Queue(_) => Err(unreachable("a queue has no phone").into()),
        }
    }

    /// Rings phones and browsers alike; the first to answer wins, the others stop ringing.
    async fn ring_agent(self, agent: &str) -> Result<Party, NotPickedUp> {
        let voice = Arc::clone(&self.voice);
        let interaction_id = self.invitation.interaction_id.clone();
        let mut browsers = voice.invitations.invite(&self.tenant, &interaction_id, agent);
        let (media, events, law) = (self.media.clone(), self.events.clone(), self.law);
        tokio::select! {
            rung = self.ring_phones(agent) => rung,
            (leg, law) = browsers.answered(&media, &events, law) => Ok(Party::browser(leg, law)),
        }
    }

    /// A browser rings until the offer is over, whatever becomes of the phones; but an agent who refuses on a phone has
    /// refused.
    async fn ring_phones(self, agent: &str) -> Result<Party, NotPickedUp> {
        let (voice, tenant) = (Arc::clone(&self.voice), self.tenant.clone());
        match self.ring_sip(agent).await {
            Err(NotPickedUp { failure: RingFailure::Unreachable, .. })
                if voice.has_browser(&tenant, agent).await =>
            {
                std::future::pending().await
            }
            rung => rung,
        }
    }

    async fn ring_sip(mut self, agent: &str) -> Result<Party, NotPickedUp> {
        let targets = self.voice.phones_of(&self.tenant, agent).await;
        let Some(first) = targets.first() else { return Err(unreachable("no phone is registered")) };
        let mut session = self.session(first.source.ip())?;
        let told_keys = |target| self.invitation.terms(target).offers().contains(&true);
        if targets.iter().any(told_keys) {
            self.invitation.secure = session.offer(self.law, true);
        }
        self.invitation.plain = session.offer(self.law, false);
        let picked_up = ring(&self.voice.stack, &targets, &self.invitation).await?;
        self.agree(session, picked_up)
    }

    async fn dial(self, number: &str) -> Result<Party, NotReached> {
        let mut session = None;
        let offer = |peer, secure| {
            let mut made = self.session(peer).map_err(|error| error.detail)?;
            let text = made.offer(self.law, secure);
            session = Some(made);
            Ok(text)
        };
        let id = &self.invitation.interaction_id;
        let outcome = self.voice.call_number(number, &self.caller_id, id, offer).await;
        let (picked_up, place) = outcome
            .map_err(|error| NotReached { missed: missed(&error), why: unreachable(&error.to_string()) })?;
        let session = session.ok_or_else(|| unreachable("nothing was offered"))?;
        let mut party = self.agree(session, picked_up)?;
        party.place = Some(place);
        Ok(party)
    }

    fn session(&self, peer: std::net::IpAddr) -> Result<Session, NotPickedUp> {
        let leg = self
            .media
            .open(rand::random(), self.events.clone())
            .map_err(|error| unreachable(&error.to_string()))?;
        let advertised = self.voice.config.rtp_advertised;
        let address = advertised.unwrap_or_else(|| self.voice.stack.address_towards(peer));
        Ok(Session::new(leg, address, rand::random(), self.invitation.terms))
    }

    fn agree(&self, mut session: Session, picked_up: PickedUp) -> Result<Party, NotPickedUp> {
        session.set_terms(picked_up.terms);
        let agreed = Description::parse(&picked_up.answer, picked_up.terms)
            .map_err(|error| error.to_string())
            .and_then(|answer| session.accept(&answer, picked_up.secure).map_err(|error| error.to_string()));
        let party = Party {
            line: Line::sip(picked_up.dialog, picked_up.states),
            session,
            place: None,
            timer: picked_up.timer,
        };
        match agreed {
            Ok(()) => Ok(party),
            Err(detail) => {
                party.hang_up(&self.voice);
                Err(unreachable(&detail))
            }
        }
    }
}

/// What the last trunk's answer says about the customer (RFC 3261 section 21).
fn missed(error: &TrunkError) -> Missed {
    match error {
        TrunkError::Refused(Refused { code: Some(486 | 600 | 603), .. }) => Missed::Busy,
        TrunkError::Refused(Refused { code: Some(408 | 480 | 487), .. } | Refused { rang: true, .. }) => {
            Missed::NoAnswer
        }
        TrunkError::Refused(_) | TrunkError::Refusal(_) | TrunkError::NoTrunk => Missed::Failed,
    }
}

fn unreachable(detail: &str) -> NotPickedUp {
    NotPickedUp { failure: RingFailure::Unreachable, detail: detail.to_owned() }
}
