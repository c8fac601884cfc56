//! Collects digits: an account number, a PIN. A chat types them.

use contract::{
    duration_from_millis,
    ivr::v1::{Ask, Gather, GatherStep, verb},
};

use super::{Exit, Found, Halt, Input, Known, Need, Next, Run, StepVerb, When, attempts, default_timeout};

const DEFAULT_MAX: i32 = 20;
const MOST_DIGITS: i32 = 40;
const DEFAULT_TERMINATOR: &str = "#";
/// No key ends the collection.
const NO_TERMINATOR: &str = "none";
const DEFAULT_BETWEEN_MS: i64 = 3_000;

impl StepVerb for GatherStep {
    fn enter(&self, run: &mut Run<'_>) -> Result<Next, Need> {
        run.took("", "entered");
        gather(self, run)
    }

    fn takes(&self, input: &Input) -> bool {
        match input {
            Input::Choice(said) | Input::Text(said) => self.digits(said).is_some(),
            _ => true,
        }
    }

    fn answered(&self, input: &Input, run: &mut Run<'_>) -> Result<Next, Halt> {
        let (said, digits) = match input {
            Input::Choice(said) | Input::Text(said) => (said.trim(), self.digits(said)),
            Input::TimedOut => ("", None),
            Input::Begin | Input::Form(_) | Input::Done(_) | Input::Spoken(_) | Input::FaxHeard => {
                return Err(run.unexpected(input).into());
            }
        };
        let shown = if self.secret { "*".repeat(said.chars().count().min(40)) } else { said.to_owned() };
        if let Some(digits) = digits {
            run.took(&shown, "choice");
            run.set(&self.variable, &digits);
            return Ok(Next::Go(self.next.clone()));
        }
        run.took(&shown, if *input == Input::TimedOut { "timeout" } else { "invalid" });
        run.misses += 1;
        if run.misses >= attempts(self.attempts) {
            return Ok(Next::Go(self.otherwise.clone()));
        }
        run.say(&self.retry_text);
        Ok(gather(self, run)?)
    }

    fn exits(&self) -> Vec<Exit<'_>> {
        vec![
            Exit::new("next", &self.next, When::Answer),
            Exit::new("otherwise", &self.otherwise, When::Silence),
        ]
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("text".to_owned(), &self.text), ("retry_text".to_owned(), &self.retry_text)]
    }

    fn sets(&self) -> Vec<(String, &str)> {
        vec![("variable".to_owned(), &self.variable)]
    }

    fn check(&self, at: &str, known: &Known, found: &mut Found) {
        found.text(format!("{at}.text"), &self.text, true);
        found.text(format!("{at}.retry_text"), &self.retry_text, false);
        found.prompt(format!("{at}.prompt"), &self.prompt, known);
        found.span(format!("{at}.timeout"), self.timeout.as_ref(), 1_000, 3_600_000);
        found.span(format!("{at}.between"), self.between.as_ref(), 1_000, 60_000);
        if !(0..=9).contains(&self.attempts) {
            found.add(format!("{at}.attempts"), "must be 1 to 9");
        }
        if !(0..=MOST_DIGITS).contains(&self.min) {
            found.add(format!("{at}.min"), format!("must be 1 to {MOST_DIGITS}"));
        }
        if !(0..=MOST_DIGITS).contains(&self.max) {
            found.add(format!("{at}.max"), format!("must be 1 to {MOST_DIGITS}"));
        } else if self.max() < self.min() {
            found.add(format!("{at}.max"), "is less than min");
        }
        let is_key = matches!(self.terminator.as_bytes(), [b'0'..=b'9' | b'*' | b'#']);
        if !is_key && !self.terminator.is_empty() && self.terminator != NO_TERMINATOR {
            found.add(format!("{at}.terminator"), "must be one key: 0 to 9, * or #, or \"none\"");
        }
    }
}

/// What the fields mean; kept apart from the generated type's own methods.
trait Meaning {
    fn min(&self) -> i32;
    fn max(&self) -> i32;
    fn terminator(&self) -> &str;
    /// The digits in an answer, when they are as many as wanted.
    fn digits(&self, said: &str) -> Option<String>;
}

impl Meaning for GatherStep {
    fn min(&self) -> i32 {
        self.min.max(1)
    }

    fn max(&self) -> i32 {
        if self.max == 0 { DEFAULT_MAX.max(self.min) } else { self.max }
    }

    fn terminator(&self) -> &str {
        match self.terminator.as_str() {
            "" => DEFAULT_TERMINATOR,
            NO_TERMINATOR => "",
            key => key,
        }
    }

    fn digits(&self, said: &str) -> Option<String> {
        let end = self.terminator();
        let typed = said.trim();
        let typed = if end.is_empty() { typed } else { typed.strip_suffix(end).unwrap_or(typed) };
        let digits: String = typed.chars().filter(|typed| !matches!(typed, ' ' | '-' | '.' | '/')).collect();
        let count = i32::try_from(digits.chars().count()).unwrap_or(i32::MAX);
        let fits = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'*' | b'#'));
        (fits && (self.min()..=self.max()).contains(&count)).then_some(digits)
    }
}

fn gather(step: &GatherStep, run: &mut Run<'_>) -> Result<Next, Need> {
    let audio = run.audio(&step.prompt)?;
    let timeout = Some(step.timeout.unwrap_or_else(|| default_timeout(run)));
    let text = run.text(&step.text);
    let language = run.language.clone();
    run.act(if run.is_spoken() {
        verb::Kind::Gather(Gather {
            text,
            audio,
            language,
            no_barge_in: step.no_barge_in,
            min: step.min(),
            max: step.max(),
            terminator: step.terminator().to_owned(),
            timeout,
            between: Some(step.between.unwrap_or_else(|| duration_from_millis(DEFAULT_BETWEEN_MS))),
        })
    } else {
        verb::Kind::Ask(Ask { text, language, timeout, ..Ask::default() })
    });
    Ok(Next::Wait)
}
