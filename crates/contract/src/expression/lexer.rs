//! Cuts the text of an expression into words.

use super::parser::ExpressionError;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'a> {
    Name(&'a str),
    Text(&'a str),
    /// In hundredths.
    Number(u16),
    Sign(&'static str),
}

/// Tokens with the column at which each begins: characters, counted from 1.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token<'_>)>, ExpressionError> {
    const SIGNS: [&str; 13] = ["==", "!=", ">=", "<=", "&&", "||", ">", "<", "(", ")", "[", "]", ","];
    let mut tokens = Vec::new();
    let (mut at, mut column) = (0, 1);
    while let Some(next) = text[at..].chars().next() {
        let rest = &text[at..];
        if next.is_whitespace() {
            (at, column) = (at + next.len_utf8(), column + 1);
            continue;
        }
        let (token, length) = if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Token::Sign(sign), sign.len())
        } else if next == '"' || next == '\'' {
            let end = rest[1..].find(next).ok_or(ExpressionError::OpenText { column })?;
            (Token::Text(&rest[1..=end]), end + 2)
        } else {
            let length =
                rest.find(|c: char| !(c.is_alphanumeric() || "._-".contains(c))).unwrap_or(rest.len());
            let word = &rest[..length];
            if next.is_ascii_digit() {
                (Token::Number(level(word).ok_or(ExpressionError::Level { column })?), length)
            } else if next.is_alphabetic() || next == '_' {
                (Token::Name(word), length)
            } else {
                return Err(ExpressionError::Character { column, found: next });
            }
        };
        tokens.push((column, token));
        (at, column) = (at + length, column + rest[..length].chars().count());
    }
    Ok(tokens)
}

/// `4`, `2.5` or `0.25` in hundredths, 0 to 500.
fn level(word: &str) -> Option<u16> {
    let (whole, part) = word.split_once('.').unwrap_or((word, "0"));
    if part.len() > 2 || part.is_empty() {
        return None;
    }
    let whole: u16 = whole.parse().ok()?;
    let digits: u16 = part.parse().ok()?;
    let hundredths =
        whole.checked_mul(100)?.checked_add(if part.len() == 1 { digits * 10 } else { digits })?;
    (hundredths <= 500).then_some(hundredths)
}
