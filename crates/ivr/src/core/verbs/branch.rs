//! Goes where the first condition that holds leads.

use contract::ivr::v1::BranchStep;

use super::{Exit, Found, Known, Need, Next, Run, StepVerb, When};
use crate::core::condition::Condition;

/// Most cases of a step.
const MAX_CASES: usize = 30;

impl StepVerb for BranchStep {
    fn enter(&self, run: &mut Run<'_>) -> Result<Next, Need> {
        let holds =
            |when: &str| when.parse::<Condition>().is_ok_and(|condition| condition.holds(&run.variables));
        let case = self.cases.iter().find(|case| holds(&case.when));
        run.took("", case.map_or("otherwise", |_| "case"));
        Ok(Next::Go(case.map_or_else(|| self.otherwise.clone(), |case| case.next.clone())))
    }

    fn exits(&self) -> Vec<Exit<'_>> {
        let cases = self.cases.iter().enumerate();
        cases
            .map(|(place, case)| Exit::new(format!("cases[{place}].next"), &case.next, When::AtOnce))
            .chain([Exit::new("otherwise", &self.otherwise, When::AtOnce)])
            .collect()
    }

    fn uses(&self) -> Vec<(String, Vec<String>)> {
        let names = |when: &str| {
            let condition = when.parse::<Condition>();
            condition.map(|condition| condition.names().map(str::to_owned).collect()).unwrap_or_default()
        };
        let cases = self.cases.iter().enumerate();
        cases.map(|(place, case)| (format!("cases[{place}].when"), names(&case.when))).collect()
    }

    fn check(&self, at: &str, _: &Known, found: &mut Found) {
        match self.cases.len() {
            0 => found.add(format!("{at}.cases"), "is empty: there is nothing to decide"),
            1..=MAX_CASES => {}
            count => found.add(format!("{at}.cases"), format!("has {count} entries, may have {MAX_CASES}")),
        }
        for (place, case) in self.cases.iter().take(MAX_CASES).enumerate() {
            if let Err(reason) = case.when.parse::<Condition>() {
                found.add(format!("{at}.cases[{place}].when"), reason);
            }
        }
    }
}
