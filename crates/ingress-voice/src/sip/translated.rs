//! Callers behind address translation (RFC 3581 §4, RFC 5626 §1): what they say of themselves leads nowhere.

use std::net::SocketAddr;

use rsipstack::sip::{
    Header, HostWithPort, Request, Transport, Uri,
    headers::Contact,
    prelude::{HeadersExt as _, ToTypedHeader as _},
};

/// Puts the address that a call came from into its Contact, when the caller names another in Via and no proxy stands between.
/// The requests of that call, and of no other, then go back where it came from.
pub fn reach_back(invite: &mut Request, source: SocketAddr) {
    if !is_translated(invite, source) {
        return;
    }
    let Some(mut contact) = invite.contact_header().ok().and_then(|contact| contact.typed().ok()) else {
        return;
    };
    contact.uri.host_with_port = HostWithPort::from(source);
    invite.headers.unique_push(Header::Contact(contact.into()));
}

/// Where requests to whoever sent this one, inside a call, are to go: its Contact, at the address it came from where that is
/// translated. None: it has no Contact.
#[must_use]
pub fn target(request: &Request) -> Option<(Uri, Contact)> {
    let mut contact = request.contact_header().ok()?.typed().ok()?;
    if let Some(source) = translated_source(request) {
        contact.uri.host_with_port = HostWithPort::from(source);
    }
    Some((contact.uri.clone(), contact.into()))
}

/// The address that a request came from, as the stack notes it in Via, if the sender names another and no proxy stands between.
fn translated_source(request: &Request) -> Option<SocketAddr> {
    let mut vias = request.headers.iter().filter(|header| matches!(header, Header::Via(_)));
    let (Some(Header::Via(via)), None) = (vias.next(), vias.next()) else { return None };
    let via = via.typed().ok().filter(|via| via.transport == Transport::Udp)?;
    let ip = via.received()?.ok()?;
    let port = via.rport().flatten().or_else(|| via.uri.host_with_port.port.map(|port| port.value()))?;
    Some(SocketAddr::new(ip, port))
}

fn is_translated(invite: &Request, source: SocketAddr) -> bool {
    let mut vias = invite.headers.iter().filter_map(|header| match header {
        Header::Via(via) => Some(via),
        _ => None,
    });
    let (Some(via), None) = (vias.next(), vias.next()) else { return false };
    let Ok(via) = via.typed() else { return false };
    SocketAddr::try_from(via.uri.host_with_port) != Ok(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invite(vias: &[&str]) -> Request {
        let via = |via: &&str| format!("Via: SIP/2.0/UDP {via};branch=z9hG4bK1;rport\r\n");
        let vias = vias.iter().map(via).collect::<Vec<_>>().concat();
        let text = format!(
            "INVITE sip:+15550100@centre SIP/2.0\r\n{vias}From: <sip:ann@home>;tag=1\r\nTo: <sip:+15550100@centre>\r\n\
             Call-ID: 1\r\nCSeq: 1 INVITE\r\nContact: \"Ann\" <sip:ann@10.0.0.4:5062;ob>\r\nContent-Length: 0\r\n\r\n"
        );
        Request::try_from(text.as_bytes()).unwrap()
    }

    fn contact_after(vias: &[&str], source: &str) -> String {
        let mut invite = invite(vias);
        reach_back(&mut invite, source.parse().unwrap());
        assert_eq!(invite.headers.iter().filter(|header| matches!(header, Header::Contact(_))).count(), 1);
        invite.contact_header().unwrap().typed().unwrap().uri.to_string()
    }

    #[test]
    fn who_names_another_address_is_reached_where_the_call_came_from() {
        assert_eq!(contact_after(&["10.0.0.4:5062"], "203.0.113.9:40001"), "sip:ann@203.0.113.9:40001;ob");
        assert_eq!(contact_after(&["phone.local"], "203.0.113.9:40001"), "sip:ann@203.0.113.9:40001;ob");
    }

    #[test]
    fn requests_inside_a_call_follow_its_contact_and_the_translation() {
        let target = |via: &str| target(&invite(&[via])).unwrap().0.to_string();

        assert_eq!(target("10.0.0.4:5062"), "sip:ann@10.0.0.4:5062;ob");
        assert_eq!(target("10.0.0.9:1;received=203.0.113.9;rport=40002"), "sip:ann@203.0.113.9:40002;ob");
    }

    #[test]
    fn who_names_its_own_address_and_who_comes_by_a_proxy_is_reached_by_contact() {
        assert_eq!(contact_after(&["10.0.0.4:5062"], "10.0.0.4:5062"), "sip:ann@10.0.0.4:5062;ob");
        assert_eq!(
            contact_after(&["192.0.2.1:5060", "10.0.0.4:5062"], "192.0.2.1:5060"),
            "sip:ann@10.0.0.4:5062;ob"
        );
    }
}
