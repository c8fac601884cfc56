//! The ways a customer is recognised, each in the one form that is stored and compared.

use std::fmt;

/// Digits of the shortest and longest number that can be called from abroad (ITU-T E.164, section 6).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// Longest mail address (RFC 5321, section 4.5.3.1.3).
const EMAIL_BYTES: usize = 254;
/// Longest visitor id that is kept.
const VISITOR_BYTES: usize = 200;

/// How strongly an identity names a person, strongest first: what we proved ourselves, then what the network says,
/// then what people say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Visitor id of a browser or app, proven by our own signed token.
    Visitor,
    /// E.164 with "+".
    Phone,
    /// Mail address in lower case.
    Email,
}

impl Kind {
    /// The number of `switchboard.crm.v1.IdentityKind`, which is also what is stored.
    pub const fn number(self) -> i16 {
        match self {
            Self::Phone => 1,
            Self::Email => 2,
            Self::Visitor => 3,
        }
    }

    /// The kind of a stored number.
    pub const fn from_number(number: i16) -> Option<Self> {
        match number {
            1 => Some(Self::Phone),
            2 => Some(Self::Email),
            3 => Some(Self::Visitor),
            _ => None,
        }
    }
}

/// One way a customer is recognised, in its stored form. Sorts by strength.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// Of what kind.
    pub kind: Kind,
    /// In normal form.
    pub value: String,
}

/// Why a text is not an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// A number nobody abroad could call.
    #[error("is not a number with country code, as in +15550123")]
    Phone,
    /// Not the shape of an address.
    #[error("is not a mail address")]
    Email,
    /// Empty or too long.
    #[error("is not a visitor id of 1 to 200 bytes")]
    Visitor,
}

/// How a channel says who is there, as `switchboard.interaction.v1.CustomerAddress` has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Address<'a> {
    /// As dialled from, in any notation.
    pub phone: &'a str,
    /// As typed.
    pub email: &'a str,
    /// Id of a browser or an app's user.
    pub visitor_id: &'a str,
    /// The id was proven by our own signed token.
    pub visitor_verified: bool,
}

impl Identity {
    /// Brings `value` into the normal form of its kind. `country_code` (digits, may be empty) completes national
    /// numbers.
    pub fn new(kind: Kind, value: &str, country_code: &str) -> Result<Self, IdentityError> {
        let value = match kind {
            Kind::Phone => phone(value, country_code).ok_or(IdentityError::Phone),
            Kind::Email => email(value).ok_or(IdentityError::Email),
            Kind::Visitor => visitor(value).ok_or(IdentityError::Visitor),
        }?;
        Ok(Self { kind, value })
    }

    /// Everything in `address` that names a person, strongest first. A visitor id that nobody proved names nobody;
    /// neither does a number or address that has no normal form.
    pub fn all_of(address: Address<'_>, country_code: &str) -> Vec<Self> {
        let proven = if address.visitor_verified { address.visitor_id } else { "" };
        [(Kind::Visitor, proven), (Kind::Phone, address.phone), (Kind::Email, address.email)]
            .into_iter()
            .filter_map(|(kind, value)| Self::new(kind, value, country_code).ok())
            .collect()
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.value)
    }
}

/// E.164 with "+" from the notations that networks and people use: `+1 (555) 01-23`, `tel:+155…`, `sip:+155…@host`,
/// `00155…`. A number without country code is completed by `country_code`, or else names nobody: guessing would
/// merge strangers.
fn phone(text: &str, country_code: &str) -> Option<String> {
    let text = text.trim();
    let text = ["sips:", "sip:", "tel:"].iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(text);
    let text = text.split(['@', ';']).next().unwrap_or_default();
    let international = text.trim_start().starts_with('+') || text.trim_start().starts_with("00");
    let mut digits = String::with_capacity(16);
    for (place, character) in text.trim().chars().enumerate() {
        match character {
            '0'..='9' => digits.push(character),
            '+' if place == 0 => {}
            ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' => {}
            _ => return None,
        }
        if digits.len() > 20 {
            return None;
        }
    }
    let digits = match (text.trim().starts_with('+'), international) {
        (true, _) => digits,
        (false, true) => digits.trim_start_matches('0').to_owned(),
        (false, false) if country_code.is_empty() => return None,
        (false, false) => format!("{country_code}{}", digits.trim_start_matches('0')),
    };
    let fits = PHONE_DIGITS.contains(&digits.len()) && !digits.starts_with('0');
    fits.then(|| format!("+{digits}"))
}

/// Lower case, one "@" with something on both sides, no spaces.
fn email(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (local, domain) = text.split_once('@')?;
    let sound = !local.is_empty()
        && !domain.is_empty()
        && !domain.contains('@')
        && text.len() <= EMAIL_BYTES
        && !text.chars().any(|character| character.is_whitespace() || character.is_control());
    sound.then_some(text)
}

fn visitor(text: &str) -> Option<String> {
    let text = text.trim();
    let sound = (1..=VISITOR_BYTES).contains(&text.len()) && !text.chars().any(char::is_control);
    sound.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Address, Identity, IdentityError, Kind};

    fn phone(text: &str) -> Option<String> {
        Identity::new(Kind::Phone, text, "").ok().map(|identity| identity.value)
    }

    #[test]
    fn one_number_has_one_form_however_it_is_written() {
        for text in [
            "+15550123",
            " +1 (555) 01-23 ",
            "tel:+1-555-0123",
            "sip:+15550123@10.0.0.1;user=phone",
            "0015550123",
        ] {
            assert_eq!(phone(text).as_deref(), Some("+15550123"), "{text}");
        }
    }

    #[test]
    fn a_number_without_country_code_names_nobody_unless_the_country_is_known() {
        assert_eq!(phone("020 7946 0018"), None);

        let in_britain = Identity::new(Kind::Phone, "020 7946 0018", "44").unwrap();

        assert_eq!(in_britain.value, "+442079460018");
    }

    #[test]
    fn what_cannot_be_called_names_nobody() {
        for text in
            ["", "anonymous", "sip:anonymous@anonymous.invalid", "+12", "+1234567890123456", "+0123456789"]
        {
            assert_eq!(phone(text), None, "{text}");
        }
    }

    #[test]
    fn mail_is_compared_in_lower_case() {
        let mail = |text| Identity::new(Kind::Email, text, "").map(|identity| identity.value);

        assert_eq!(mail(" Ann@Example.ORG ").as_deref(), Ok("ann@example.org"));
        for text in ["ann", "@x", "ann@", "a@b@c", "a b@c"] {
            assert_eq!(mail(text), Err(IdentityError::Email), "{text}");
        }
    }

    #[test]
    fn an_unproven_visitor_id_names_nobody() {
        let address = Address { visitor_id: "v1", email: "A@b.c", ..Address::default() };

        let unproven = Identity::all_of(address, "");
        let proven = Identity::all_of(Address { visitor_verified: true, ..address }, "");

        assert_eq!(unproven.iter().map(|identity| identity.kind).collect::<Vec<_>>(), [Kind::Email]);
        assert_eq!(
            proven.iter().map(|identity| identity.kind).collect::<Vec<_>>(),
            [Kind::Visitor, Kind::Email]
        );
    }
}
