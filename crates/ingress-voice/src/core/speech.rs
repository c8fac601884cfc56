//! What a caller is told, as text: from the flow's verbs and from the place in the queue.

use std::fmt::Write as _;

use contract::interaction::v1::Option as Choice;

/// The spoken form of a question: the text, and unless it already tells which keys to press, the keys.
#[must_use]
pub fn question(text: &str, options: &[Choice]) -> String {
    let text = text.trim();
    if options.is_empty() || text.to_lowercase().contains("press") {
        return text.to_owned();
    }
    let mut spoken = text.to_owned();
    for option in options {
        if !spoken.is_empty() {
            spoken.push(' ');
        }
        let _ = write!(spoken, "For {}, press {}.", option.label.to_lowercase(), key_name(&option.value));
    }
    spoken
}

/// The announcement of a place in the queue. From the tenth place on it names no number, so that there are few
/// announcements and all of them can be recorded beforehand.
#[must_use]
pub fn position(place: u32) -> String {
    match place {
        0 | 1 => "You are next in line. Please hold.".to_owned(),
        2..=9 => format!("You are number {place} in line. Please hold."),
        _ => "All our agents are busy. Please hold.".to_owned(),
    }
}

/// Said to whom nobody can take, by word of the queue.
pub const FAREWELL: &str = "Sorry, nobody can take your call right now. Please call again later. Goodbye.";
/// Said before the tone, to whom nobody can take.
pub const LEAVE_A_MESSAGE: &str =
    "Sorry, nobody can take your call right now. Please leave a message after the tone, then press hash.";
/// Said after a message.
pub const THANKS: &str = "Thank you. Goodbye.";
/// Said to whoever is called back.
pub const CALLED_BACK: &str = "Thank you. You keep your place in line, and we call you back. Goodbye.";
/// Said to whoever asked for it and can't be.
pub const NOT_CALLED_BACK: &str = "Sorry, we can not call this number back. Please hold.";

/// How to be called back instead of waiting.
#[must_use]
pub fn callback_key(key: char) -> String {
    format!("To be called back instead of waiting, press {}.", key_name(&key.to_string()))
}

/// An announcement in the flow's own words: `{position}` and `{wait}`, in minutes, filled in. A sentence that names what is
/// not known is left out.
#[must_use]
pub fn announcement(text: &str, place: u32, minutes: Option<u32>) -> String {
    let known = |sentence: &&str| minutes.is_some() || !sentence.contains("{wait}");
    let filled = |sentence: &str| {
        let wait = minutes.unwrap_or_default().to_string();
        sentence.replace("{position}", &place.to_string()).replace("{wait}", &wait)
    };
    let sentences = text.split_inclusive(['.', '!', '?', '\n']).filter(known);
    sentences.map(filled).collect::<String>().trim().to_owned()
}

fn key_name(value: &str) -> &str {
    match value {
        "*" => "star",
        "#" => "hash",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(value: &str, label: &str) -> Choice {
        Choice { value: value.to_owned(), label: label.to_owned() }
    }

    #[test]
    fn a_question_tells_its_keys() {
        let spoken = question("Welcome.", &[choice("1", "Sales"), choice("*", "Menu")]);

        assert_eq!(spoken, "Welcome. For sales, press 1. For menu, press star.");
    }

    #[test]
    fn a_question_that_tells_its_keys_itself_is_left_alone() {
        assert_eq!(question("Press 1 for sales.", &[choice("1", "Sales")]), "Press 1 for sales.");
    }

    #[test]
    fn there_are_ten_announcements_of_a_place() {
        let all: std::collections::BTreeSet<String> = (0..1_000).map(position).collect();

        assert_eq!(all.len(), 10);
    }
}
