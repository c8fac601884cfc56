//! The agent's phone asks somebody on a second line and brings the two together (REFER with Replaces: RFC 3515, RFC 3891).
//! While it lasts, the second line is the agent's device and the first waits; then the first is again.

use rsipstack::{
    dialog::dialog::{DialogState, TransactionHandle},
    sip::{Header, Method, Request, StatusCode},
};

use super::{
    CallTask, Party, Session,
    dialog::{NOTIFY_LIMIT, renegotiate, reply, respond},
};
use crate::{
    app::second_line::SecondLine,
    core::{
        call::{Control, Input, Side},
        srtp::Terms,
    },
    sip::refer::{self, Replaces},
};

impl CallTask {
    /// Answers a second line of the agent, and rings whom they want to ask.
    pub(super) fn second_line(&mut self, wish: SecondLine) {
        let SecondLine { agent_id, target, offer, peer, terms, line } = wish;
        let with_a_phone = self.parties.get(&Side::Agent).is_some_and(|party| party.line.dialog().is_some());
        if self.call.agent() != Some(agent_id.as_str()) || self.spare.is_some() || !with_a_phone {
            return line.reject();
        }
        let Some((session, description)) = self.described(peer, terms, &offer) else { return line.reject() };
        let Ok(effects) = self.call.control(&agent_id, false, Control::Consult(target)) else {
            return line.reject();
        };
        line.accept(&description, &[]);
        self.sessions.remove(&Side::Agent);
        let second = Party { line, session, place: None, timer: None };
        self.spare = self.parties.insert(Side::Agent, Box::new(second));
        if let Some(first) = &self.spare {
            let _ = first.session.leg.part();
        }
        tracing::info!(agent.id = agent_id, "the agent asks somebody on a second line");
        self.actor = agent_id;
        self.perform(effects);
        self.actor.clear();
        self.handle(Input::AgentMoved);
    }

    pub(super) fn described(
        &self,
        peer: std::net::IpAddr,
        terms: Terms,
        offer: &crate::core::sdp::Description,
    ) -> Option<(Session, String)> {
        let leg = self.media.open(rand::random(), self.events.clone()).ok()?;
        let advertised = self.voice.config.rtp_advertised;
        let address = advertised.unwrap_or_else(|| self.voice.stack.address_towards(peer));
        let mut session = Session::new(leg, address, rand::random(), terms);
        let description = session.answer(offer).ok()?;
        Some((session, description))
    }

    /// The second line was hung up: nobody is asked any more.
    pub(super) fn second_line_left(&mut self) {
        if let Some(party) = self.parties.remove(&Side::Agent) {
            party.line.forget(&self.voice);
        }
        let agent = self.call.agent().unwrap_or_default().to_owned();
        let _ = self.control(&agent, false, Control::CancelConsult);
    }

    /// Whoever was asked is gone, or has joined: the agent goes on with the first line. Looked at after every change.
    pub(super) fn back_to_first_line(&mut self) {
        if self.call.is_consulting() {
            return;
        }
        let Some(first) = self.spare.take() else { return };
        let held = first.session.is_held();
        self.drop_party(Side::Agent);
        self.parties.insert(Side::Agent, first);
        self.handle(Input::AgentMoved);
        if held {
            self.handle(Input::Held { side: Side::Agent, held });
        }
    }

    /// Hangs up on the line that waits.
    pub(super) fn drop_spare(&mut self) {
        if let Some(first) = self.spare.take() {
            first.hang_up(&self.voice);
        }
    }

    /// What happens on the line that waits.
    pub(super) async fn spare_state(&mut self, state: Option<DialogState>) {
        match state {
            None | Some(DialogState::Terminated(..)) => {
                if let Some(first) = self.spare.take() {
                    first.line.forget(&self.voice);
                }
                self.handle(Input::Left(Side::Agent));
            }
            Some(DialogState::Updated(_, request, handle)) => self.spare_described(&request, handle).await,
            Some(DialogState::Refer(_, request, handle)) => match replaced(&request) {
                Some(replaces) => self.bring_together(true, &replaces, handle).await,
                None => reply(handle, StatusCode::Decline).await,
            },
            Some(DialogState::Info(_, _, handle) | DialogState::Options(_, _, handle)) => {
                reply(handle, StatusCode::OK).await;
            }
            Some(
                DialogState::Notify(_, _, handle)
                | DialogState::Message(_, _, handle)
                | DialogState::Publish(_, _, handle),
            ) => reply(handle, StatusCode::NotImplemented).await,
            Some(_) => {}
        }
    }

    async fn spare_described(&mut self, request: &Request, handle: TransactionHandle) {
        let Some(first) = &mut self.spare else {
            return reply(handle, StatusCode::CallTransactionDoesNotExist).await;
        };
        let Party { session, line, .. } = first.as_mut();
        if request.body.is_empty() {
            line.follow(request);
            let law = session.law;
            let body = (request.method == Method::Invite).then(|| session.offer_asked(law));
            return respond(handle, body, Vec::new()).await;
        }
        match renegotiate(session, &request.body) {
            Ok(answer) => {
                line.follow(request);
                respond(handle, Some(answer), Vec::new()).await;
            }
            Err(_) => reply(handle, StatusCode::NotAcceptableHere).await,
        }
    }

    /// The phone wants its two lines to be one: whoever was asked has the call from now on.
    pub(super) async fn bring_together(
        &mut self,
        by_first: bool,
        replaces: &Replaces,
        handle: TransactionHandle,
    ) {
        let lines = (self.spare.as_deref(), self.parties.get(&Side::Agent).map(AsRef::as_ref));
        let (Some(first), Some(second)) = lines else { return reply(handle, StatusCode::Decline).await };
        let (asking, named) = if by_first { (first, second) } else { (second, first) };
        let names = named.line.dialog().is_some_and(|dialog| {
            let id = dialog.id();
            replaces.names(&id.call_id, &id.local_tag, &id.remote_tag)
        });
        let asking = asking.line.dialog().cloned();
        let agent = self.call.agent().unwrap_or_default().to_owned();
        if !names {
            return reply(handle, StatusCode::CallTransactionDoesNotExist).await;
        }
        let Ok(effects) = self.call.control(&agent, false, Control::CompleteTransfer) else {
            return reply(handle, StatusCode::Decline).await;
        };
        reply(handle, StatusCode::Accepted).await;
        if let Some(dialog) = asking {
            let told = dialog.notify_refer(StatusCode::OK, "terminated;reason=noresource");
            if tokio::time::timeout(NOTIFY_LIMIT, told).await.is_err() {
                tracing::debug!("a phone does not take the news of its transfer");
            }
        }
        self.perform(effects);
    }
}

/// The dialog that a REFER wants replaced.
pub(super) fn replaced(request: &Request) -> Option<Replaces> {
    request.headers.iter().find_map(|header| match header {
        Header::ReferTo(value) => refer::replaced(value.value()),
        _ => None,
    })
}
