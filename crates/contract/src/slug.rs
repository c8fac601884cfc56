//! Keys of configured things: agents, queues, tenants, flows.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A key people choose: lower-case letters, digits, "-" and "_", 1 to 63 characters, beginning with a letter or digit.
/// Safe as a token of a subject, a label of a metric and a part of a URL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

/// Why a text is not a [`Slug`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SlugError {
    /// Nothing, or more than 63 characters.
    #[error("has {0} characters, must have 1 to 63")]
    Length(usize),
    /// A character that has no place in a key.
    #[error("contains {0:?}, may contain a-z, 0-9, \"-\" and \"_\", and begin with a-z or 0-9")]
    Character(char),
}

impl Slug {
    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = SlugError;

    fn from_str(text: &str) -> Result<Self, SlugError> {
        if text.is_empty() || text.len() > 63 {
            return Err(SlugError::Length(text.chars().count()));
        }
        let wrong = text.char_indices().find(|(place, character)| match character {
            'a'..='z' | '0'..='9' => false,
            '-' | '_' => *place == 0,
            _ => true,
        });
        match wrong {
            Some((_, character)) => Err(SlugError::Character(character)),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Slug {
    type Error = SlugError;

    fn try_from(text: String) -> Result<Self, SlugError> {
        text.parse()
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Slug, SlugError};

    #[test]
    fn a_key_that_would_break_a_subject_is_refused() {
        assert_eq!("a.b".parse::<Slug>(), Err(SlugError::Character('.')));
        assert_eq!("*".parse::<Slug>(), Err(SlugError::Character('*')));
        assert_eq!("-a".parse::<Slug>(), Err(SlugError::Character('-')));
        assert_eq!("".parse::<Slug>(), Err(SlugError::Length(0)));
        assert!("web-chat_2".parse::<Slug>().is_ok());
    }
}
