//! Collects name, mail and a message while nobody is there. A telephone can't: it says the text and ends.

use contract::ivr::v1::{Form, FormStep, verb};

use super::{Exit, Found, Halt, Input, Known, Need, Next, Run, StepVerb, When};

impl StepVerb for FormStep {
    fn enter(&self, run: &mut Run<'_>) -> Result<Next, Need> {
        run.took("", "entered");
        if run.is_spoken() {
            run.say(&self.text);
            return Ok(run.end());
        }
        Ok(form(self, run))
    }

    fn answered(&self, input: &Input, run: &mut Run<'_>) -> Result<Next, Halt> {
        match input {
            Input::Form(_) => {
                run.took("", "answered");
                Ok(if self.next.is_empty() { run.end() } else { Next::Go(self.next.clone()) })
            }
            Input::TimedOut => {
                run.took("", "timeout");
                Ok(run.end())
            }
            Input::Text(_) | Input::Choice(_) => {
                run.took("", "invalid");
                Ok(form(self, run))
            }
            Input::Begin | Input::Done(_) | Input::Spoken(_) | Input::FaxHeard => {
                Err(run.unexpected(input).into())
            }
        }
    }

    fn exits(&self) -> Vec<Exit<'_>> {
        if self.next.is_empty() { Vec::new() } else { vec![Exit::new("next", &self.next, When::Answer)] }
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("text".to_owned(), &self.text)]
    }

    fn check(&self, at: &str, _: &Known, found: &mut Found) {
        found.text(format!("{at}.text"), &self.text, true);
    }
}

fn form(step: &FormStep, run: &mut Run<'_>) -> Next {
    let text = run.text(&step.text);
    run.act(verb::Kind::Form(Form { text }));
    Next::Wait
}
