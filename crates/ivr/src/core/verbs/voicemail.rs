//! Records a message. Who writes fills in a form instead.

use contract::ivr::v1::{Form, Voicemail, VoicemailStep, verb};

use super::{Exit, Found, Halt, Input, Known, Need, Next, Run, StepVerb, When};

/// How long a message may be, and the silence that ends it, when the step does not say; milliseconds.
const DEFAULT_LONGEST_MS: i64 = 120_000;
const DEFAULT_SILENCE_MS: i64 = 5_000;

impl StepVerb for VoicemailStep {
    fn enter(&self, run: &mut Run<'_>) -> Result<Next, Need> {
        let audio = run.audio(&self.prompt)?;
        run.took("", "entered");
        let text = run.text(&self.text);
        if !run.is_spoken() {
            run.act(verb::Kind::Form(Form { text }));
            return Ok(Next::Wait);
        }
        let language = run.language.clone();
        let span = |given: &Option<_>, usual| Some(given.unwrap_or(contract::duration_from_millis(usual)));
        run.act(verb::Kind::Voicemail(Voicemail {
            text,
            audio,
            language,
            queue: self.queue.clone(),
            longest: span(&self.longest, DEFAULT_LONGEST_MS),
            silence: span(&self.silence, DEFAULT_SILENCE_MS),
            callback: self.callback,
        }));
        Ok(Next::Wait)
    }

    fn answered(&self, input: &Input, run: &mut Run<'_>) -> Result<Next, Halt> {
        let (outcome, next) = match input {
            Input::Done(true) | Input::Form(_) => ("answered", &self.next),
            Input::Done(false) | Input::TimedOut => ("timeout", nothing_said(self)),
            Input::Text(_) | Input::Choice(_) if !run.is_spoken() => {
                run.took("", "invalid");
                let text = run.text(&self.text);
                run.act(verb::Kind::Form(Form { text }));
                return Ok(Next::Wait);
            }
            Input::Text(_) | Input::Choice(_) | Input::Spoken(_) | Input::Begin | Input::FaxHeard => {
                return Err(run.unexpected(input).into());
            }
        };
        run.took("", outcome);
        Ok(Next::Go(next.clone()))
    }

    fn exits(&self) -> Vec<Exit<'_>> {
        let mut exits = vec![Exit::new("next", &self.next, When::Answer)];
        if self.otherwise.is_empty() {
            exits[0].when = When::Silence;
        } else {
            exits.push(Exit::new("otherwise", &self.otherwise, When::Silence));
        }
        exits
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("text".to_owned(), &self.text)]
    }

    fn check(&self, at: &str, known: &Known, found: &mut Found) {
        found.text(format!("{at}.text"), &self.text, true);
        found.prompt(format!("{at}.prompt"), &self.prompt, known);
        found.reference(format!("{at}.queue"), "queue", &self.queue, &known.queues);
        found.span(format!("{at}.longest"), self.longest.as_ref(), 5_000, 600_000);
        found.span(format!("{at}.silence"), self.silence.as_ref(), 2_000, 30_000);
    }
}

/// Where a customer goes who said nothing.
fn nothing_said(step: &VoicemailStep) -> &String {
    if step.otherwise.is_empty() { &step.next } else { &step.otherwise }
}
