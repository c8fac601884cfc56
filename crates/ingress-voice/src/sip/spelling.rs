//! Digest as others spell it. The stack reads "SHA256" where RFC 8760 has "SHA-256", takes no list of `qop`, and looks at
//! the first challenge alone: challenges are put into its words on their way in, its answers into the RFC's on their way out.
//! And Via as RFC 3261 §18.1.1 has it over TCP and TLS, and whom PRACK is for.

use std::{fmt::Write as _, net::IpAddr};

use rsipstack::{
    sip::{
        Header, Headers, HostWithPort, Method, Request, SipMessage, StatusCode, Transport,
        prelude::{HeadersExt as _, ToTypedHeader as _},
    },
    transaction::endpoint::MessageInspector,
    transport::SipAddr,
};

use super::{address::Ours, digest::fields, reliable::Reliable};

/// Sits between the stack and its transports.
pub struct Spelling {
    pub ours: Ours,
    pub reliable: Reliable,
}

impl MessageInspector for Spelling {
    fn before_send(&self, mut message: SipMessage, destination: Option<&SipAddr>) -> SipMessage {
        if let (SipMessage::Request(request), Some(to)) = (&mut message, destination)
            && let Ok(to) = to.get_socketaddr()
        {
            self.say_where(request, to.ip());
        }
        if let SipMessage::Request(request) = &mut message
            && request.method == Method::PRack
        {
            self.reliable.address(request);
        }
        if let SipMessage::Request(request) = &mut message {
            let signed =
                |header: &Header| matches!(header, Header::Authorization(_) | Header::ProxyAuthorization(_));
            if request.headers.iter().any(signed) {
                request.headers = request.headers.iter().cloned().map(spelled_out).collect::<Vec<_>>().into();
            }
        }
        message
    }

    fn after_received(&self, mut message: SipMessage, _: Option<&SipAddr>) -> SipMessage {
        if let SipMessage::Response(response) = &message {
            self.reliable.note(response);
        }
        if let SipMessage::Response(response) = &mut message
            && matches!(
                response.status_code,
                StatusCode::Unauthorized | StatusCode::ProxyAuthenticationRequired
            )
        {
            choose(&mut response.headers);
        }
        message
    }
}

impl Spelling {
    /// Puts our own address into the Via of a request that goes over a connection; the stack knows but the one of UDP.
    fn say_where(&self, request: &mut Request, peer: IpAddr) {
        let Ok(via) = request.via_header_mut() else { return };
        let Ok(mut typed) = via.typed() else { return };
        if matches!(typed.transport, Transport::Tcp | Transport::Tls) {
            typed.uri.host_with_port = HostWithPort::from(self.ours.towards(peer, typed.transport));
            *via = typed.into();
        }
    }
}

/// Keeps the first challenge that can be answered (RFC 8760 §2.4), in the stack's words; changes nothing if there is none.
fn choose(headers: &mut Headers) {
    let is_challenge =
        |header: &Header| matches!(header, Header::WwwAuthenticate(_) | Header::ProxyAuthenticate(_));
    let chosen = headers.iter().find_map(|header| match header {
        Header::WwwAuthenticate(value) => {
            readable(value.value()).map(|text| Header::WwwAuthenticate(text.into()))
        }
        Header::ProxyAuthenticate(value) => {
            readable(value.value()).map(|text| Header::ProxyAuthenticate(text.into()))
        }
        _ => None,
    });
    if let Some(chosen) = chosen {
        let mut kept: Vec<Header> = headers.iter().filter(|header| !is_challenge(header)).cloned().collect();
        kept.push(chosen);
        *headers = kept.into();
    }
}

/// A challenge in the stack's words; none when it asks for what neither side of us can do.
fn readable(challenge: &str) -> Option<String> {
    let (scheme, rest) = challenge.trim().split_once(char::is_whitespace)?;
    if !scheme.eq_ignore_ascii_case("digest") {
        return None;
    }
    let fields = fields(rest);
    let get =
        |name: &str| fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| *value);
    let algorithm = match get("algorithm") {
        None => "MD5",
        Some(name) if name.eq_ignore_ascii_case("md5") => "MD5",
        Some(name) if name.eq_ignore_ascii_case("sha-256") => "SHA256",
        Some(_) => return None,
    };
    let mut text = format!("Digest realm=\"{}\", nonce=\"{}\"", get("realm")?, get("nonce")?);
    if let Some(opaque) = get("opaque") {
        let _ = write!(text, ", opaque=\"{opaque}\"");
    }
    if get("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")) {
        text.push_str(", stale=true");
    }
    let _ = write!(text, ", algorithm={algorithm}");
    match get("qop") {
        None => {}
        Some(list) if list.split(',').any(|one| one.trim().eq_ignore_ascii_case("auth")) => {
            text.push_str(", qop=\"auth\"");
        }
        Some(_) => return None,
    }
    Some(text)
}

/// The stack's answer in the RFC's words.
fn spelled_out(header: Header) -> Header {
    let right = |text: &str| {
        text.replace(", algorithm=SHA256", ", algorithm=SHA-256").replace(", qop=\"auth\"", ", qop=auth")
    };
    match header {
        Header::Authorization(value) => Header::Authorization(right(value.value()).into()),
        Header::ProxyAuthorization(value) => Header::ProxyAuthorization(right(value.value()).into()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelling() -> Spelling {
        let ours = Ours { port: 5060, tls_port: Some(5061), advertised: Some([203, 0, 113, 9].into()) };
        Spelling { ours, reliable: Reliable::default() }
    }

    #[test]
    fn a_request_over_a_connection_says_where_we_are() {
        let sent = |transport: &str| {
            let text = format!(
                "BYE sip:a@b SIP/2.0\r\nVia: SIP/2.0/{transport} 0.0.0.0:9;branch=z9hG4bK1;rport;alias\r\nFrom: <sip:a@b>;tag=1\r\n\
                 To: <sip:a@b>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n"
            );
            let message = SipMessage::try_from(text.as_bytes()).unwrap();
            let to = SipAddr::from("192.0.2.1:4000".parse::<std::net::SocketAddr>().unwrap());
            let SipMessage::Request(request) = spelling().before_send(message, Some(&to)) else { panic!() };
            request.via_header().unwrap().value().to_owned()
        };

        assert!(sent("TLS").starts_with("SIP/2.0/TLS 203.0.113.9:5061;branch=z9hG4bK1"), "{}", sent("TLS"));
        assert!(sent("TCP").starts_with("SIP/2.0/TCP 203.0.113.9:5060;"));
        assert!(sent("UDP").starts_with("SIP/2.0/UDP 0.0.0.0:9;"));
    }

    fn received(challenges: &str) -> Vec<String> {
        let text = format!(
            "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n\
             To: <sip:a@b>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\n{challenges}Content-Length: 0\r\n\r\n"
        );
        let message = SipMessage::try_from(text.as_bytes()).unwrap();
        let SipMessage::Response(response) = spelling().after_received(message, None) else {
            panic!("a response")
        };
        let value = |header: &Header| match header {
            Header::WwwAuthenticate(value) => Some(value.value().to_owned()),
            _ => None,
        };
        response.headers.iter().filter_map(value).collect()
    }

    #[test]
    fn the_first_challenge_that_can_be_answered_is_kept_in_the_stacks_words() {
        let left = received(
            "WWW-Authenticate: Digest realm=\"r\", nonce=\"n0\", algorithm=SHA-512-256, qop=\"auth\"\r\n\
             WWW-Authenticate: Digest realm=\"r, s\", nonce=\"n1\", algorithm=SHA-256, qop=\"auth-int, auth\", opaque=\"o\"\r\n\
             WWW-Authenticate: Digest realm=\"r\", nonce=\"n2\", algorithm=MD5\r\n",
        );

        assert_eq!(
            left,
            ["Digest realm=\"r, s\", nonce=\"n1\", opaque=\"o\", algorithm=SHA256, qop=\"auth\""]
        );
    }

    #[test]
    fn a_challenge_of_the_old_days_is_answered_and_an_unknown_one_left_alone() {
        assert_eq!(
            received("WWW-Authenticate: Digest realm=\"r\",nonce=\"n\",stale=TRUE\r\n"),
            ["Digest realm=\"r\", nonce=\"n\", stale=true, algorithm=MD5"]
        );
        let other = "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"";
        assert_eq!(received(&format!("WWW-Authenticate: {other}\r\n")), [other]);
    }

    #[test]
    fn answers_leave_in_the_words_of_the_rfc() {
        let ours = "Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"sip:b\", response=\"0\", algorithm=SHA256, \
                    qop=\"auth\", nc=00000001, cnonce=\"c\"";

        let Header::Authorization(right) = spelled_out(Header::Authorization(ours.into())) else { panic!() };

        assert!(right.value().contains("algorithm=SHA-256, qop=auth, nc=00000001"), "{}", right.value());
    }
}
