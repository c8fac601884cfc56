//! Text from outside, made fit to keep: Postgres stores no NUL, and nothing is kept without a bound.

/// Longest name that is kept, in characters.
pub const NAME_CHARS: usize = 200;
/// Longest text that is kept, in bytes: a message or a note.
pub const TEXT_BYTES: usize = 16 << 10;

/// At most `chars` characters of `text`, without NUL.
pub fn bounded(text: &str, chars: usize) -> String {
    text.chars().filter(|character| *character != '\0').take(chars).collect()
}

/// A name people see: one line, trimmed, bounded.
pub fn name(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(NAME_CHARS).collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{NAME_CHARS, bounded, name};

    #[test]
    fn what_cannot_be_stored_is_left_out() {
        assert_eq!(bounded("a\0b", 10), "ab");
        assert_eq!(name(" Ann\n\0Smith "), "Ann  Smith");
        assert_eq!(name(&"ä".repeat(500)).chars().count(), NAME_CHARS);
    }
}
