//! Somebody goes on with another device: a page loaded anew, another browser, the browser instead of the telephone.

use super::{CallTask, Party};
use crate::{
    app::invitations::{BrowserOffer, NotConnected},
    core::call::{Input, Side, Target},
};

impl CallTask {
    pub(super) fn move_person(&mut self, agent_id: &str, browser: BrowserOffer) {
        let guest =
            self.call.guests().iter().find(|guest| {
                guest.answered && matches!(&guest.who, Target::Agent(agent) if agent == agent_id)
            });
        let (side, input) = match guest.map(|guest| guest.id) {
            _ if self.call.agent() == Some(agent_id) => (Side::Agent, Input::AgentMoved),
            Some(guest) => (Side::Guest(guest), Input::Replaced(Side::Guest(guest))),
            None => {
                let _ = browser.answer.send(Err(NotConnected::NotYours));
                return;
            }
        };
        let law = self.session(Side::Customer).map(|session| session.law);
        let Some((leg, law)) = browser.open("move", &self.media, law, &self.events) else { return };
        self.drop_party(side);
        self.parties.insert(side, Box::new(Party::browser(leg, law)));
        tracing::info!(agent.id = agent_id, "somebody goes on with another device");
        self.handle(input);
    }
}
