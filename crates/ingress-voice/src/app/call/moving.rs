//! The agent goes on with another device: a page loaded anew, another browser, the browser instead of the telephone.

use super::{CallTask, Party};
use crate::{
    app::invitations::{BrowserOffer, NotConnected},
    core::call::{Input, Side},
};

impl CallTask {
    pub(super) fn move_agent(&mut self, agent_id: &str, browser: BrowserOffer) {
        if self.call.agent() != Some(agent_id) {
            let _ = browser.answer.send(Err(NotConnected::NotYours));
            return;
        }
        let law = self.session(Side::Customer).map(|session| session.law);
        let Some((leg, law)) = browser.open("move", &self.media, law, &self.events) else { return };
        self.drop_party(Side::Agent);
        self.parties.insert(Side::Agent, Box::new(Party::browser(leg, law)));
        tracing::info!(agent.id = agent_id, "the agent goes on with another device");
        self.handle(Input::AgentMoved);
    }
}
