//! INVITE with Replaces (RFC 3891): another phone takes the place of one that is in the call. So a customer's own exchange
//! transfers the customer's end, and an agent's other phone picks up the agent's.

use rsipstack::sip::StatusCode;

use super::{CallTask, Party};
use crate::{
    app::replace_line::ReplaceLine,
    core::call::{Input, Side},
};

impl CallTask {
    /// Answers the new phone and hangs up on the old one, if it is in this call and they hear each other or wait.
    pub(super) fn replace_line(&mut self, wish: ReplaceLine) {
        let ReplaceLine { replaces, agent_id, offer, peer, terms, line } = wish;
        let named = self.parties.iter().find(|(_, party)| {
            party.line.dialog().is_some_and(|dialog| {
                let id = dialog.id();
                replaces.names(&id.call_id, &id.local_tag, &id.remote_tag)
            })
        });
        let Some(side) = named.map(|(side, _)| *side) else {
            return line.refuse(StatusCode::CallTransactionDoesNotExist);
        };
        // Nobody takes an agent's place but a phone of theirs.
        let may = match side {
            Side::Agent => agent_id.is_some() && self.call.agent() == agent_id.as_deref(),
            Side::Customer | Side::Guest(_) => true,
        };
        if !may {
            return line.refuse(StatusCode::Forbidden);
        }
        if self.spare.is_some() || !self.call.can_move(side) {
            return line.refuse(StatusCode::BusyHere);
        }
        let Some((session, description)) = self.described(peer, terms, &offer) else {
            return line.refuse(StatusCode::NotAcceptableHere);
        };
        line.accept(&description, &[]);
        self.sessions.remove(&side);
        let new = Party { line, session, place: None, timer: None };
        if let Some(mut old) = self.parties.insert(side, Box::new(new)) {
            // The call came by this trunk, whoever holds its end now.
            let place = old.place.take();
            old.hang_up(&self.voice);
            if let Some(party) = self.parties.get_mut(&side) {
                party.place = place;
            }
        }
        tracing::info!(?side, "another phone has taken the place of one in the call");
        self.handle(Input::Replaced(side));
        self.tune_again();
    }
}
