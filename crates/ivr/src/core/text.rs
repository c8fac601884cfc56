//! Texts with variables in them: `Your balance is {balance}.`, `{account:digits}`. `{{` is a brace.

use std::collections::{BTreeMap, BTreeSet};

/// Longest name of a variable.
const MAX_NAME: usize = 32;

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'a> {
    Literal(&'a str),
    Variable { name: &'a str, form: Form },
}

/// How a value is put into a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    AsIs,
    /// One by one, so that a voice does not read a number of millions.
    Digits,
}

/// Whether a text can be the name of a variable: a-z, then a-z, 0-9 and `_`, at most 32 characters.
pub fn is_name(text: &str) -> bool {
    text.len() <= MAX_NAME
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

/// The text with its variables filled in; what is not known is left out.
pub fn fill(text: &str, variables: &BTreeMap<String, String>) -> String {
    filled(text, variables, str::to_owned)
}

/// As [`fill`], for the path of a URL: values are percent-encoded.
pub fn fill_path(text: &str, variables: &BTreeMap<String, String>) -> String {
    filled(text, variables, percent_encoded)
}

fn filled(text: &str, variables: &BTreeMap<String, String>, encode: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text).unwrap_or_else(|_| vec![Piece::Literal(text)]) {
        match piece {
            Piece::Literal(literal) => out.push_str(literal),
            Piece::Variable { name, form } => {
                let value = variables.get(name).map(String::as_str).unwrap_or_default();
                match form {
                    Form::AsIs => out.push_str(&encode(value)),
                    Form::Digits => {
                        let spaced: Vec<String> = value.chars().map(String::from).collect();
                        out.push_str(&encode(&spaced.join(" ")));
                    }
                }
            }
        }
    }
    out
}

/// The names in a text; what is wrong with it otherwise.
pub fn names(text: &str) -> Result<BTreeSet<&str>, String> {
    let variables = pieces(text)?.into_iter().filter_map(|piece| match piece {
        Piece::Variable { name, .. } => Some(name),
        Piece::Literal(_) => None,
    });
    Ok(variables.collect())
}

fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        if rest[open + 1..].starts_with('{') {
            pieces.push(Piece::Literal(&rest[..=open]));
            rest = &rest[open + 2..];
            continue;
        }
        pieces.push(Piece::Literal(&rest[..open]));
        let after = &rest[open + 1..];
        let close = after.find('}').ok_or("has a \"{\" without its \"}\"; write \"{{\" for a brace")?;
        let (name, form) = match after[..close].split_once(':') {
            None => (&after[..close], Form::AsIs),
            Some((name, "digits")) => (name, Form::Digits),
            Some((_, other)) => return Err(format!("has the unknown form {other:?}, may have \"digits\"")),
        };
        if !is_name(name) {
            return Err(format!("holds {{{name}}}, which can't be the name of a variable"));
        }
        pieces.push(Piece::Variable { name, form });
        rest = &after[close + 1..];
    }
    pieces.push(Piece::Literal(rest));
    Ok(pieces)
}

/// RFC 3986: everything but the unreserved characters.
fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BTreeMap, fill, fill_path, names};

    fn variables() -> BTreeMap<String, String> {
        [("account".to_owned(), "1234".to_owned()), ("name".to_owned(), "Ann/Lee".to_owned())].into()
    }

    #[test]
    fn variables_are_filled_in() {
        assert_eq!(fill("Hello {name}.", &variables()), "Hello Ann/Lee.");
        assert_eq!(fill("Account {account:digits}.", &variables()), "Account 1 2 3 4.");
        assert_eq!(fill("{nothing}{{x}", &variables()), "{x}");
        assert_eq!(fill_path("/accounts/{name}", &variables()), "/accounts/Ann%2FLee");
    }

    #[test]
    fn mistakes_say_what_is_wrong() {
        assert_eq!(names("a {b} {c}").unwrap().len(), 2);
        assert!(names("a {b").unwrap_err().contains("without its"));
        assert!(names("{B}").unwrap_err().contains("name of a variable"));
        assert!(names("{b:shout}").unwrap_err().contains("unknown form"));
    }

    proptest! {
        #[test]
        fn any_text_is_filled_in(text in "[{}a-z: é]{0,40}") {
            fill(&text, &variables());
            let _ = names(&text);
        }
    }
}
