//! Branches on opening hours.

use contract::ivr::v1::HoursStep;

use super::{Exit, Found, Known, Need, Next, Run, StepVerb, When};

impl StepVerb for HoursStep {
    fn enter(&self, run: &mut Run<'_>) -> Result<Next, Need> {
        let open = *run.facts.hours.get(&self.hours).ok_or_else(|| Need::Hours(self.hours.clone()))?;
        run.took("", if open { "open" } else { "closed" });
        Ok(Next::Go(if open { self.open.clone() } else { self.closed.clone() }))
    }

    fn exits(&self) -> Vec<Exit<'_>> {
        vec![Exit::new("open", &self.open, When::AtOnce), Exit::new("closed", &self.closed, When::AtOnce)]
    }

    fn check(&self, at: &str, known: &Known, found: &mut Found) {
        found.reference(format!("{at}.hours"), "hours", &self.hours, &known.hours);
    }
}
