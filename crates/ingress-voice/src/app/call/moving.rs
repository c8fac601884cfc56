//! Somebody goes on with another device: a page loaded anew, another browser, the browser instead of the telephone.

use media::g711::Law;

use super::{CallTask, Note, Party};
use crate::{
    app::invitations::{BrowserOffer, NotConnected, leg_is_heard},
    core::call::{Input, Side, Target},
    engine::Leg,
};

impl CallTask {
    /// Answers the browser. It takes the place of the device before once its sound comes, so that a browser without a way
    /// for the sound takes nobody out of the call.
    pub(super) fn move_person(&mut self, agent_id: &str, browser: BrowserOffer) {
        if self.side_of_person(agent_id).is_none() {
            let _ = browser.answer.send(Err(NotConnected::NotYours));
            return;
        }
        let law = self.session(Side::Customer).map(|session| session.law);
        let Some((leg, law)) = browser.open("move", &self.media, law, &self.events) else { return };
        let (mailbox, agent_id) = (self.mailbox.clone(), agent_id.to_owned());
        tokio::spawn(async move {
            if leg_is_heard(&leg).await {
                let _ = mailbox.send(Note::Moved { agent_id, leg, law }).await;
            }
        });
    }

    /// The new device is heard.
    pub(super) fn moved_person(&mut self, agent_id: &str, leg: Leg, law: Law) {
        let Some(side) = self.side_of_person(agent_id) else { return };
        self.drop_party(side);
        self.parties.insert(side, Box::new(Party::browser(leg, law)));
        tracing::info!(agent.id = agent_id, "somebody goes on with another device");
        self.handle(if side == Side::Agent { Input::AgentMoved } else { Input::Replaced(side) });
    }

    /// Where somebody of the centre is in this call.
    fn side_of_person(&self, agent_id: &str) -> Option<Side> {
        if self.call.agent() == Some(agent_id) {
            return Some(Side::Agent);
        }
        if self.identity.colleague.as_deref() == Some(agent_id) && self.session(Side::Customer).is_some() {
            return Some(Side::Customer);
        }
        let is = |who: &Target| matches!(who, Target::Agent(agent) if agent == agent_id);
        let guest = self.call.guests().iter().find(|guest| guest.answered && is(&guest.who));
        guest.map(|guest| Side::Guest(guest.id))
    }
}
