//! The agent goes on with another device: a page loaded anew, another browser, the browser instead of the telephone.

use super::{AgentLeg, CallTask, Line, Session};
use crate::{
    app::invitations::{BrowserOffer, NotConnected},
    core::call::Input,
};

impl CallTask {
    pub(super) fn move_agent(&mut self, agent_id: &str, browser: BrowserOffer) {
        if self.call.agent() != Some(agent_id) {
            let _ = browser.answer.send(Err(NotConnected::NotYours));
            return;
        }
        let law = self.customer.session.law;
        let Some((leg, law)) = browser.open("move", &self.media, Some(law), &self.events) else { return };
        self.drop_agent();
        self.agent = Some(Box::new(AgentLeg { line: Line::Desk, session: Session::web(leg, law) }));
        tracing::info!(agent.id = agent_id, "the agent goes on with another device");
        self.handle(Input::AgentMoved);
    }
}
