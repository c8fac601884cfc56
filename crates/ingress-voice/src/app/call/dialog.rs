//! What happens inside the dialogs of a call: hang-up, hold, keys by INFO, pings.

use std::time::Duration;

use rsipstack::{
    dialog::dialog::{DialogState, TransactionHandle},
    sip::{Header, Method, Request, StatusCode},
};

use super::{CallTask, Party, Session, second_line::replaced};
use crate::{
    core::{
        call::{Control, Input, Side},
        sdp::Description,
    },
    sip::{refer, session},
};

/// How long a phone has to take the news of its transfer.
pub(super) const NOTIFY_LIMIT: Duration = Duration::from_millis(500);

impl CallTask {
    pub(super) async fn line_state(&mut self, side: Side, state: Option<DialogState>) {
        match state {
            Some(DialogState::Confirmed(..)) if side == Side::Customer && self.greeting.offer_is_ours => {
                self.take_late_answer();
            }
            Some(state) => self.dialog_state(side, state).await,
            None => self.left(side),
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
            DialogState::Refer(_, request, handle) => self.referred(side, &request, handle).await,
            DialogState::Notify(_, _, handle)
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
        self.sessions.remove(&side);
        if side == Side::Agent && self.spare.is_some() {
            return self.second_line_left();
        }
        if let Some(party) = self.parties.remove(&side) {
            party.line.forget(&self.voice);
        }
        self.handle(Input::Left(side));
    }

    /// The agent's phone gives the call away (RFC 3515): to an agent by name, or to a number.
    async fn referred(&mut self, side: Side, request: &Request, handle: TransactionHandle) {
        if let (Side::Agent, Some(replaces)) = (side, replaced(request)) {
            return self.bring_together(false, &replaces, handle).await;
        }
        let target = request.headers.iter().find_map(|header| match header {
            Header::ReferTo(value) => refer::target(value.value()),
            _ => None,
        });
        let agent = self.call.agent().unwrap_or_default().to_owned();
        let (Side::Agent, Some(target)) = (side, target) else {
            return reply(handle, StatusCode::Decline).await;
        };
        let target = self.voice.meant(&self.identity.tenant, target).await;
        let Ok(effects) = self.call.control(&agent, false, Control::Transfer(target)) else {
            return reply(handle, StatusCode::Decline).await;
        };
        reply(handle, StatusCode::Accepted).await;
        // The phone hangs up by itself once it is told; our own BYE follows all the same.
        if let Some(dialog) = self.parties.get(&side).and_then(|party| party.line.dialog()).cloned() {
            let told = dialog.notify_refer(StatusCode::OK, "terminated;reason=noresource");
            if tokio::time::timeout(NOTIFY_LIMIT, told).await.is_err() {
                tracing::debug!("a phone does not take the news of its transfer");
            }
        }
        self.perform(effects);
    }

    /// The INVITE had no description, so ours was the offer and theirs came with the ACK.
    fn take_late_answer(&mut self) {
        self.greeting.offer_is_ours = false;
        let Some(customer) = self.parties.get_mut(&Side::Customer) else { return };
        let body = customer.line.late_answer();
        let outcome = Description::parse(&body, customer.session.terms())
            .map_err(|error| error.to_string())
            .and_then(|answer| customer.session.accept_asked(&answer).map_err(|error| error.to_string()));
        if let Err(detail) = outcome {
            self.handle(Input::Broken { detail });
        }
    }

    /// re-INVITE or UPDATE: a new description (hold, resume, another address) or none (a sign of life).
    async fn described_anew(&mut self, side: Side, request: &Request, handle: TransactionHandle) {
        let minimum = self.voice.config.session_minimum();
        let (headers, timer) = match session::agree(&request.headers, minimum) {
            Ok(agreed) => agreed,
            Err(minimum) => {
                let refused =
                    handle.respond(StatusCode::SessionIntervalTooSmall, Some(vec![minimum]), None).await;
                if refused.is_err() {
                    tracing::debug!("a renegotiation ended before it was refused");
                }
                return;
            }
        };
        if timer.is_some() {
            self.arm(side, timer);
        }
        let Some(party) = self.parties.get_mut(&side) else {
            return reply(handle, StatusCode::CallTransactionDoesNotExist).await;
        };
        let Party { session, line, .. } = party.as_mut();
        if request.body.is_empty() {
            line.follow(request);
            let body = (request.method == Method::Invite).then(|| {
                let law = session.law;
                session.offer_asked(law)
            });
            return respond(handle, body, headers).await;
        }
        match renegotiate(session, &request.body) {
            Ok(answer) => {
                line.follow(request);
                let held = session.is_held();
                respond(handle, Some(answer), headers).await;
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

pub(super) fn renegotiate(session: &mut Session, body: &[u8]) -> Result<String, String> {
    let offer = Description::parse(body, session.terms()).map_err(|error| error.to_string())?;
    session.answer(&offer).map_err(|error| error.to_string())
}

/// A `Warning` header (RFC 3261 §20.43) that says what is wrong with a description.
#[must_use]
pub fn warning_header(text: &str) -> Header {
    Header::Warning(format!("399 switchboard \"{}\"", text.replace('"', "'")).into())
}

pub(super) async fn reply(handle: TransactionHandle, code: StatusCode) {
    if handle.reply(code).await.is_err() {
        tracing::debug!("a request ended before it was answered");
    }
}

pub(super) async fn respond(handle: TransactionHandle, body: Option<String>, mut headers: Vec<Header>) {
    if body.is_some() {
        headers.push(Header::ContentType("application/sdp".into()));
    }
    if handle.respond(StatusCode::OK, Some(headers), body.map(String::into_bytes)).await.is_err() {
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
