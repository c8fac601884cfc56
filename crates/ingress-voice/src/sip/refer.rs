//! Whom a REFER (RFC 3515) names.

use crate::core::{call::Target, number::e164};

/// Longest name that is taken, in characters.
const NAME: usize = 64;

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
    if let Some(number) = e164(user) {
        return Some(Target::Number(number));
    }
    let plain = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_' | '.');
    user.chars().all(plain).then(|| Target::Agent(user.to_lowercase()))
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
    }

    #[test]
    fn what_names_nobody_or_replaces_a_dialog_is_refused() {
        for wrong in
            ["", "<sip:@host>", "mailto:bob@host", "<sip:bob@host?Replaces=abc%3Bto-tag%3D1>", "<sip:b\"b@h>"]
        {
            assert_eq!(target(wrong), None, "{wrong}");
        }
    }
}
