//! Whom a REFER (RFC 3515) names.

use crate::core::{call::Target, number::e164};

/// Longest name that is taken, in characters.
const NAME: usize = 64;
/// Longest extension: digits alone up to here are no telephone number.
const EXTENSION: usize = 6;

/// An agent or a number of `Refer-To`. None when it is neither, and when it replaces a dialog (RFC 3891).
#[must_use]
pub fn target(refer_to: &str) -> Option<Target> {
    let address = refer_to.split_once('<').map_or(refer_to, |(_, rest)| rest);
    let address = address.split('>').next()?.trim();
    if address.to_ascii_lowercase().contains("replaces=") {
        return None;
    }
    let (scheme, rest) = address.split_once(':')?;
    if !["sip", "sips", "tel"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return None;
    }
    let user = rest.split(['@', ';', '?']).next()?.trim();
    if user.is_empty() || user.len() > NAME {
        return None;
    }
    let extension = user.len() <= EXTENSION && user.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(number) = e164(user).filter(|_| !extension) {
        return Some(Target::Number(number));
    }
    let plain = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_' | '.');
    user.chars().all(plain).then(|| Target::Agent(user.to_lowercase()))
}

/// The dialog that a request wants replaced (RFC 3891 §6.1), as its recipient knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaces {
    call_id: String,
    to_tag: String,
    from_tag: String,
}

impl Replaces {
    /// Reads `call-id;to-tag=…;from-tag=…`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let call_id = parts.next().filter(|id| !id.is_empty())?.to_owned();
        let (mut to_tag, mut from_tag) = (None, None);
        for (key, value) in parts.filter_map(|part| part.split_once('=')) {
            match key.trim().to_ascii_lowercase().as_str() {
                "to-tag" => to_tag = Some(value.trim().to_owned()),
                "from-tag" => from_tag = Some(value.trim().to_owned()),
                _ => {}
            }
        }
        Some(Self { call_id, to_tag: to_tag?, from_tag: from_tag? })
    }

    /// The Call-ID of the dialog.
    #[must_use]
    pub fn call_id(&self) -> &str {
        &self.call_id
    }

    /// Whether it is this dialog of ours.
    #[must_use]
    pub fn names(&self, call_id: &str, local_tag: &str, remote_tag: &str) -> bool {
        self.call_id == call_id && self.to_tag == local_tag && self.from_tag == remote_tag
    }
}

/// The `Replaces` among the headers of a `Refer-To`.
#[must_use]
pub fn replaced(refer_to: &str) -> Option<Replaces> {
    let address = refer_to.split_once('<').map_or(refer_to, |(_, rest)| rest);
    let (_, headers) = address.split('>').next()?.split_once('?')?;
    let value = headers.split('&').find_map(|header| {
        let (name, value) = header.split_once('=')?;
        name.eq_ignore_ascii_case("replaces").then_some(value)
    })?;
    Replaces::parse(&unescaped(value)?)
}

/// Undoes `%3B`.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            bytes.push((digit(rest.next())? * 16 + digit(rest.next())?) as u8);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_agents_and_numbers_are_numbers() {
        let number = || Some(Target::Number("+15550177".to_owned()));
        assert_eq!(target("<sip:Bob@127.0.0.1:5060>"), Some(Target::Agent("bob".to_owned())));
        assert_eq!(target("\"B\" <sip:+1-555-0177@127.0.0.1;user=phone>"), number());
        assert_eq!(target("tel:+15550177"), number());
        assert_eq!(target("<sip:15550177@127.0.0.1>"), number());
        assert_eq!(
            target("<sip:123456@127.0.0.1>"),
            Some(Target::Agent("123456".to_owned())),
            "an extension"
        );
    }

    #[test]
    fn what_names_nobody_or_replaces_a_dialog_is_refused() {
        for wrong in
            ["", "<sip:@host>", "mailto:bob@host", "<sip:bob@host?Replaces=abc%3Bto-tag%3D1>", "<sip:b\"b@h>"]
        {
            assert_eq!(target(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_dialog_to_be_replaced_is_read_out_of_a_refer_to() {
        let refer_to = "<sip:bob@h;x=y?Require=replaces&Replaces=a%40b%3Bfrom-tag%3Df1%3Bto-tag%3Dt1>";

        let replaces = replaced(refer_to).unwrap();

        assert!(replaces.names("a@b", "t1", "f1"));
        assert!(!replaces.names("a@b", "f1", "t1") && !replaces.names("other", "t1", "f1"));
        for wrong in
            ["<sip:bob@h>", "<sip:bob@h?Replaces=a>", "<sip:bob@h?Replaces=%zz%3Bto-tag%3D1%3Bfrom-tag%3D2>"]
        {
            assert_eq!(replaced(wrong), None, "{wrong}");
        }
    }
}
