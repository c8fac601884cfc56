//! Runs another flow and goes on when it returns; and the return.

use contract::ivr::v1::{ReturnStep, SubflowStep};

use super::{Exit, Found, Known, Need, Next, Run, StepVerb, When};

impl StepVerb for SubflowStep {
    fn enter(&self, run: &mut Run<'_>) -> Result<Next, Need> {
        run.took("", "entered");
        Ok(Next::Call { flow: self.flow.clone(), next: self.next.clone() })
    }

    /// When it is taken depends on the other flow: see `core::shape`.
    fn exits(&self) -> Vec<Exit<'_>> {
        vec![Exit::new("next", &self.next, When::AtOnce)]
    }

    fn check(&self, at: &str, known: &Known, found: &mut Found) {
        found.reference(format!("{at}.flow"), "flow", &self.flow, &known.flows);
    }
}

impl StepVerb for ReturnStep {
    fn enter(&self, run: &mut Run<'_>) -> Result<Next, Need> {
        run.took("", "entered");
        Ok(Next::Return)
    }

    fn exits(&self) -> Vec<Exit<'_>> {
        Vec::new()
    }

    fn check(&self, _: &str, _: &Known, _: &mut Found) {}
}
