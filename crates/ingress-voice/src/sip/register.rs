//! What a REGISTER asks for (RFC 3261 §10).

use rsipstack::sip::{Header, Param, Request, prelude::HeadersExt as _, typed};
use thiserror::Error;

/// Shortest and longest time a phone may register for, in seconds.
pub const EXPIRES: std::ops::RangeInclusive<u32> = 30..=3_600;
/// Used when the phone names none.
const DEFAULT_EXPIRES: u32 = 600;
/// Most contacts in one request.
const MAX_CONTACTS: usize = 10;
/// Longest contact address, in characters.
const MAX_URI: usize = 512;

/// One phone to add, renew or (with no time left) remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The contact's SIP URI.
    pub contact: String,
    /// Seconds; 0 removes.
    pub expires: u32,
}

/// What the phone wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// To be told what is registered.
    List,
    /// All its user's phones forgotten.
    RemoveAll,
    /// These bindings made so.
    Bind(Vec<Binding>),
}

/// Why a REGISTER can't be understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RegisterError {
    /// No usable user in the `To` header.
    #[error("the To header names no user")]
    User,
    /// A contact is no SIP URI, or too long, or there are too many.
    #[error("a Contact header is wrong")]
    Contact,
    /// Shorter than the limit.
    #[error("the expiry is too brief")]
    TooBrief,
}

/// The address of record's user, in lower case.
pub fn user(request: &Request) -> Result<String, RegisterError> {
    let uri = request.to_header().map_err(|_| RegisterError::User)?.uri().map_err(|_| RegisterError::User)?;
    match uri.user() {
        Some(user) if !user.is_empty() && user.len() <= 63 => Ok(user.to_ascii_lowercase()),
        _ => Err(RegisterError::User),
    }
}

/// Reads contacts and expiry.
pub fn wish(request: &Request) -> Result<Wish, RegisterError> {
    let default = request
        .headers
        .iter()
        .find_map(|header| match header {
            Header::Expires(value) => value.value().trim().parse().ok(),
            _ => None,
        })
        .unwrap_or(DEFAULT_EXPIRES);
    let mut bindings = Vec::new();
    for header in request.headers.iter() {
        let Header::Contact(value) = header else { continue };
        if value.value().trim() == "*" {
            return if default == 0 { Ok(Wish::RemoveAll) } else { Err(RegisterError::Contact) };
        }
        for contact in split(value.value()) {
            bindings.push(binding(contact, default)?);
            if bindings.len() > MAX_CONTACTS {
                return Err(RegisterError::Contact);
            }
        }
    }
    Ok(if bindings.is_empty() { Wish::List } else { Wish::Bind(bindings) })
}

fn binding(value: &str, default: u32) -> Result<Binding, RegisterError> {
    let contact = typed::Contact::parse(value).map_err(|_| RegisterError::Contact)?;
    let own = contact.params.iter().find_map(|param| match param {
        Param::Expires(seconds) => seconds.value().parse().ok(),
        _ => None,
    });
    let expires: u32 = own.unwrap_or(default);
    if expires != 0 && expires < *EXPIRES.start() {
        return Err(RegisterError::TooBrief);
    }
    let uri = contact.uri.to_string();
    if uri.len() > MAX_URI || !uri.to_ascii_lowercase().starts_with("sip:") {
        return Err(RegisterError::Contact);
    }
    Ok(Binding { contact: uri, expires: expires.min(*EXPIRES.end()) })
}

/// Splits at commas outside of `<…>` and quotes.
fn split(value: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut depth) = (Vec::new(), 0, false, 0i32);
    for (place, character) in value.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '<' if !quoted => depth += 1,
            '>' if !quoted => depth -= 1,
            ',' if !quoted && depth <= 0 => {
                parts.push(value[start..place].trim());
                start = place + 1;
            }
            _ => {}
        }
    }
    parts.push(value[start..].trim());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn register(headers: &str) -> Request {
        let text = format!(
            "REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1\r\n\
             From: <sip:Ann@127.0.0.1>;tag=1\r\nTo: <sip:Ann@127.0.0.1>\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\n{headers}\
             Content-Length: 0\r\n\r\n"
        );
        Request::try_from(text.as_bytes()).unwrap()
    }

    #[test]
    fn contacts_have_their_own_or_the_common_expiry() {
        let request = register(
            "Contact: \"A, B\" <sip:ann@192.0.2.1:5062;ob>;expires=60, <sip:ann@192.0.2.2>\r\nExpires: 99999\r\n",
        );

        let Wish::Bind(bindings) = wish(&request).unwrap() else { panic!() };

        assert_eq!(user(&request).unwrap(), "ann");
        assert_eq!(bindings.iter().map(|binding| binding.expires).collect::<Vec<_>>(), [60, 3_600]);
        assert!(bindings[0].contact.starts_with("sip:ann@192.0.2.1:5062"));
    }

    #[test]
    fn no_contact_lists_and_a_star_with_no_time_removes_all() {
        assert_eq!(wish(&register("")).unwrap(), Wish::List);
        assert_eq!(wish(&register("Contact: *\r\nExpires: 0\r\n")).unwrap(), Wish::RemoveAll);
        assert_eq!(wish(&register("Contact: *\r\n")), Err(RegisterError::Contact));
    }

    #[test]
    fn too_brief_and_foreign_contacts_are_refused() {
        assert_eq!(wish(&register("Contact: <sip:a@b>;expires=5\r\n")), Err(RegisterError::TooBrief));
        assert_eq!(wish(&register("Contact: <tel:+15550100>\r\n")), Err(RegisterError::Contact));
    }
}
