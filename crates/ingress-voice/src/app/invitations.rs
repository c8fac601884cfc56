//! What rings for agents' browsers: whoever rings an agent leaves an invitation here, and the first browser to come
//! with an offer of its own gets it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use media::g711::Law;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

use crate::{
    engine::{CallMedia, Leg, MediaEvent, OpenWebError},
    metrics,
};

/// How long the sound of a browser that was answered may take to come. The page gives up before.
const AUDIO_LIMIT: Duration = Duration::from_secs(14);

/// A browser that wants in, and how it learns whether it may.
pub struct BrowserOffer {
    /// Its session description.
    pub description: String,
    /// Takes ours, or why there is none.
    pub answer: oneshot::Sender<Result<String, NotConnected>>,
}

impl BrowserOffer {
    /// Opens a leg for it in this call, and answers it. `None`: it was refused, and told why.
    pub fn open(
        self,
        what: &str,
        media: &CallMedia,
        law: Option<Law>,
        events: &mpsc::Sender<MediaEvent>,
    ) -> Option<(Leg, Law)> {
        match media.open_web(&self.description, law, rand::random(), events.clone()) {
            // A browser that did not wait for the answer is missed by its silence.
            Ok((leg, agreed)) => {
                metrics::BROWSERS.with_label_values(&[what, "connected"]).inc();
                let law = agreed.law;
                let _ = self.answer.send(Ok(agreed.description));
                Some((leg, law))
            }
            Err(error) => {
                metrics::BROWSERS.with_label_values(&[what, "refused"]).inc();
                tracing::info!(error = &error as &dyn std::error::Error, "a browser got no leg");
                let _ = self.answer.send(Err(error.into()));
                None
            }
        }
    }
}

/// Why a browser is not connected.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotConnected {
    /// The call is over, or does not ring here any more.
    #[error("the call is over")]
    Gone,
    /// It rings for somebody else, or is another agent's.
    #[error("the call is another agent's")]
    NotYours,
    /// Its description can't be answered.
    #[error("{0}")]
    Description(String),
    /// No room for another leg.
    #[error("{0}")]
    NoRoom(String),
}

impl From<OpenWebError> for NotConnected {
    fn from(error: OpenWebError) -> Self {
        match error {
            OpenWebError::Description(wrong) => Self::Description(wrong.to_string()),
            OpenWebError::Open(full) => Self::NoRoom(full.to_string()),
        }
    }
}

/// Tenant, interaction, agent.
type Key = (String, String, String);
type Open = Arc<Mutex<HashMap<Key, (u64, mpsc::Sender<BrowserOffer>)>>>;

/// All invitations of this process: as many as agents are being rung.
#[derive(Clone, Default)]
pub struct Invitations(Open);

impl Invitations {
    /// Invites the agent's browsers until the returned invitation is dropped.
    #[must_use]
    pub fn invite(&self, tenant: &str, interaction_id: &str, agent_id: &str) -> Invitation {
        let key = (tenant.to_owned(), interaction_id.to_owned(), agent_id.to_owned());
        let (sender, offers) = mpsc::channel(1);
        let serial = rand::random();
        lock(&self.0).insert(key.clone(), (serial, sender));
        Invitation { key, serial, open: Arc::clone(&self.0), offers }
    }

    /// Hands a browser to whoever invited its agent; gives it back when nobody did.
    pub fn accept(
        &self,
        tenant: &str,
        interaction_id: &str,
        agent_id: &str,
        offer: BrowserOffer,
    ) -> Result<(), BrowserOffer> {
        let key = (tenant.to_owned(), interaction_id.to_owned(), agent_id.to_owned());
        let Some((_, sender)) = lock(&self.0).get(&key).cloned() else { return Err(offer) };
        // Two browsers at once: the second is told what it would be told a moment later.
        sender.try_send(offer).map_err(mpsc::error::TrySendError::into_inner)
    }
}

/// One agent is being rung.
pub struct Invitation {
    key: Key,
    serial: u64,
    open: Open,
    offers: mpsc::Receiver<BrowserOffer>,
}

impl Invitation {
    /// The leg of the first browser that is heard, and its law. Those that can't be connected are told why, and may try
    /// again; one whose sound finds no way to us within [`AUDIO_LIMIT`] has not answered, and the ringing goes on.
    pub async fn answered(
        &mut self,
        media: &CallMedia,
        events: &mpsc::Sender<MediaEvent>,
        law: Law,
    ) -> (Leg, Law) {
        let mut coming: Option<(Leg, Law)> = None;
        let mut open = true;
        loop {
            tokio::select! {
                offer = self.offers.recv(), if open => match offer {
                    // The one that comes last is where the agent is now.
                    Some(offer) => coming = offer.open("answer", media, Some(law), events).or(coming),
                    None => open = false,
                },
                heard = is_heard(coming.as_ref()) => match coming.take() {
                    Some(opened) if heard => return opened,
                    _ => {}
                },
            }
        }
    }
}

/// Whether the sound of this browser comes; never, when there is none.
async fn is_heard(coming: Option<&(Leg, Law)>) -> bool {
    match coming {
        Some((leg, _)) => leg_is_heard(leg).await,
        None => std::future::pending().await,
    }
}

/// Waits for a browser's first sound; `false`: it found no way to us.
pub async fn leg_is_heard(leg: &Leg) -> bool {
    let heard = tokio::time::timeout(AUDIO_LIMIT, leg.heard()).await.is_ok();
    if !heard {
        metrics::BROWSERS.with_label_values(&["answer", "unheard"]).inc();
        tracing::warn!(
            "a browser's sound finds no way to us: its network lets no UDP through, and no relay does"
        );
    }
    heard
}

impl Drop for Invitation {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        // A later ringing of the same agent stands.
        if open.get(&self.key).is_some_and(|(serial, _)| *serial == self.serial) {
            open.remove(&self.key);
        }
    }
}

fn lock(
    open: &Mutex<HashMap<Key, (u64, mpsc::Sender<BrowserOffer>)>>,
) -> std::sync::MutexGuard<'_, HashMap<Key, (u64, mpsc::Sender<BrowserOffer>)>> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer() -> (BrowserOffer, oneshot::Receiver<Result<String, NotConnected>>) {
        let (answer, answered) = oneshot::channel();
        (BrowserOffer { description: "v=0".to_owned(), answer }, answered)
    }

    #[tokio::test]
    async fn only_the_agent_who_is_rung_may_come_and_only_while_it_rings() {
        let invitations = Invitations::default();
        let mut invitation = invitations.invite("demo", "call", "ann");

        assert!(invitations.accept("demo", "call", "bob", offer().0).is_err());
        assert!(invitations.accept("acme", "call", "ann", offer().0).is_err());
        assert!(invitations.accept("demo", "call", "ann", offer().0).is_ok());
        assert_eq!(invitation.offers.recv().await.map(|offer| offer.description).as_deref(), Some("v=0"));
        drop(invitation);

        assert!(invitations.accept("demo", "call", "ann", offer().0).is_err());
    }

    #[test]
    fn an_invitation_that_was_renewed_is_not_forgotten_with_the_old_one() {
        let invitations = Invitations::default();
        let old = invitations.invite("demo", "call", "ann");
        let _new = invitations.invite("demo", "call", "ann");
        drop(old);

        assert!(invitations.accept("demo", "call", "ann", offer().0).is_ok());
    }
}
