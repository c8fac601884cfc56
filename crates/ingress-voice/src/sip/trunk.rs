//! Requests to a trunk: an outgoing call, a ping.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use rsipstack::{
    dialog::{
        authenticate::Credential,
        dialog::{DialogState, DialogStateReceiver},
        invitation::InviteOption,
    },
    sip::{
        Auth, Header, HostWithPort, Method, Param, Scheme, SipMessage, StatusCode, StatusCodeKind, Transport,
        Uri,
    },
    transaction::{
        key::{TransactionKey, TransactionRole},
        make_tag,
        transaction::Transaction,
    },
    transport::SipAddr,
};

use super::{ring::PickedUp, session, stack::Stack};
use crate::{config::TrunkConfig, core::srtp::Terms};

/// How long a trunk has to answer a ping.
const PING_LIMIT: Duration = Duration::from_secs(4);

/// Why a trunk did not connect a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its final answer; none: it did not answer at all.
    pub code: Option<u16>,
    /// For people: "486 busy here".
    pub detail: String,
    /// The called's phone rang: another trunk would ring it again.
    pub rang: bool,
}

impl Refused {
    /// Without ringing.
    #[must_use]
    pub fn new(code: Option<u16>, detail: &str) -> Self {
        Self { code, detail: detail.to_owned(), rang: false }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.detail)
    }
}

/// One outgoing call over one trunk.
pub struct Invite<'a> {
    pub stack: &'a Stack,
    pub trunk: &'a TrunkConfig,
    /// E.164 with "+".
    pub number: &'a str,
    /// Empty: anonymous, or the trunk's user.
    pub caller_id: &'a str,
    pub interaction_id: &'a str,
    /// What the session is asked to last, in seconds.
    pub session_seconds: Option<u32>,
    /// What audio may be agreed on.
    pub terms: Terms,
    /// How long the trunk may stay silent.
    pub no_answer: Duration,
}

impl Invite<'_> {
    /// Sends it and waits for the final answer; a trunk that refuses the encrypted offer is made the plain one, if there may be
    /// one. Dropping the future cancels the call.
    pub async fn send(
        self,
        offer: &mut impl FnMut(IpAddr, bool) -> Result<String, String>,
    ) -> Result<PickedUp, Refused> {
        let address = resolve(self.trunk).await.ok_or(Refused::new(None, "the trunk has no address"))?;
        if !self.stack.connected_to(self.trunk, address).await {
            return Err(Refused::new(None, "the trunk takes no connection"));
        }
        let mut refused =
            Refused::new(Some(488), "audio must be encrypted, and the trunk is not called over TLS");
        for secure in self.terms.offers().iter().copied() {
            let text = offer(address.ip(), secure).map_err(|detail| Refused::new(Some(488), &detail))?;
            match self.ask(self.option(address, text)).await {
                Ok(picked_up) => return Ok(PickedUp { secure, terms: self.terms, ..picked_up }),
                Err(again) if again.code == Some(488) && !again.rang => refused = again,
                Err(refused) => return Err(refused),
            }
        }
        Err(refused)
    }

    async fn ask(&self, option: InviteOption) -> Result<PickedUp, Refused> {
        let dialogs = Arc::clone(&self.stack.dialogs);
        let (sender, states) = dialogs.new_dialog_state_channel();
        let mut watched = Watched { states, rang: false, answered: false };
        let mut calling = std::pin::pin!(dialogs.do_invite(option, sender));
        let silent = tokio::time::sleep(self.no_answer);
        let mut silent = std::pin::pin!(silent);
        loop {
            tokio::select! {
                outcome = &mut calling => return watched.outcome(outcome),
                () = watched.next() => {}
                () = &mut silent, if !watched.answered => {
                    return Err(Refused::new(None, "the trunk does not answer"));
                }
            }
        }
    }

    fn option(&self, address: SocketAddr, offer: String) -> InviteOption {
        let transport = self.trunk.transport.transport();
        let user = if self.trunk.without_plus { self.number.trim_start_matches('+') } else { self.number };
        let shown = match (self.caller_id, self.trunk.username.as_str()) {
            ("", "") => "anonymous",
            ("", username) => username,
            (caller_id, _) => caller_id,
        };
        let mut callee = uri(user, self.trunk.domain());
        if transport != Transport::Udp {
            callee.params.push(Param::Transport(transport));
        }
        let mut headers =
            vec![Header::Other("X-Switchboard-Interaction".to_owned(), self.interaction_id.to_owned())];
        headers.extend(session::wish(self.session_seconds, false));
        if !self.caller_id.is_empty() {
            let asserted = format!("<sip:{}@{}>", self.caller_id, self.trunk.domain());
            headers.push(Header::PAssertedIdentity(asserted.into()));
        }
        self.stack.directions.note(&callee, target(address, transport));
        InviteOption {
            caller: uri(shown, self.trunk.domain()),
            callee,
            destination: Some(target(address, transport)),
            content_type: Some("application/sdp".to_owned()),
            offer: Some(offer.into_bytes()),
            contact: self.stack.contact(address.ip(), transport, false),
            credential: credential(self.trunk),
            support_prack: true,
            headers: Some(headers),
            ..InviteOption::default()
        }
    }
}

/// What a dialog in the making has told.
struct Watched {
    states: DialogStateReceiver,
    rang: bool,
    answered: bool,
}

impl Watched {
    async fn next(&mut self) {
        match self.states.recv().await {
            Some(state) => self.note(&state),
            None => std::future::pending().await,
        }
    }

    /// What came in the same moment as the answer counts too: a ring and a refusal may come together.
    fn drain(&mut self) {
        while let Ok(state) = self.states.try_recv() {
            self.note(&state);
        }
    }

    fn note(&mut self, state: &DialogState) {
        match state {
            DialogState::Trying(_) => self.answered = true,
            DialogState::Early(_, response) => {
                self.answered = true;
                self.rang |= matches!(response.status_code.code(), 180 | 183);
            }
            _ => {}
        }
    }

    fn outcome(
        mut self,
        outcome: rsipstack::Result<(
            rsipstack::dialog::invite_dialog::InviteDialog,
            Option<rsipstack::sip::Response>,
        )>,
    ) -> Result<PickedUp, Refused> {
        match outcome {
            Ok((dialog, Some(response))) if response.status_code.kind() == StatusCodeKind::Successful => {
                let timer = session::of_answer(&response.headers);
                let (secure, terms) = (false, Terms::default());
                Ok(PickedUp { dialog, states: self.states, answer: response.body, timer, secure, terms })
            }
            Ok((_, response)) => {
                self.drain();
                let code = response.map_or(StatusCode::RequestTimeout, |response| response.status_code);
                let detail = code.to_string().to_lowercase();
                Err(Refused { code: Some(code.code()), detail, rang: self.rang })
            }
            Err(error) => {
                tracing::debug!(%error, "a trunk can't be reached");
                Err(Refused::new(None, "the trunk can't be reached"))
            }
        }
    }
}

/// Asks by OPTIONS whether a trunk is there: any answer but 503 is a yes.
pub async fn ping(stack: &Stack, trunk: &TrunkConfig) -> bool {
    match tokio::time::timeout(PING_LIMIT, options(stack, trunk)).await {
        Ok(Ok(Some(code))) => code != 503,
        Ok(Ok(None)) | Err(_) => false,
        Ok(Err(error)) => {
            tracing::debug!(trunk = trunk.name, %error, "a ping was not sent");
            false
        }
    }
}

async fn options(stack: &Stack, trunk: &TrunkConfig) -> rsipstack::Result<Option<u16>> {
    let Some(address) = resolve(trunk).await else { return Ok(None) };
    if !stack.connected_to(trunk, address).await {
        return Ok(None);
    }
    let endpoint = Arc::clone(&stack.dialogs.endpoint);
    let transport = trunk.transport.transport();
    let to = target(address, transport);
    let via = endpoint.get_via((transport != Transport::Udp).then(|| to.clone()), None)?;
    let us = uri("switchboard", trunk.domain());
    let mut there = uri("", trunk.domain());
    there.auth = None;
    let from =
        rsipstack::sip::typed::From { display_name: None, uri: us, params: vec![] }.with_tag(make_tag());
    let named = rsipstack::sip::typed::To { display_name: None, uri: there.clone(), params: vec![] };
    let mut request = endpoint.make_request(Method::Options, there, via, from, named, 1, None);
    request
        .headers
        .unique_push(Header::Contact(format!("<{}>", stack.contact(address.ip(), transport, false)).into()));
    let key = TransactionKey::from_request(&request, TransactionRole::Client)?;
    let mut transaction = Transaction::new_client(key, request, endpoint, None);
    transaction.destination = Some(to);
    transaction.send().await?;
    while let Some(message) = transaction.receive().await {
        if let SipMessage::Response(response) = message
            && response.status_code.kind() != StatusCodeKind::Provisional
        {
            return Ok(Some(response.status_code.code()));
        }
    }
    Ok(None)
}

pub(super) async fn resolve(trunk: &TrunkConfig) -> Option<SocketAddr> {
    match tokio::net::lookup_host(trunk.address.as_str()).await {
        Ok(mut addresses) => addresses.next(),
        Err(error) => {
            tracing::warn!(trunk = trunk.name, %error, "a trunk's address can't be found");
            None
        }
    }
}

pub(super) fn credential(trunk: &TrunkConfig) -> Option<Credential> {
    let password = trunk.password_file.as_ref()?;
    (!trunk.username.is_empty()).then(|| Credential {
        username: trunk.username.clone(),
        password: password.reveal().to_owned(),
        ..Credential::default()
    })
}

fn target(address: SocketAddr, transport: Transport) -> SipAddr {
    SipAddr { r#type: Some(transport), addr: HostWithPort::from(address) }
}

pub(super) fn uri(user: &str, host: &str) -> Uri {
    Uri {
        scheme: Some(Scheme::Sip),
        auth: Some(Auth { user: user.to_owned(), password: None }),
        host_with_port: HostWithPort::try_from(host).unwrap_or_default(),
        ..Uri::default()
    }
}
