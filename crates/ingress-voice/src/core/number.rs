//! Telephone numbers as they stand in SIP addresses.

/// The E.164 form ("+15550100") of a SIP user part: with or without "+", visual separators and parameters ignored
/// (RFC 3966 §3). `None` when it is no number with a country code.
#[must_use]
pub fn e164(user: &str) -> Option<String> {
    let number = user.split(';').next().unwrap_or_default();
    let number = number.strip_prefix('+').or_else(|| number.strip_prefix("%2B")).unwrap_or(number);
    ingress::e164(&format!("+{number}"), None).ok()
}

/// The E.164 form of a number as people write it: international, or the national way of `country`. Whether it is assigned
/// is for the network to say.
#[must_use]
pub fn written(text: &str, country: Option<phonenumber::country::Id>) -> Option<String> {
    if text.len() > 40 {
        return None;
    }
    let number = phonenumber::parse(country, text).ok()?;
    e164(&number.format().mode(phonenumber::Mode::E164).to_string())
}

#[cfg(test)]
mod tests {
    use super::{e164, written};

    #[test]
    fn a_number_is_normalised_however_it_is_written() {
        let gb = Some(phonenumber::country::GB);
        assert_eq!(written("020 7946 0018", gb).as_deref(), Some("+442079460018"));
        assert_eq!(written("+44 (0)20 7946 0018", None).as_deref(), Some("+442079460018"));
        assert_eq!(written("+1 555 0177", None).as_deref(), Some("+15550177"));
        assert_eq!(written("020 7946 0018", None), None);
        for wrong in ["", "anna", "+", "123456789012345678901234567890123456789012345"] {
            assert_eq!(written(wrong, gb), None, "{wrong}");
        }
    }

    #[test]
    fn a_number_is_recognised_with_and_without_plus() {
        for user in ["+15550100", "15550100", "%2B15550100", "+1-555-0100", "15550100;phone-context=x"] {
            assert_eq!(e164(user).as_deref(), Some("+15550100"), "{user}");
        }
    }

    #[test]
    fn names_and_overlong_numbers_are_no_numbers() {
        for user in ["", "ann", "12", "1234567890123456", "+", "12a45"] {
            assert_eq!(e164(user), None, "{user}");
        }
    }
}
