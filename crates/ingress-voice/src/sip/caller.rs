//! Who calls, as the INVITE tells it.

use contract::interaction::v1::CustomerAddress;
use rsipstack::sip::{Request, prelude::HeadersExt as _, prelude::ToTypedHeader as _};

use crate::core::number::e164;

/// Longest display name that is kept, in characters.
const NAME: usize = 100;

/// Number and name of the caller: the network's assertion (RFC 3325) before the caller's own `From`. An anonymous
/// caller has neither.
#[must_use]
pub fn of(invite: &Request) -> CustomerAddress {
    let from = invite.from_header().ok().and_then(|from| from.typed().ok());
    let asserted = invite.headers.iter().find_map(|header| match header {
        rsipstack::sip::Header::PAssertedIdentity(value) => number_in(value.value()),
        _ => None,
    });
    let (user, name) = match from {
        Some(from) => (
            from.uri.user().unwrap_or_default().to_owned(),
            from.display_name.unwrap_or_default().trim_matches('"').trim().to_owned(),
        ),
        None => Default::default(),
    };
    let anonymous = user.eq_ignore_ascii_case("anonymous");
    let phone = asserted.or_else(|| e164(&user)).unwrap_or_default();
    // A caller without a number is still told apart by the name it calls itself.
    let display_name = match (name.is_empty() || anonymous, phone.is_empty() && !anonymous) {
        (false, _) => name,
        (true, true) => user,
        (true, false) => String::new(),
    };
    CustomerAddress { phone, display_name: display_name.chars().take(NAME).collect(), ..Default::default() }
}

/// For people who see the call: the name, else the number, else a word.
#[must_use]
pub fn label(customer: &CustomerAddress) -> String {
    if !customer.display_name.is_empty() {
        customer.display_name.clone()
    } else if !customer.phone.is_empty() {
        customer.phone.clone()
    } else {
        "anonymous".to_owned()
    }
}

fn number_in(value: &str) -> Option<String> {
    let address = value.split_once('<').map_or(value, |(_, rest)| rest);
    let user = address.trim_start_matches("sips:").trim_start_matches("sip:").trim_start_matches("tel:");
    e164(user.split(['@', '>', ';']).next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invite(from: &str, more: &str) -> Request {
        let text = format!(
            "INVITE sip:+15550100@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1\r\n\
             From: {from};tag=1\r\nTo: <sip:+15550100@127.0.0.1>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n{more}\
             Content-Length: 0\r\n\r\n"
        );
        Request::try_from(text.as_bytes()).unwrap()
    }

    #[test]
    fn number_and_name_come_from_the_caller() {
        let customer = of(&invite("\"Zoe\" <sip:+1-555-0123@127.0.0.1>", ""));

        assert_eq!((customer.phone.as_str(), customer.display_name.as_str()), ("+15550123", "Zoe"));
    }

    #[test]
    fn the_networks_assertion_wins() {
        let customer = of(&invite(
            "<sip:spoofed@x.example>",
            "P-Asserted-Identity: <sip:+15550188@carrier.example>\r\n",
        ));

        assert_eq!(customer.phone, "+15550188");
    }

    #[test]
    fn an_anonymous_caller_has_neither() {
        let customer = of(&invite("\"Anonymous\" <sip:anonymous@anonymous.invalid>", ""));

        assert_eq!(customer, CustomerAddress::default());
        assert_eq!(label(&customer), "anonymous");
    }

    #[test]
    fn a_caller_without_a_number_keeps_a_name() {
        assert_eq!(label(&of(&invite("<sip:zoe@x.example>", ""))), "zoe");
    }
}
