//! Signing in with a trunk: one REGISTER, digest and all (RFC 3261 §10.2).

use std::{net::SocketAddr, sync::Arc, time::Duration};

use rsipstack::{
    dialog::registration::Registration,
    sip::{Auth, Header, Param, Response, StatusCodeKind, Transport},
};

use super::{
    stack::Stack,
    trunk::{credential, resolve, uri},
};
use crate::{config::TrunkConfig, core::registration::Outcome};

/// How long a trunk has to answer, with its challenge.
const LIMIT: Duration = Duration::from_secs(8);

/// The registration with one trunk: its Call-ID and numbers go on from request to request.
pub struct SignIn<'a> {
    stack: &'a Stack,
    trunk: &'a TrunkConfig,
    registration: Registration,
    /// Where the trunk was when the contact was written.
    known: Option<SocketAddr>,
}

/// What a REGISTER came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub outcome: Outcome,
    /// For people: "403 forbidden".
    pub detail: String,
    /// Where the trunk is.
    pub address: Option<SocketAddr>,
}

impl<'a> SignIn<'a> {
    /// Nothing is sent yet.
    #[must_use]
    pub fn new(stack: &'a Stack, trunk: &'a TrunkConfig) -> Self {
        let registration = Registration::new(Arc::clone(&stack.dialogs.endpoint), credential(trunk));
        Self { stack, trunk, registration, known: None }
    }

    /// Asks to be signed in for so many seconds; 0: not any more.
    pub async fn ask(&mut self, seconds: u32) -> Told {
        let silent = |detail: &str, address| Told {
            outcome: Outcome::Silent(None),
            detail: detail.to_owned(),
            address,
        };
        let Some(address) = resolve(self.trunk).await else {
            return silent("its address is not found", None);
        };
        self.go_to(address);
        let mut server = uri("", self.trunk.domain());
        server.auth = None;
        let transport = self.trunk.transport.transport();
        if transport != Transport::Udp {
            server.params.push(Param::Transport(transport));
        }
        if !self.stack.connected_to(self.trunk, address).await {
            return silent("it takes no connection", Some(address));
        }
        let asked = self.registration.register(server, Some(seconds));
        match tokio::time::timeout(LIMIT, asked).await {
            Err(_) => silent("it does not answer", Some(address)),
            Ok(Err(error)) => silent(&error.to_string(), Some(address)),
            Ok(Ok(response)) => {
                let granted = self.registration.granted_expires.unwrap_or(seconds);
                Told {
                    outcome: outcome(&response, granted),
                    detail: response.status_code.to_string().to_lowercase(),
                    address: Some(address),
                }
            }
        }
    }

    /// Writes our contact as the trunk at this address reaches it.
    fn go_to(&mut self, address: SocketAddr) {
        self.registration.outbound_proxy = Some(address);
        if self.known != Some(address) {
            self.known = Some(address);
            let mut contact = self.stack.contact(address.ip(), self.trunk.transport.transport(), false);
            contact.auth = Some(Auth { user: self.trunk.username.clone(), password: None });
            self.registration.contact =
                Some(rsipstack::sip::typed::Contact { display_name: None, uri: contact, params: vec![] });
        }
    }
}

fn outcome(response: &Response, granted: u32) -> Outcome {
    let seconds = |text: &str| text.split([';', '(', ' ']).next()?.trim().parse::<u32>().ok();
    let retry = || {
        response.headers.iter().find_map(|header| match header {
            Header::RetryAfter(value) => seconds(value.value().trim()),
            _ => None,
        })
    };
    let least = || {
        response.headers.iter().find_map(|header| match header {
            Header::MinExpires(value) => seconds(value.value().trim()),
            _ => None,
        })
    };
    match (response.status_code.kind(), response.status_code.code()) {
        (StatusCodeKind::Successful, _) => Outcome::Granted(granted),
        (_, 423) => Outcome::Brief(least().unwrap_or(0)),
        (_, 408 | 480 | 491 | 500..=599) => Outcome::Silent(retry()),
        _ => Outcome::Refused(retry()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: &str, header: &str) -> Outcome {
        let text = format!(
            "SIP/2.0 {status} x\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n\
             To: <sip:a@b>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\n{header}Content-Length: 0\r\n\r\n"
        );
        outcome(&Response::try_from(text.as_bytes()).unwrap(), 60)
    }

    #[test]
    fn answers_are_told_apart() {
        assert_eq!(of("200", ""), Outcome::Granted(60));
        assert_eq!(of("423", "Min-Expires: 300\r\n"), Outcome::Brief(300));
        assert_eq!(of("403", ""), Outcome::Refused(None));
        assert_eq!(of("404", "Retry-After: 120 (busy)\r\n"), Outcome::Refused(Some(120)));
        assert_eq!(of("503", "Retry-After: 5;duration=60\r\n"), Outcome::Silent(Some(5)));
    }
}
