//! Ringing the agent of an offer.

use std::sync::Arc;

use super::{AgentLeg, CallTask, Line, Note, Session};
use crate::{
    core::{
        call::{Input, RingFailure},
        sdp::Description,
    },
    engine::{CallMedia, MediaEvent},
    metrics,
    sip::ring::{Invitation, NotPickedUp, ring},
};

use crate::app::Voice;
use media::g711::Law;
use tokio::sync::mpsc;

impl CallTask {
    pub(super) fn ring(&mut self, offer_id: String, agent_id: String) {
        self.stop_ringing();
        let attempt = Attempt {
            voice: Arc::clone(&self.voice),
            media: self.media.clone(),
            events: self.events.clone(),
            law: self.customer.session.law,
            tenant: self.identity.tenant.clone(),
            agent_id,
            invitation: Invitation {
                caller_number: self.identity.customer.phone.clone(),
                caller_name: self.identity.label.clone(),
                offer: String::new(),
                interaction_id: self.identity.interaction_id.clone(),
            },
        };
        let mailbox = self.mailbox.clone();
        let ringing = tokio::spawn(async move {
            let voice = Arc::clone(&attempt.voice);
            match attempt.run().await {
                Ok(leg) => {
                    metrics::RINGS.with_label_values(&["answered"]).inc();
                    let note = Note::PickedUp { offer_id, leg: Box::new(leg) };
                    // The call ended in this moment: hang up on the agent.
                    if let Err(mpsc::error::SendError(Note::PickedUp { leg, .. })) = mailbox.send(note).await
                    {
                        leg.hang_up(&voice);
                    }
                }
                Err(NotPickedUp { failure, detail }) => {
                    let outcome = if failure == RingFailure::Refused { "refused" } else { "unreachable" };
                    metrics::RINGS.with_label_values(&[outcome]).inc();
                    let _ = mailbox.send(Note::Input(Input::RingFailed { offer_id, failure, detail })).await;
                }
            }
        });
        self.ringing = Some(ringing.abort_handle());
    }

    pub(super) fn stop_ringing(&mut self) {
        if let Some(ringing) = self.ringing.take()
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
    agent_id: String,
    invitation: Invitation,
}

impl Attempt {
    /// Rings phones and browsers alike; the first to answer wins, the others stop ringing.
    async fn run(self) -> Result<AgentLeg, NotPickedUp> {
        let voice = Arc::clone(&self.voice);
        let interaction_id = self.invitation.interaction_id.clone();
        let mut browsers = voice.invitations.invite(&self.tenant, &interaction_id, &self.agent_id);
        let (media, events, law) = (self.media.clone(), self.events.clone(), self.law);
        tokio::select! {
            rung = self.ring_phones() => rung,
            (leg, law) = browsers.answered(&media, &events, law) => {
                Ok(AgentLeg { line: Line::Desk, session: Session::web(leg, law) })
            }
        }
    }

    /// A browser rings until the offer is over, whatever becomes of the phones; but an agent who refuses on a phone has
    /// refused.
    async fn ring_phones(self) -> Result<AgentLeg, NotPickedUp> {
        let (voice, tenant, agent_id) = (Arc::clone(&self.voice), self.tenant.clone(), self.agent_id.clone());
        match self.ring_sip().await {
            Err(NotPickedUp { failure: RingFailure::Unreachable, .. })
                if voice.has_browser(&tenant, &agent_id).await =>
            {
                std::future::pending().await
            }
            rung => rung,
        }
    }

    async fn ring_sip(mut self) -> Result<AgentLeg, NotPickedUp> {
        let targets = self.voice.phones_of(&self.tenant, &self.agent_id).await;
        let Some(first) = targets.first() else { return Err(unreachable("no phone is registered")) };
        let leg =
            self.media.open(rand::random(), self.events).map_err(|error| unreachable(&error.to_string()))?;
        let advertised = self.voice.config.rtp_advertised;
        let address = advertised.unwrap_or_else(|| self.voice.stack.address_towards(first.source.ip()));
        let mut session = Session::new(leg, address, rand::random());
        self.invitation.offer = session.offer(self.law);
        let picked_up = ring(&self.voice.stack, &targets, &self.invitation).await?;
        let agreed = Description::parse(&picked_up.answer)
            .map_err(|error| error.to_string())
            .and_then(|answer| session.accept(&answer).map_err(|error| error.to_string()));
        let leg = AgentLeg { line: Line::sip(picked_up.dialog, picked_up.states), session };
        match agreed {
            Ok(()) => Ok(leg),
            Err(detail) => {
                leg.hang_up(&self.voice);
                Err(unreachable(&detail))
            }
        }
    }
}

fn unreachable(detail: &str) -> NotPickedUp {
    NotPickedUp { failure: RingFailure::Unreachable, detail: detail.to_owned() }
}
