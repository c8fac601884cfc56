//! A leg's signalling: a SIP dialog, or a browser that came by an RPC (an agent) or a web page (a customer).
//!
//! The call's task knows only this; what differs between the two stays here.

use std::{future::Future, sync::Arc, time::Duration};

use rsipstack::{
    dialog::{
        dialog::{Dialog, DialogState, DialogStateReceiver},
        invite_dialog::InviteDialog,
    },
    sip::{Header, Method, Request, StatusCode},
};

use tokio::sync::mpsc;

use crate::{
    app::Voice,
    core::session_timer::SessionTimer,
    sip::{ring::hang_up, session, translated},
};

/// How long a silent phone has to answer.
const PROBE_LIMIT: Duration = Duration::from_secs(4);

/// How long a sign of life has to be answered.
const REFRESH_LIMIT: Duration = Duration::from_secs(20);

/// What came of a sign of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshed {
    /// The other end is there; what it agreed to, if it said so.
    There(Option<SessionTimer>),
    /// It is not.
    Gone,
}

/// The way to whoever is at the other end of a leg.
pub enum Line {
    /// A telephone.
    Sip {
        /// The dialog.
        dialog: InviteDialog,
        /// What happens in it.
        states: DialogStateReceiver,
    },
    /// A browser of an agent: it says by RPC what it wants, and is missed by its silence.
    Desk,
    /// A customer's web page.
    Page {
        /// Tells the page.
        news: mpsc::Sender<PageNews>,
        /// Closed when the page is gone.
        present: mpsc::Receiver<()>,
    },
}

/// What a customer's page is told of its call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageNews {
    /// The flow, or whoever it led to, has picked up.
    Answered,
    /// The call is over.
    Ended,
}

impl Line {
    /// A telephone's line.
    #[must_use]
    pub fn sip(dialog: InviteDialog, states: DialogStateReceiver) -> Self {
        Self::Sip { dialog, states }
    }

    /// The dialog, if this is a telephone: for what only SIP has, such as REFER.
    #[must_use]
    pub fn dialog(&self) -> Option<&InviteDialog> {
        match self {
            Self::Sip { dialog, .. } => Some(dialog),
            Self::Desk | Self::Page { .. } => None,
        }
    }

    /// What happens next on it; `None` when the other end is gone. May be dropped and called again.
    pub async fn next(&mut self) -> Option<DialogState> {
        match self {
            Self::Sip { states, .. } => states.recv().await,
            Self::Desk => std::future::pending().await,
            Self::Page { present, .. } => {
                while present.recv().await.is_some() {}
                None
            }
        }
    }

    /// Tells a telephone that it rings at the other end.
    pub fn ring(&self, voice: &Voice) {
        if let Self::Sip { dialog, .. } = self {
            report(voice.stack.reliable.ring(dialog));
        }
    }

    /// Picks up, with our description and for SIP with further headers.
    pub fn accept(&self, description: &str, further: &[Header]) {
        match self {
            Self::Sip { dialog, .. } => {
                let mut headers = vec![Header::ContentType("application/sdp".into())];
                headers.extend_from_slice(further);
                let body = description.to_owned().into_bytes();
                report(dialog.accept(Some(headers), Some(body)));
            }
            Self::Desk => {}
            Self::Page { news, .. } => tell(news, PageNews::Answered),
        }
    }

    /// Refuses before it was picked up.
    pub fn reject(&self) {
        match self {
            Self::Sip { dialog, .. } => {
                report(dialog.reject(Some(StatusCode::TemporarilyUnavailable), None));
            }
            Self::Desk => {}
            Self::Page { news, .. } => tell(news, PageNews::Ended),
        }
    }

    /// Refuses a telephone's line with this answer.
    pub fn refuse(&self, code: StatusCode) {
        if let Self::Sip { dialog, .. } = self {
            report(dialog.reject(Some(code), None));
        }
    }

    /// Ends it, beside whatever else goes on.
    pub fn hang_up(&self, voice: &Arc<Voice>) {
        match self {
            Self::Sip { dialog, .. } => {
                let (dialogs, dialog) = (Arc::clone(&voice.stack.dialogs), dialog.clone());
                tokio::spawn(async move { hang_up(&dialogs, &dialog).await });
            }
            // Its session says good-bye when the leg is closed.
            Self::Desk => {}
            Self::Page { news, .. } => tell(news, PageNews::Ended),
        }
    }

    /// Requests to the other end go from now on where this one of its own, which we have taken, says (RFC 3261 §12.2.2).
    pub fn follow(&self, request: &Request) {
        if let Self::Sip { dialog, .. } = self
            && let Some((uri, contact)) = translated::target(request)
        {
            Dialog::Invite(dialog.clone()).set_remote_target(uri, Some(contact));
        }
    }

    /// Forgets what was kept of it after the other end left.
    pub fn forget(&self, voice: &Voice) {
        match self {
            Self::Sip { dialog, .. } => voice.stack.dialogs.remove_dialog(&dialog.id()),
            Self::Desk | Self::Page { .. } => {}
        }
    }

    /// The same, if it is over already.
    pub fn forget_if_over(&self, voice: &Voice) {
        match self {
            Self::Sip { dialog, .. } if dialog.state().is_terminated() => self.forget(voice),
            Self::Sip { .. } | Self::Desk | Self::Page { .. } => {}
        }
    }

    /// The description that came with the ACK, when ours was the offer.
    #[must_use]
    pub fn late_answer(&self) -> Vec<u8> {
        match self {
            Self::Sip { dialog, .. } => dialog.last_remote_ack().map(|ack| ack.body).unwrap_or_default(),
            Self::Desk | Self::Page { .. } => Vec::new(),
        }
    }

    /// Gives a sign of life (RFC 4028): UPDATE, which changes nothing else. What was agreed anew, or that the call is gone
    /// there; whoever does not know UPDATE is there all the same.
    pub fn refresh(&self, seconds: u32) -> impl Future<Output = Refreshed> + Send + use<> {
        let dialog = self.dialog().cloned();
        async move {
            let Some(dialog) = dialog else { return Refreshed::There(None) };
            let asked = dialog.update(Some(session::wish(Some(seconds), true)), None);
            match tokio::time::timeout(REFRESH_LIMIT, asked).await {
                Ok(Ok(Some(response))) => match response.status_code {
                    StatusCode::CallTransactionDoesNotExist | StatusCode::RequestTimeout => Refreshed::Gone,
                    StatusCode::OK => Refreshed::There(session::of_answer(&response.headers)),
                    _ => Refreshed::There(None),
                },
                Ok(Ok(None)) => Refreshed::There(None),
                Ok(Err(_)) | Err(_) => Refreshed::Gone,
            }
        }
    }

    /// Asks a silent other end whether it is still there: by OPTIONS inside the dialog, where any answer but "no such
    /// call" is a yes. A browser that is there is never silent, not even muted.
    pub fn probe(&self) -> impl Future<Output = bool> + Send + use<> {
        let dialog = self.dialog().cloned();
        async move {
            let Some(dialog) = dialog else { return false };
            let asked = dialog.request(Method::Options, None, None);
            match tokio::time::timeout(PROBE_LIMIT, asked).await {
                Ok(Ok(Some(response))) => !matches!(
                    response.status_code,
                    StatusCode::CallTransactionDoesNotExist | StatusCode::RequestTimeout
                ),
                _ => false,
            }
        }
    }
}

/// A page that does not keep up is closed by its own task.
fn tell(page: &mpsc::Sender<PageNews>, news: PageNews) {
    let _ = page.try_send(news);
}

fn report(outcome: rsipstack::Result<()>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "a dialog does not take an answer");
    }
}
