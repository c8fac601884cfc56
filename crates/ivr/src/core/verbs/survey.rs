//! Asks how it was, from 1 to 5: a key, what is said, a button. Whoever does not answer goes on all the same.
//!
//! No way leads to a person from here: the person may have just hung up.

use contract::{
    interaction::v1::Option as Button,
    ivr::v1::{Ask, SurveyStep, verb},
};

use super::{Exit, Found, Halt, Input, Known, Need, Next, Run, StepVerb, When, default_timeout};

/// The answers, as they are pressed and said.
const ANSWERS: [(&str, &str); 5] = [("1", "one"), ("2", "two"), ("3", "three"), ("4", "four"), ("5", "five")];
/// Misses when the step does not say.
const DEFAULT_ATTEMPTS: u32 = 2;

impl StepVerb for SurveyStep {
    fn enter(&self, run: &mut Run<'_>) -> Result<Next, Need> {
        run.took("", "entered");
        ask(self, run)
    }

    fn answered(&self, input: &Input, run: &mut Run<'_>) -> Result<Next, Halt> {
        let said = match input {
            Input::Choice(said) | Input::Text(said) => said.trim(),
            Input::TimedOut => "",
            Input::Begin | Input::Form(_) | Input::Done(_) | Input::Spoken(_) | Input::FaxHeard => {
                return Err(run.unexpected(input).into());
            }
        };
        if let Some((answer, _)) =
            ANSWERS.iter().find(|(key, word)| *key == said || *word == said.to_lowercase())
        {
            run.took(answer, "rated");
            return Ok(Next::Go(self.next.clone()));
        }
        self.missed(said, if *input == Input::TimedOut { "timeout" } else { "invalid" }, run)
    }

    fn meant(&self, phrase: &str) -> Option<&str> {
        ANSWERS.iter().find(|(_, word)| *word == phrase).map(|(key, _)| *key)
    }

    fn missed(&self, said: &str, outcome: &'static str, run: &mut Run<'_>) -> Result<Next, Halt> {
        run.took(said, outcome);
        run.misses += 1;
        if run.misses
            >= u32::try_from(self.attempts).ok().filter(|given| *given > 0).unwrap_or(DEFAULT_ATTEMPTS)
        {
            return Ok(Next::Go(self.next.clone()));
        }
        run.say(&self.retry_text);
        Ok(ask(self, run)?)
    }

    fn exits(&self) -> Vec<Exit<'_>> {
        vec![Exit::new("next", &self.next, When::Silence)]
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("text".to_owned(), &self.text), ("retry_text".to_owned(), &self.retry_text)]
    }

    fn check(&self, at: &str, known: &Known, found: &mut Found) {
        found.text(format!("{at}.text"), &self.text, true);
        found.text(format!("{at}.retry_text"), &self.retry_text, false);
        found.prompt(format!("{at}.prompt"), &self.prompt, known);
        found.span(format!("{at}.timeout"), self.timeout.as_ref(), 1_000, 3_600_000);
        if !(0..=9).contains(&self.attempts) {
            found.add(format!("{at}.attempts"), "must be 1 to 9");
        }
    }
}

fn ask(step: &SurveyStep, run: &mut Run<'_>) -> Result<Next, Need> {
    let audio = run.audio(&step.prompt)?;
    let button = |key: &str| Button { value: key.to_owned(), label: key.to_owned() };
    let said = |(_, word): &(&str, &str)| (*word).to_owned();
    run.act(verb::Kind::Ask(Ask {
        text: run.text(&step.text),
        options: ANSWERS.iter().map(|(key, _)| button(key)).collect(),
        timeout: Some(step.timeout.unwrap_or_else(|| default_timeout(run))),
        audio,
        language: run.language.clone(),
        phrases: if run.listens() { ANSWERS.iter().map(said).collect() } else { Vec::new() },
        ..Ask::default()
    }));
    Ok(Next::Wait)
}
