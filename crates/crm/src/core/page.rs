//! Where a page of a list ends: the key of its last row, opaque to clients.

use contract::Timestamp;

/// The key of a row in a list that is ordered by start, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// When the row's interaction started.
    pub started_at: Timestamp,
    /// Its id, which breaks ties.
    pub interaction_id: String,
}

impl Position {
    /// The token a client sends to get what follows.
    pub fn token(&self) -> String {
        format!("{:x}.{}", self.started_at.as_millis(), self.interaction_id)
    }

    /// Reads a token. `None`: nobody here made it.
    pub fn parse(token: &str) -> Option<Self> {
        let (millis, id) = token.split_once('.')?;
        let millis = i64::from_str_radix(millis, 16).ok()?;
        let known =
            !id.is_empty() && id.len() <= 64 && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        known.then(|| Self { started_at: Timestamp::from_millis(millis), interaction_id: id.to_owned() })
    }
}

/// The number of rows to give: `asked`, `default` when nothing was asked, never more than `most`.
pub fn size(asked: i32, default: u16, most: u16) -> u16 {
    match u16::try_from(asked) {
        Ok(0) => default,
        Ok(asked) => asked.min(most),
        Err(_) if asked < 0 => default,
        Err(_) => most,
    }
}

#[cfg(test)]
mod tests {
    use contract::Timestamp;

    use super::{Position, size};

    #[test]
    fn a_token_comes_back_as_the_position_it_was_made_of() {
        let position = Position {
            started_at: Timestamp::from_millis(1_700_000_000_123),
            interaction_id: "0198c0de-0000-7000-8000-000000000001".to_owned(),
        };

        assert_eq!(Position::parse(&position.token()), Some(position));
    }

    #[test]
    fn a_made_up_token_is_refused() {
        for token in ["", ".", "zz.a", "1.", "1.a'b", "1.%"] {
            assert_eq!(Position::parse(token), None, "{token}");
        }
    }

    #[test]
    fn a_page_is_never_larger_than_the_limit() {
        assert_eq!([size(0, 50, 500), size(7, 50, 500), size(900, 50, 500)], [50, 7, 500]);
        assert_eq!([size(-1, 50, 500), size(i32::MAX, 50, 500)], [50, 500]);
    }
}
