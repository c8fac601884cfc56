//! Session timers at work: signs of life given and waited for (RFC 4028).

use tokio::time::Instant;

use super::{CallTask, Note, line::Refreshed};
use crate::core::{
    call::{Input, Side},
    session_timer::SessionTimer,
};

impl CallTask {
    /// The time to the next sign of life begins anew.
    pub(super) fn arm(&mut self, side: Side, timer: Option<SessionTimer>) {
        match timer {
            Some(timer) => {
                self.sessions.insert(side, (Instant::now() + timer.due(), timer));
            }
            None => {
                self.sessions.remove(&side);
            }
        }
    }

    /// Whose turn is next, and when.
    pub(super) fn next_session(&self) -> Option<(Instant, Side)> {
        self.sessions.iter().map(|(side, (at, _))| (*at, *side)).min()
    }

    /// A sign of life is due: ours is given, theirs has not come.
    pub(super) fn session_due(&mut self, side: Side) {
        let Some((_, timer)) = self.sessions.remove(&side) else { return };
        let Some(party) = self.parties.get(&side) else { return };
        if !timer.ours {
            tracing::info!(?side, "a session was not refreshed");
            return self.handle(Input::Expired(side));
        }
        let (refreshed, mailbox) = (party.line.refresh(timer.seconds), self.mailbox.clone());
        tokio::spawn(async move {
            let outcome = refreshed.await;
            let _ = mailbox.send(Note::Refreshed { side, timer, outcome }).await;
        });
    }

    pub(super) fn refreshed(&mut self, side: Side, timer: SessionTimer, outcome: Refreshed) {
        match outcome {
            Refreshed::There(agreed) => self.arm(side, Some(agreed.unwrap_or(timer))),
            Refreshed::Gone => self.handle(Input::Expired(side)),
        }
    }
}
