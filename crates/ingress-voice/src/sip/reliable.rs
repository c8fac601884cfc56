//! Provisional answers that arrive for certain (RFC 3262). To callers who know them ours are said again until they are confirmed
//! (PRACK). Those of others the stack confirms; here the confirmation is sent to whom the answer names, as RFC 3261 §12.2 asks.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rsipstack::{
    dialog::{DialogId, dialog::DialogState, invite_dialog::InviteDialog},
    sip::{
        Header, Method, Request, Response, StatusCode, StatusCodeKind, Uri,
        prelude::{HeadersExt as _, ToTypedHeader as _},
    },
};
use tokio_util::sync::CancellationToken;

/// After how long an unconfirmed answer is said again, at first; then after twice that, and so on (RFC 3261 T1).
const AGAIN: Duration = Duration::from_millis(500);
/// When the call is given up because none of them was confirmed.
const GIVEN_UP: Duration = Duration::from_secs(32);
/// Answers of others that are remembered at once; the oldest go first.
const REMEMBERED: usize = 10_000;

/// Names a dialog of ours in which somebody calls.
type Key = (String, String);

/// An answer of ours that is not confirmed.
struct Waiting {
    /// `RAck` of its confirmation.
    rack: (u32, u32),
    confirmed: CancellationToken,
}

/// Where an answer of somebody else wants requests.
struct Early {
    contact: Uri,
    route: Vec<Header>,
}

#[derive(Default)]
struct State {
    ours: HashMap<Key, Waiting>,
    theirs: HashMap<String, Early>,
    oldest: VecDeque<String>,
}

/// What is known of provisional answers. Cheap to share.
#[derive(Clone, Default)]
pub struct Reliable(Arc<Mutex<State>>);

impl Reliable {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells a caller that it rings.
    pub fn ring(&self, dialog: &InviteDialog) -> rsipstack::Result<()> {
        let invite = dialog.initial_request();
        let Some(cseq) =
            invite.cseq_header().ok().and_then(|cseq| cseq.seq().ok()).filter(|_| knows(&invite))
        else {
            return dialog.ringing(None, None);
        };
        let number: u32 = rand::random_range(1..1 << 31);
        let confirmed = CancellationToken::new();
        let waiting = Waiting { rack: (number, cseq), confirmed: confirmed.clone() };
        // Before it is sent: the confirmation may be quick.
        if let Some(before) = self.lock().ours.insert(key(&dialog.id()), waiting) {
            before.confirmed.cancel();
        }
        let headers = vec![Header::Require("100rel".into()), Header::RSeq(number.to_string().into())];
        if let Err(error) = dialog.ringing(Some(headers.clone()), None) {
            self.lock().ours.remove(&key(&dialog.id()));
            return Err(error);
        }
        let (reliable, dialog) = (self.clone(), dialog.clone());
        tokio::spawn(async move {
            if confirmed.run_until_cancelled(say_again(&dialog, headers)).await.is_some() {
                reliable.lock().ours.remove(&key(&dialog.id()));
            }
        });
        Ok(())
    }

    /// Takes a PRACK; `false`: nothing waits for it.
    pub fn confirm(&self, dialog: &DialogId, prack: &Request) -> bool {
        let Some(rack) = rack(prack) else { return false };
        let mut state = self.lock();
        let key = key(dialog);
        if state.ours.get(&key).is_none_or(|waiting| waiting.rack != rack) {
            return false;
        }
        if let Some(waiting) = state.ours.remove(&key) {
            waiting.confirmed.cancel();
        }
        true
    }

    /// Notes where a provisional answer wants its confirmation, and forgets it with the final one.
    pub(super) fn note(&self, response: &Response) {
        let is_invite =
            response.cseq_header().ok().and_then(|cseq| cseq.method().ok()) == Some(Method::Invite);
        let Ok(call_id) = response.call_id_header() else { return };
        if !is_invite {
            return;
        }
        let id = call_id.value().to_owned();
        let mut state = self.lock();
        if response.status_code.kind() != StatusCodeKind::Provisional {
            state.theirs.remove(&id);
            return;
        }
        let is_reliable = response.headers.iter().any(|header| matches!(header, Header::RSeq(_)));
        let contact = response.contact_header().ok().and_then(|contact| contact.typed().ok());
        let Some(contact) = contact.filter(|_| is_reliable) else { return };
        let routes = response.headers.iter().filter_map(|header| match header {
            Header::RecordRoute(route) => Some(route.value()),
            _ => None,
        });
        let mut route: Vec<Header> =
            routes.flat_map(|routes| routes.split(',')).map(|one| Header::Route(one.trim().into())).collect();
        route.reverse();
        if state.theirs.insert(id.clone(), Early { contact: contact.uri, route }).is_none() {
            state.oldest.push_back(id);
        }
        while state.oldest.len() > REMEMBERED {
            let oldest = state.oldest.pop_front();
            oldest.and_then(|oldest| state.theirs.remove(&oldest));
        }
    }

    /// Puts into a PRACK whom it is for.
    pub(super) fn address(&self, prack: &mut Request) {
        let Ok(call_id) = prack.call_id_header().map(|id| id.value().to_owned()) else { return };
        let state = self.lock();
        let Some(early) = state.theirs.get(&call_id) else { return };
        prack.uri = early.contact.clone();
        let others = prack.headers.iter().filter(|header| !matches!(header, Header::Route(_)));
        let headers: Vec<Header> = others.cloned().chain(early.route.iter().cloned()).collect();
        prack.headers = headers.into();
    }
}

/// Says a provisional answer again and again; returns when the call is no longer ringing, or given up.
async fn say_again(dialog: &InviteDialog, headers: Vec<Header>) {
    let (mut wait, mut waited) = (AGAIN, Duration::ZERO);
    while waited < GIVEN_UP {
        tokio::time::sleep(wait).await;
        waited += wait;
        wait *= 2;
        if !matches!(dialog.state(), DialogState::Early(..)) {
            return;
        }
        if let Err(error) = dialog.ringing(Some(headers.clone()), None) {
            tracing::debug!(%error, "a call that rings is over");
            return;
        }
    }
    tracing::info!("a caller does not confirm that they heard it ring");
    if let Err(error) = dialog.reject(Some(StatusCode::ServerTimeOut), None) {
        tracing::debug!(%error, "a call that rang is over");
    }
}

/// Whether a caller confirms provisional answers.
fn knows(invite: &Request) -> bool {
    let tags = |header: &Header| match header {
        Header::Supported(tags) => lists(tags.value()),
        Header::Require(tags) => lists(tags.value()),
        _ => false,
    };
    invite.headers.iter().any(tags)
}

fn lists(tags: &str) -> bool {
    tags.split(',').any(|tag| tag.trim().eq_ignore_ascii_case("100rel"))
}

/// The numbers of the answer and of the INVITE.
fn rack(prack: &Request) -> Option<(u32, u32)> {
    let value = prack.headers.iter().find_map(|header| match header {
        Header::RAck(value) => Some(value.value()),
        _ => None,
    })?;
    let mut words = value.split_ascii_whitespace();
    let numbers = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    words.next().filter(|method| *method == "INVITE").map(|_| numbers)
}

fn key(dialog: &DialogId) -> Key {
    (dialog.call_id.clone(), dialog.local_tag.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: &str, more: &str) -> Response {
        let text = format!(
            "SIP/2.0 {status} x\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n\
             To: <sip:a@b>;tag=2\r\nCall-ID: one\r\nCSeq: 1 INVITE\r\n{more}Content-Length: 0\r\n\r\n"
        );
        Response::try_from(text.as_bytes()).unwrap()
    }

    fn prack(more: &str) -> Request {
        let text = format!(
            "PRACK sip:number@trunk SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n\
             To: <sip:a@b>;tag=2\r\nCall-ID: one\r\nCSeq: 2 PRACK\r\n{more}Content-Length: 0\r\n\r\n"
        );
        Request::try_from(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_confirmation_goes_where_the_answer_says() {
        let reliable = Reliable::default();
        reliable.note(&response(
            "183",
            "Require: 100rel\r\nRSeq: 7\r\nContact: <sip:line7@192.0.2.7>\r\nRecord-Route: <sip:p1;lr>, <sip:p2;lr>\r\n",
        ));
        let mut request = prack("RAck: 7 1 INVITE\r\n");

        reliable.address(&mut request);

        assert_eq!(request.uri.to_string(), "sip:line7@192.0.2.7");
        let routes: Vec<&str> = request
            .headers
            .iter()
            .filter_map(|header| match header {
                Header::Route(route) => Some(route.value()),
                _ => None,
            })
            .collect();
        assert_eq!(routes, ["<sip:p2;lr>", "<sip:p1;lr>"]);

        reliable.note(&response("200", ""));
        let mut late = prack("");
        reliable.address(&mut late);
        assert_eq!(late.uri.to_string(), "sip:number@trunk");
    }

    #[test]
    fn only_the_confirmation_of_the_answer_that_waits_counts() {
        assert_eq!(rack(&prack("RAck: 7 1 INVITE\r\n")), Some((7, 1)));
        assert_eq!(rack(&prack("RAck: 7 1 BYE\r\n")), None);
        assert_eq!(rack(&prack("RAck: 7\r\n")), None);
        assert_eq!(rack(&prack("")), None);
    }
}
