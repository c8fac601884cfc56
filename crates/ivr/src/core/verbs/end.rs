//! Says something, if anything, and ends the interaction.

use contract::ivr::v1::EndStep;

use super::{Exit, Found, Known, Need, Next, Run, StepVerb};

impl StepVerb for EndStep {
    fn enter(&self, run: &mut Run<'_>) -> Result<Next, Need> {
        run.took("", "entered");
        run.say(&self.text);
        Ok(run.end())
    }

    fn exits(&self) -> Vec<Exit<'_>> {
        Vec::new()
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("text".to_owned(), &self.text)]
    }

    fn check(&self, at: &str, _: &Known, found: &mut Found) {
        found.text(format!("{at}.text"), &self.text, false);
    }
}
