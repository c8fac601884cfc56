//! Sets variables.

use contract::ivr::v1::SetStep;

use super::{Exit, Found, Known, Need, Next, Run, StepVerb, When, names_in};

impl StepVerb for SetStep {
    fn enter(&self, run: &mut Run<'_>) -> Result<Next, Need> {
        run.took("", "entered");
        let values: Vec<_> = self.values.iter().map(|(name, value)| (name, run.value(value))).collect();
        for (name, value) in values {
            run.set(name, &value);
        }
        Ok(Next::Go(self.next.clone()))
    }

    fn exits(&self) -> Vec<Exit<'_>> {
        vec![Exit::new("next", &self.next, When::AtOnce)]
    }

    fn uses(&self) -> Vec<(String, Vec<String>)> {
        self.values.iter().map(|(name, value)| (format!("values[{name}]"), names_in(value))).collect()
    }

    fn sets(&self) -> Vec<(String, &str)> {
        self.values.keys().map(|name| (format!("values[{name}]"), name.as_str())).collect()
    }

    fn check(&self, at: &str, _: &Known, found: &mut Found) {
        if self.values.is_empty() {
            found.add(format!("{at}.values"), "is empty: there is nothing to set");
        }
        for (name, value) in &self.values {
            found.filled(format!("{at}.values[{name}]"), value);
        }
    }
}
