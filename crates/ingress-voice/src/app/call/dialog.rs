//! What happens inside the dialogs of a call: hang-up, hold, keys by INFO, pings.

use rsipstack::{
    dialog::dialog::{DialogState, TransactionHandle},
    sip::{Header, Method, Request, StatusCode},
};

use super::{CallTask, Session};
use crate::core::{
    call::{Input, Side},
    sdp::Description,
};

impl CallTask {
    pub(super) async fn customer_state(&mut self, state: Option<DialogState>) {
        match state {
            Some(DialogState::Confirmed(..)) if self.customer.offer_is_ours => self.take_late_answer(),
            Some(state) => self.dialog_state(Side::Customer, state).await,
            None => self.handle(Input::Left(Side::Customer)),
        }
    }

    pub(super) async fn agent_state(&mut self, state: Option<DialogState>) {
        match state {
            Some(state) => self.dialog_state(Side::Agent, state).await,
            None => self.left(Side::Agent),
        }
    }

    async fn dialog_state(&mut self, side: Side, state: DialogState) {
        match state {
            DialogState::Terminated(..) => self.left(side),
            DialogState::Updated(_, request, handle) => self.described_anew(side, &request, handle).await,
            DialogState::Info(_, request, handle) => {
                reply(handle, StatusCode::OK).await;
                if let (Side::Customer, Some(digit)) = (side, digit_of(&request)) {
                    self.handle(Input::Digit(digit));
                }
            }
            DialogState::Options(_, _, handle) => reply(handle, StatusCode::OK).await,
            DialogState::Refer(_, _, handle)
            | DialogState::Notify(_, _, handle)
            | DialogState::Message(_, _, handle)
            | DialogState::Publish(_, _, handle) => reply(handle, StatusCode::NotImplemented).await,
            DialogState::Calling(_)
            | DialogState::Trying(_)
            | DialogState::Early(..)
            | DialogState::WaitAck(..)
            | DialogState::Confirmed(..) => {}
        }
    }

    fn left(&mut self, side: Side) {
        if side == Side::Agent
            && let Some(agent) = self.agent.take()
        {
            agent.line.forget(&self.voice);
        }
        self.handle(Input::Left(side));
    }

    /// The INVITE had no description, so ours was the offer and theirs came with the ACK.
    fn take_late_answer(&mut self) {
        self.customer.offer_is_ours = false;
        let body = self.customer.line.late_answer();
        let outcome = Description::parse(&body)
            .map_err(|error| error.to_string())
            .and_then(|answer| self.customer.session.accept(&answer).map_err(|error| error.to_string()));
        if let Err(detail) = outcome {
            self.handle(Input::Broken { detail });
        }
    }

    /// re-INVITE or UPDATE: a new description (hold, resume, another address) or none (a sign of life).
    async fn described_anew(&mut self, side: Side, request: &Request, handle: TransactionHandle) {
        let session = match (side, &mut self.agent) {
            (Side::Customer, _) => &mut self.customer.session,
            (Side::Agent, Some(agent)) => &mut agent.session,
            (Side::Agent, None) => return reply(handle, StatusCode::CallTransactionDoesNotExist).await,
        };
        if request.body.is_empty() {
            let body = (request.method == Method::Invite).then(|| {
                let law = session.law;
                session.offer(law)
            });
            return respond(handle, body).await;
        }
        match renegotiate(session, &request.body) {
            Ok(answer) => {
                let held = session.is_held();
                respond(handle, Some(answer)).await;
                self.handle(Input::Held { side, held });
            }
            Err(warning) => {
                let headers = vec![warning_header(&warning)];
                let refused = handle.respond(StatusCode::NotAcceptableHere, Some(headers), None).await;
                if refused.is_err() {
                    tracing::debug!("a renegotiation ended before it was refused");
                }
            }
        }
    }
}

fn renegotiate(session: &mut Session, body: &[u8]) -> Result<String, String> {
    let offer = Description::parse(body).map_err(|error| error.to_string())?;
    session.answer(&offer).map_err(|error| error.to_string())
}

/// A `Warning` header (RFC 3261 §20.43) that says what is wrong with a description.
#[must_use]
pub fn warning_header(text: &str) -> Header {
    Header::Warning(format!("399 switchboard \"{}\"", text.replace('"', "'")).into())
}

async fn reply(handle: TransactionHandle, code: StatusCode) {
    if handle.reply(code).await.is_err() {
        tracing::debug!("a request ended before it was answered");
    }
}

async fn respond(handle: TransactionHandle, body: Option<String>) {
    let headers = body.is_some().then(|| vec![Header::ContentType("application/sdp".into())]);
    if handle.respond(StatusCode::OK, headers, body.map(String::into_bytes)).await.is_err() {
        tracing::debug!("a request ended before it was answered");
    }
}

/// The key of an INFO: `application/dtmf-relay` ("Signal=5") or `application/dtmf` ("5").
fn digit_of(request: &Request) -> Option<char> {
    let text = std::str::from_utf8(&request.body).ok()?;
    let signal = text
        .lines()
        .find_map(|line| {
            let (key, value) = line.split_once('=')?;
            key.trim().eq_ignore_ascii_case("signal").then(|| value.trim())
        })
        .unwrap_or_else(|| text.trim());
    let digit = match signal {
        "10" => '*',
        "11" => '#',
        one if one.chars().count() == 1 => one.chars().next()?.to_ascii_uppercase(),
        _ => return None,
    };
    media::dtmf::event_code(digit).map(|_| digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(body: &str) -> Option<char> {
        digit_of(&Request {
            method: Method::Info,
            uri: Default::default(),
            headers: Default::default(),
            body: body.as_bytes().to_vec(),
            version: rsipstack::sip::Version::V2,
        })
    }

    #[test]
    fn keys_by_info_are_read_in_both_spellings() {
        assert_eq!(info("Signal=5\r\nDuration=160\r\n"), Some('5'));
        assert_eq!(info("Signal= *\r\n"), Some('*'));
        assert_eq!(info("11"), Some('#'));
        assert_eq!(info("hello"), None);
        assert_eq!(info(""), None);
    }
}
