//! How people find a customer: the words a customer is found under, and what a query asks for.
//!
//! Words are compared by prefix with plain byte order, which a B-tree serves under row-level security on every
//! Postgres; the operators of `pg_trgm` and `ILIKE` are not leak-proof, so their indexes are left unused there.

use super::identity::{Identity, Kind};

/// Longest word that is kept.
const WORD_CHARS: usize = 64;
/// Most words kept of one customer.
const WORDS: usize = 64;
/// Most words of a query that count.
const QUERY_WORDS: usize = 6;
/// Shortest end of a number that finds it.
const PHONE_TAIL: usize = 4;

/// What a query asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Every one must be the beginning of a word of the customer.
    pub prefixes: Vec<String>,
    /// The customer of the case with this number is found as well.
    pub case_number: Option<i64>,
}

/// The words a customer is found under: each word of the name, the mail address and its parts, a number from any of
/// its digits on (at least the last four). Sorted, without repetition.
pub fn words(name: &str, identities: &[Identity]) -> Vec<String> {
    let mut words: Vec<String> = split(name).collect();
    for identity in identities {
        match identity.kind {
            Kind::Visitor => {}
            Kind::Phone => {
                let digits = identity.value.trim_start_matches('+');
                let last = digits.len().saturating_sub(PHONE_TAIL);
                words.extend((0..=last).filter_map(|from| digits.get(from..)).map(str::to_owned));
            }
            Kind::Email => {
                words.push(cut(&identity.value));
                words.extend(split(&identity.value));
            }
        }
    }
    words.sort();
    words.dedup();
    words.truncate(WORDS);
    words
}

/// Reads what somebody typed: `smith`, `ann smi`, `+1 555 0123`, `ann@example.org`, `#42`.
pub fn query(text: &str) -> Query {
    let text = text.trim();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let case_number = text.strip_prefix('#').unwrap_or(text).parse().ok().filter(|number| *number > 0);
    if text.starts_with('#') {
        return Query { prefixes: Vec::new(), case_number };
    }
    let is_number =
        !digits.is_empty() && text.chars().all(|c| c.is_ascii_digit() || "+-./() \u{a0}".contains(c));
    let prefixes = if is_number {
        vec![without_trunk_zeros(digits)]
    } else if text.contains('@') && !text.contains(char::is_whitespace) {
        vec![cut(&text.to_lowercase())]
    } else {
        split(text).take(QUERY_WORDS).collect()
    };
    Query { prefixes, case_number }
}

/// The text after every word that begins with `prefix`, in byte order of UTF-8.
pub fn upper_bound(prefix: &str) -> String {
    format!("{prefix}{}", char::MAX)
}

/// A whole national number is dialled with a leading zero that the stored form has not.
fn without_trunk_zeros(digits: String) -> String {
    if digits.len() < 9 { digits } else { digits.trim_start_matches('0').to_owned() }
}

fn split(text: &str) -> impl Iterator<Item = String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| cut(&word.to_lowercase()))
}

fn cut(word: &str) -> String {
    word.chars().take(WORD_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::{Query, query, words};
    use crate::core::identity::{Identity, Kind};

    fn found(name: &str, identities: &[Identity], text: &str) -> bool {
        let words = words(name, identities);
        let query = query(text);
        !query.prefixes.is_empty()
            && query.prefixes.iter().all(|prefix| words.iter().any(|word| word.starts_with(prefix)))
    }

    #[test]
    fn a_customer_is_found_by_any_words_of_the_name() {
        for text in ["ann", "ANN", "smi", "smith ann", "Müller"] {
            assert!(found("Ann Smith-Müller", &[], text), "{text}");
        }
        assert!(!found("Ann Smith-Müller", &[], "ann jones"));
    }

    #[test]
    fn a_number_is_found_from_any_digit_on_in_any_notation() {
        let phone = [Identity { kind: Kind::Phone, value: "+15550123".to_owned() }];

        for text in ["+15550123", "1 (555) 01-23", "5550123", "0123", "+1555"] {
            assert!(found("", &phone, text), "{text}");
        }
        assert!(!found("", &phone, "123"), "the last three digits are too few");

        let british = [Identity { kind: Kind::Phone, value: "+442079460018".to_owned() }];
        assert!(found("", &british, "020 7946 0018"));
    }

    #[test]
    fn mail_is_found_whole_and_by_part() {
        let mail = [Identity { kind: Kind::Email, value: "ann.smith@example.org".to_owned() }];

        for text in ["ann.smith@example.org", "Ann.Smith@ex", "example", "smith"] {
            assert!(found("", &mail, text), "{text}");
        }
    }

    #[test]
    fn a_case_number_is_asked_for_with_and_without_its_sign() {
        assert_eq!(query("#42"), Query { prefixes: vec![], case_number: Some(42) });
        assert_eq!(query("42"), Query { prefixes: vec!["42".to_owned()], case_number: Some(42) });
        assert_eq!(query("#x"), Query::default());
    }

    #[test]
    fn a_query_of_signs_asks_for_nothing() {
        assert_eq!(query("%_'\"* ()"), Query::default());
    }
}
