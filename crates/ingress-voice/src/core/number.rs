//! Telephone numbers as they stand in SIP addresses.

/// The E.164 form ("+15550100") of a SIP user part: with or without "+", visual separators and parameters ignored
/// (RFC 3966 §3). `None` when it is no number with a country code.
#[must_use]
pub fn e164(user: &str) -> Option<String> {
    let number = user.split(';').next().unwrap_or_default();
    let number = number.strip_prefix('+').or_else(|| number.strip_prefix("%2B")).unwrap_or(number);
    ingress::e164(&format!("+{number}"), None).ok()
}

#[cfg(test)]
mod tests {
    use super::e164;

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
