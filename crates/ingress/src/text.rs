//! One spelling for texts from outside: no control characters, bounded, Unix line ends.

/// Why a text is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TextError {
    /// Longer than the channel carries.
    #[error("has {length} bytes, at most {limit} are carried")]
    TooLong {
        /// Bytes it has.
        length: usize,
        /// Bytes it may have.
        limit: usize,
    },
}

/// A text of several lines: CR LF and CR become LF, other control characters and those that reorder text on the
/// screen (U+202A–202E, U+2066–2069) are dropped, space around it is cut. At most `limit` bytes.
pub fn clean(text: &str, limit: usize) -> Result<String, TextError> {
    if text.len() > limit {
        return Err(TextError::TooLong { length: text.len(), limit });
    }
    let mut result = String::with_capacity(text.len());
    let mut after_return = false;
    for character in text.chars() {
        match character {
            '\r' => result.push('\n'),
            '\n' if after_return => {}
            '\n' | '\t' => result.push(character),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            other if other.is_control() => {}
            other => result.push(other),
        }
        after_return = character == '\r';
    }
    Ok(result.trim().to_owned())
}

/// A text of one line, such as a name: as [`clean`], with every run of white space as one space.
pub fn clean_line(text: &str, limit: usize) -> Result<String, TextError> {
    Ok(clean(text, limit)?.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{TextError, clean, clean_line};

    #[test]
    fn a_text_keeps_its_lines_and_loses_its_tricks() {
        assert_eq!(
            clean("\u{0} one\r\ntwo\rthree\u{202e}\u{1b}[31m\n", 100).as_deref(),
            Ok("one\ntwo\nthree[31m")
        );
        assert_eq!(clean_line("  Ann \n\t Lee ", 100).as_deref(), Ok("Ann Lee"));
    }

    #[test]
    fn a_text_too_long_says_by_how_much() {
        assert_eq!(clean("12345", 4), Err(TextError::TooLong { length: 5, limit: 4 }));
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text in "\\PC{0,60}|.{0,60}") {
            let once = clean(&text, 1000).unwrap();

            prop_assert_eq!(clean(&once, 1000).unwrap(), once);
        }
    }
}
