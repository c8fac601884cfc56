//! Says something and goes on.

use contract::ivr::v1::SayStep;

use super::{Exit, Found, Known, Need, Next, Run, StepVerb, When};

impl StepVerb for SayStep {
    fn enter(&self, run: &mut Run<'_>) -> Result<Next, Need> {
        run.took("", "entered");
        run.say(&self.text);
        Ok(Next::Go(self.next.clone()))
    }

    fn exits(&self) -> Vec<Exit<'_>> {
        vec![Exit::new("next", &self.next, When::AtOnce)]
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("text".to_owned(), &self.text)]
    }

    fn check(&self, at: &str, _: &Known, found: &mut Found) {
        found.text(format!("{at}.text"), &self.text, true);
    }
}
