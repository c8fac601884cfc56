//! Says something and waits for a choice: a key on the phone, a button or words in a chat.

use std::collections::BTreeSet;

use contract::{
    interaction::v1::{Channel, Option as Button},
    ivr::v1::{Ask, AskStep, Choice, verb},
};

use super::{Exit, Found, Halt, Input, Known, Need, Next, Run, StepVerb, When, attempts, default_timeout};

/// One for each key of a telephone.
const MAX_CHOICES: usize = 12;

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
            Input::Begin | Input::Form(_) | Input::Done(_) => return Err(run.unexpected(input).into()),
        };
        if let Some(choice) = choice {
            run.took(said, "choice");
            return Ok(Next::Go(choice.next.clone()));
        }
        run.took(said, if *input == Input::TimedOut { "timeout" } else { "invalid" });
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

    fn check(&self, at: &str, known: &Known, found: &mut Found) {
        found.text(format!("{at}.text"), &self.text, true);
        found.text(format!("{at}.written"), &self.written, false);
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
        }
    }
}

/// Buttons need no keys to press.
fn worded(step: &AskStep, channel: Channel) -> &str {
    let spoken = matches!(channel, Channel::Voice | Channel::Video) || step.written.is_empty();
    if spoken { &step.text } else { &step.written }
}

fn ask(step: &AskStep, run: &mut Run<'_>) -> Result<Next, Need> {
    let audio = run.audio(&step.prompt)?;
    let option = |choice: &Choice| Button { value: choice.digit.clone(), label: run.text(&choice.label) };
    let options = step.choices.iter().map(option).collect();
    run.act(verb::Kind::Ask(Ask {
        text: run.text(worded(step, run.channel)),
        options,
        timeout: Some(step.timeout.unwrap_or_else(|| default_timeout(run))),
        audio,
        language: run.language.clone(),
        no_barge_in: step.no_barge_in,
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
