//! Looks the customer up, and branches on whether they are known.

use contract::ivr::v1::LookupStep;

use super::{Exit, Found, Known, Need, Next, Run, StepVerb, When, names_in};
use crate::core::run::Outcome;

/// Who calls, unless the step says otherwise.
const DEFAULT_BY: &str = "{caller}";

impl StepVerb for LookupStep {
    fn enter(&self, run: &mut Run<'_>) -> Result<Next, Need> {
        let by = run.value(if self.by.is_empty() { DEFAULT_BY } else { &self.by });
        let known = if by.trim().is_empty() {
            None
        } else {
            match run.outcome(|| Need::Customer(by))? {
                Outcome::Customer(customer) => customer.as_ref(),
                Outcome::Answer { .. } => None,
            }
        };
        run.took("", if known.is_some() { "known" } else { "unknown" });
        let (id, name) = known.map_or(("", ""), |(id, name)| (id, name));
        run.set("customer_id", id);
        run.set("customer_name", name);
        Ok(Next::Go(if known.is_some() { self.known.clone() } else { self.unknown.clone() }))
    }

    fn exits(&self) -> Vec<Exit<'_>> {
        vec![Exit::new("known", &self.known, When::AtOnce), Exit::new("unknown", &self.unknown, When::AtOnce)]
    }

    fn uses(&self) -> Vec<(String, Vec<String>)> {
        vec![("by".to_owned(), names_in(&self.by))]
    }

    fn sets(&self) -> Vec<(String, &str)> {
        ["customer_id", "customer_name"].map(|name| (String::new(), name)).into()
    }

    fn check(&self, at: &str, _: &Known, found: &mut Found) {
        found.filled(format!("{at}.by"), &self.by);
    }
}
