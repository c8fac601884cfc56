//! Chooses the language of what is said from here on.

use contract::ivr::v1::LanguageStep;

use super::{Exit, Found, Known, Need, Next, Run, StepVerb, When};

impl StepVerb for LanguageStep {
    fn enter(&self, run: &mut Run<'_>) -> Result<Next, Need> {
        run.took("", "entered");
        run.language.clone_from(&self.language);
        run.set("language", &self.language);
        Ok(Next::Go(self.next.clone()))
    }

    fn exits(&self) -> Vec<Exit<'_>> {
        vec![Exit::new("next", &self.next, When::AtOnce)]
    }

    fn check(&self, at: &str, known: &Known, found: &mut Found) {
        if !self.language.is_empty() && !known.languages.contains(&self.language) {
            found.add(
                format!("{at}.language"),
                format!("names the language {:?}, into which nothing is translated", self.language),
            );
        }
    }
}
