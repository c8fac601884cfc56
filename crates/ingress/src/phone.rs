//! One spelling for telephone numbers: E.164 with "+" (ITU-T E.164: at most 15 digits, country code first).
//!
//! This normalises what carriers and people write; whether a number is assigned is for the carrier to say.

/// Why a text is not a telephone number.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PhoneError {
    /// A character that no telephone number has.
    #[error("contains {0:?}, may contain digits, spaces and + - . ( ) /")]
    Character(char),
    /// Too few or too many digits.
    #[error("has {0} digits with its country code, must have 5 to 15")]
    Length(usize),
    /// No "+", no "00", and nobody said which country it is from.
    #[error("has no country code")]
    Country,
}

/// The E.164 form of `text`: `"+1 (555) 010-0123"` and `"0015550100123"` give `"+15550100123"`.
///
/// `country` is the calling code ("351") of numbers written the national way; one leading 0 of those is a trunk
/// prefix and falls away. A SIP or tel URI must be reduced to its user part first.
pub fn e164(text: &str, country: Option<&str>) -> Result<String, PhoneError> {
    let text = text.trim();
    let (international, rest) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut digits = String::with_capacity(16);
    for character in rest.chars() {
        match character {
            '0'..='9' => digits.push(character),
            ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' => {}
            other => return Err(PhoneError::Character(other)),
        }
        if digits.len() > 20 {
            return Err(PhoneError::Length(digits.len()));
        }
    }
    let digits = match (international, digits.strip_prefix("00"), country) {
        (true, _, _) => digits,
        (false, Some(rest), _) => rest.to_owned(),
        (false, None, Some(code)) => format!("{code}{}", digits.strip_prefix('0').unwrap_or(&digits)),
        (false, None, None) => return Err(PhoneError::Country),
    };
    match digits.len() {
        5..=15 if !digits.starts_with('0') => Ok(format!("+{digits}")),
        5..=15 => Err(PhoneError::Country),
        length => Err(PhoneError::Length(length)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{PhoneError, e164};

    #[test]
    fn however_it_is_written_it_is_one_number() {
        for text in ["+15550100123", "+1 (555) 010-0123", "001 555 010 0123", " +1.555.010.0123 "] {
            assert_eq!(e164(text, None).as_deref(), Ok("+15550100123"), "{text}");
        }
    }

    #[test]
    fn a_national_number_takes_the_code_of_its_country() {
        assert_eq!(e164("020 7946 0018", Some("44")).as_deref(), Ok("+442079460018"));
        assert_eq!(e164("555 010 0123", Some("1")).as_deref(), Ok("+15550100123"));
        assert_eq!(e164("5550100123", None), Err(PhoneError::Country));
    }

    #[test]
    fn what_is_no_number_says_why() {
        assert_eq!(e164("+1555abc", None), Err(PhoneError::Character('a')));
        assert_eq!(e164("anonymous", None), Err(PhoneError::Character('a')));
        assert_eq!(e164("+12", None), Err(PhoneError::Length(2)));
        assert_eq!(e164("+1234567890123456", None), Err(PhoneError::Length(16)));
        assert_eq!(e164("+0123456", None), Err(PhoneError::Country));
    }

    proptest! {
        #[test]
        fn nothing_a_network_can_send_breaks_it(text in ".{0,40}") {
            if let Ok(number) = e164(&text, Some("1")) {
                prop_assert!(number.len() <= 16);
                prop_assert_eq!(e164(&number, None), Ok(number.clone()));
            }
        }
    }
}
