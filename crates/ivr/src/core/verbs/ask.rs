//! Says something and waits for a choice: a key on the phone or what is said there, a button or words in a chat.

use std::collections::BTreeSet;

use contract::{
    interaction::v1::Option as Button,
    ivr::v1::{Ask, AskStep, Choice, verb},
};

use super::{
    Exit, Found, Halt, Input, Known, Need, Next, Run, StepVerb, When, attempts, default_timeout, names_in,
};
use crate::core::spoken::{add_agent_words, is_sayable};

/// One for each key of a telephone.
const MAX_CHOICES: usize = 12;
/// Most ways to say a choice.
const MAX_SAY: usize = 5;

impl StepVerb for AskStep {
    fn enter(&self, run: &mut Run<'_>) -> Result<Next, Need> {
        run.took("", "entered");
        ask(self, run)
    }

    fn takes(&self, input: &Input) -> bool {
        match input {
            Input::Choice(said) | Input::Text(said) => chosen(&self.choices, said).is_some(),
            _ => true,
        }
    }

    fn answered(&self, input: &Input, run: &mut Run<'_>) -> Result<Next, Halt> {
        let (said, choice) = match input {
            Input::Choice(said) | Input::Text(said) => {
                let own = chosen(&self.choices, said);
                (said.trim(), own.or_else(|| translated(self, said, run)))
            }
            Input::TimedOut => ("", None),
            Input::Begin | Input::Form(_) | Input::Done(_) | Input::Spoken(_) | Input::FaxHeard => {
                return Err(run.unexpected(input).into());
            }
        };
        if let Some(choice) = choice {
            run.took(said, "choice");
            return Ok(Next::Go(choice.next.clone()));
        }
        self.missed(said, if *input == Input::TimedOut { "timeout" } else { "invalid" }, run)
    }

    fn meant(&self, phrase: &str) -> Option<&str> {
        let choice = self.choices.iter().find(|choice| choice.say.iter().any(|say| say == phrase))?;
        Some(&choice.digit)
    }

    fn missed(&self, said: &str, outcome: &'static str, run: &mut Run<'_>) -> Result<Next, Halt> {
        run.took(said, outcome);
        run.misses += 1;
        if run.misses >= attempts(self.attempts) {
            return Ok(Next::Go(self.otherwise.clone()));
        }
        run.say(&self.retry_text);
        Ok(ask(self, run)?)
    }

    fn texts(&self) -> Vec<(String, &str)> {
        let labels = self.choices.iter().enumerate();
        let labels = labels.map(|(place, choice)| (format!("{}.label", path(place, choice)), &*choice.label));
        let texts = [
            ("text".to_owned(), &*self.text),
            ("written".to_owned(), &*self.written),
            ("retry_text".to_owned(), &*self.retry_text),
        ];
        texts.into_iter().chain(labels).collect()
    }

    fn exits(&self) -> Vec<Exit<'_>> {
        let choices = self.choices.iter().enumerate();
        choices
            .map(|(place, choice)| {
                Exit::new(format!("{}.next", path(place, choice)), &choice.next, When::Answer)
            })
            .chain([Exit::new("otherwise", &self.otherwise, When::Silence)])
            .collect()
    }

    fn uses(&self) -> Vec<(String, Vec<String>)> {
        vec![("spoken".to_owned(), names_in(&self.spoken))]
    }

    fn check(&self, at: &str, known: &Known, found: &mut Found) {
        found.text(format!("{at}.text"), &self.text, true);
        found.text(format!("{at}.written"), &self.written, false);
        found.text(format!("{at}.spoken"), &self.spoken, false);
        found.filled(format!("{at}.spoken"), &self.spoken);
        if !self.spoken.is_empty() && self.choices.iter().all(|choice| choice.say.is_empty()) {
            found.add(format!("{at}.spoken"), "is never said: no choice has words to say");
        }
        found.text(format!("{at}.retry_text"), &self.retry_text, false);
        found.prompt(format!("{at}.prompt"), &self.prompt, known);
        found.span(format!("{at}.timeout"), self.timeout.as_ref(), 1_000, 3_600_000);
        if !(0..=9).contains(&self.attempts) {
            found.add(format!("{at}.attempts"), "must be 1 to 9");
        }
        match self.choices.len() {
            0 => found.add(format!("{at}.choices"), "is empty: there is nothing to choose"),
            1..=MAX_CHOICES => {}
            count => {
                found.add(format!("{at}.choices"), format!("has {count} entries, may have {MAX_CHOICES}"));
            }
        }
        let mut words = BTreeSet::new();
        let mut said = BTreeSet::new();
        for (place, choice) in self.choices.iter().take(MAX_CHOICES).enumerate() {
            let at = format!("{at}.{}", path(place, choice));
            let is_key = matches!(choice.digit.as_bytes(), [b'0'..=b'9' | b'*' | b'#']);
            if !is_key {
                found.add(format!("{at}.digit"), "must be one key: 0 to 9, * or #");
            } else if !words.insert(folded(&choice.digit)) {
                found.add(format!("{at}.digit"), "means another choice already");
            }
            found.label(format!("{at}.label"), &choice.label);
            let label = folded(&choice.label);
            if label != folded(&choice.digit) && !label.is_empty() && !words.insert(label) {
                found.add(format!("{at}.label"), "means another choice already");
            }
            if choice.say.len() > MAX_SAY {
                found.add(
                    format!("{at}.say"),
                    format!("has {} entries, may have {MAX_SAY}", choice.say.len()),
                );
            }
            for (place, phrase) in choice.say.iter().take(MAX_SAY).enumerate() {
                if !is_sayable(phrase) {
                    found
                        .add(format!("{at}.say[{place}]"), "must be one to five words of lower-case letters");
                } else if !said.insert(phrase) {
                    found.add(format!("{at}.say[{place}]"), "means another choice already");
                }
            }
        }
    }
}

/// Buttons need no keys to press, and what may be said wants to be told.
fn worded<'a>(step: &'a AskStep, run: &Run<'_>, listens: bool) -> &'a str {
    match () {
        () if listens && !step.spoken.is_empty() => &step.spoken,
        () if run.is_spoken() || step.written.is_empty() => &step.text,
        () => &step.written,
    }
}

/// What may be said: what means a choice, and what leads to a person. Nothing where no choice can be said.
fn phrases(step: &AskStep, run: &Run<'_>) -> Vec<String> {
    let mut phrases: Vec<String> = step.choices.iter().flat_map(|choice| choice.say.clone()).collect();
    if !run.listens() || phrases.is_empty() {
        return Vec::new();
    }
    add_agent_words(&mut phrases, run.plan.agent());
    phrases
}

fn ask(step: &AskStep, run: &mut Run<'_>) -> Result<Next, Need> {
    let audio = run.audio(&step.prompt)?;
    let option = |choice: &Choice| Button { value: choice.digit.clone(), label: run.text(&choice.label) };
    let options = step.choices.iter().map(option).collect();
    let phrases = phrases(step, run);
    run.act(verb::Kind::Ask(Ask {
        text: run.text(worded(step, run, !phrases.is_empty())),
        options,
        timeout: Some(step.timeout.unwrap_or_else(|| default_timeout(run))),
        audio,
        language: run.language.clone(),
        no_barge_in: step.no_barge_in,
        phrases,
    }));
    Ok(Next::Wait)
}

/// The choice whose label in the customer's language was said.
fn translated<'a>(step: &'a AskStep, said: &str, run: &Run<'_>) -> Option<&'a Choice> {
    let said = folded(said);
    step.choices.iter().find(|choice| folded(&run.text(&choice.label)) == said)
}

/// A choice is known by its key; by its position, counted from 0, when it has none.
fn path(place: usize, choice: &Choice) -> String {
    if choice.digit.is_empty() { format!("choices[{place}]") } else { format!("choices[{}]", choice.digit) }
}

/// The choice whose key or label was said, whatever the case and spacing.
fn chosen<'a>(choices: &'a [Choice], said: &str) -> Option<&'a Choice> {
    let said = folded(said);
    choices
        .iter()
        .find(|choice| choice.digit == said)
        .or_else(|| choices.iter().find(|choice| folded(&choice.label) == said))
}

fn folded(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}
