//! Spoken answers: which words mean what, and the question whether they were heard aright.
//!
//! A small grammar is always understood as something, so nothing that was said counts before the customer has said yes to
//! it. Keys need no such question, and answer it too.

use contract::{
    duration_from_millis,
    interaction::v1::Option as Button,
    ivr::v1::{Ask, verb},
};

use super::{
    plan::Agent,
    run::{Input, Run},
};

/// Yes, as it is said and pressed.
const YES: [&str; 2] = ["yes", "yeah"];
const YES_KEY: &str = "1";
/// No, as it is said and pressed.
const NO: [&str; 2] = ["no", "nope"];
const NO_KEY: &str = "2";
/// How long the answer is waited for.
const TIMEOUT_MS: i64 = 8_000;

/// What the customer says to what was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// That is it.
    Right,
    /// Something else was said.
    Wrong,
    /// Neither: whatever it is, it answers the first question.
    Neither,
}

/// Whether an answer confirms what was understood.
pub fn verdict(input: &Input) -> Verdict {
    match input {
        Input::Choice(key) if key == YES_KEY => Verdict::Right,
        Input::Choice(key) if key == NO_KEY => Verdict::Wrong,
        Input::Spoken(said) if YES.contains(&said.as_str()) => Verdict::Right,
        Input::Spoken(said) if NO.contains(&said.as_str()) => Verdict::Wrong,
        _ => Verdict::Neither,
    }
}

/// Asks whether the customer said that.
pub fn confirm(said: &str, run: &mut Run<'_>) {
    let button = |value: &str, label: &str| Button { value: value.to_owned(), label: label.to_owned() };
    let mut phrases: Vec<String> = YES.into_iter().chain(NO).map(str::to_owned).collect();
    add_agent_words(&mut phrases, run.plan.agent());
    run.act(verb::Kind::Ask(Ask {
        text: format!("Did you say {said}? Say yes or press {YES_KEY}. Otherwise say no or press {NO_KEY}."),
        options: vec![button(YES_KEY, "Yes"), button(NO_KEY, "No")],
        timeout: Some(duration_from_millis(TIMEOUT_MS)),
        phrases,
        ..Ask::default()
    }));
}

/// The words that lead to a person are listened for with all others.
pub fn add_agent_words(phrases: &mut Vec<String>, agent: &Agent) {
    let Agent::Way { words, .. } = agent else { return };
    for word in words {
        if is_sayable(word) && !phrases.contains(word) {
            phrases.push(word.clone());
        }
    }
}

/// One to five words of lower-case letters: what a grammar can hold.
pub fn is_sayable(phrase: &str) -> bool {
    let fits = |word: &str| {
        word.chars().all(|letter| letter == '\'' || letter.is_alphabetic() && !letter.is_uppercase())
    };
    let words = phrase.split(' ').count();
    (1..=5).contains(&words)
        && phrase.chars().count() <= 40
        && phrase.split(' ').all(|word| !word.is_empty() && fits(word))
}

#[cfg(test)]
mod tests {
    use super::is_sayable;

    #[test]
    fn what_can_be_said_is_a_few_plain_words() {
        for right in ["billing", "my last bill", "i don't know"] {
            assert!(is_sayable(right), "{right}");
        }
        for wrong in ["", " billing", "Billing", "bill  ing", "a b c d e f", "1", "x | <y>", &"a".repeat(41)]
        {
            assert!(!is_sayable(wrong), "{wrong}");
        }
    }
}
