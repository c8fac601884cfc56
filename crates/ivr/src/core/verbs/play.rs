//! Plays an uploaded prompt, or says the text where there is none, and goes on.

use contract::ivr::v1::PlayStep;

use super::{Exit, Found, Known, Need, Next, Run, StepVerb, When};

impl StepVerb for PlayStep {
    fn enter(&self, run: &mut Run<'_>) -> Result<Next, Need> {
        let audio = run.audio(&self.prompt)?;
        run.took("", "entered");
        run.play(audio, &self.text, self.no_barge_in);
        Ok(Next::Go(self.next.clone()))
    }

    fn exits(&self) -> Vec<Exit<'_>> {
        vec![Exit::new("next", &self.next, When::AtOnce)]
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("text".to_owned(), &self.text)]
    }

    /// The text is what a chat shows and a telephone says without the recording, so it is needed.
    fn check(&self, at: &str, known: &Known, found: &mut Found) {
        found.text(format!("{at}.text"), &self.text, true);
        found.prompt(format!("{at}.prompt"), &self.prompt, known);
    }
}
