//! Gives the call to a number outside: the last word of a flow, if somebody there takes it.

use contract::ivr::v1::{Transfer, TransferStep, verb};

use super::{Exit, Found, Halt, Input, Known, Need, Next, Run, StepVerb, When, names_in};

impl StepVerb for TransferStep {
    fn enter(&self, run: &mut Run<'_>) -> Result<Next, Need> {
        let number = run.value(&self.number);
        if !run.is_spoken() || number.trim().is_empty() {
            run.took("", "failed");
            return Ok(Next::Go(self.otherwise.clone()));
        }
        run.took("", "entered");
        run.say(&self.text);
        run.act(verb::Kind::Transfer(Transfer { number }));
        Ok(Next::Wait)
    }

    fn answered(&self, input: &Input, run: &mut Run<'_>) -> Result<Next, Halt> {
        let Input::Done(_) = input else { return Err(run.unexpected(input).into()) };
        run.took("", "failed");
        Ok(Next::Go(self.otherwise.clone()))
    }

    fn exits(&self) -> Vec<Exit<'_>> {
        vec![Exit::new("otherwise", &self.otherwise, When::AtOnce)]
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("text".to_owned(), &self.text)]
    }

    fn uses(&self) -> Vec<(String, Vec<String>)> {
        vec![("number".to_owned(), names_in(&self.number))]
    }

    fn check(&self, at: &str, _: &Known, found: &mut Found) {
        found.text(format!("{at}.text"), &self.text, false);
        found.text(format!("{at}.number"), &self.number, true);
        found.filled(format!("{at}.number"), &self.number);
    }
}
