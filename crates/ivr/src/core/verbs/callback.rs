//! Arranges that the customer is called back. Whoever writes can't be: they go on at `otherwise`.

use contract::ivr::v1::{Callback, CallbackStep, verb};

use super::{Exit, Found, Halt, Input, Known, Need, Next, Run, StepVerb, When, names_in, queue};

/// Who is called back, unless the step says otherwise.
pub const DEFAULT_NUMBER: &str = "{caller}";

impl StepVerb for CallbackStep {
    fn enter(&self, run: &mut Run<'_>) -> Result<Next, Need> {
        let number = run.value(number(&self.number));
        if !run.is_spoken() || number.trim().is_empty() {
            run.took("", "failed");
            return Ok(Next::Go(self.otherwise.clone()));
        }
        run.took("", "entered");
        let attributes =
            self.attributes.iter().map(|(name, value)| (name.clone(), run.value(value))).collect();
        run.act(verb::Kind::Callback(Callback {
            queue: self.queue.clone(),
            number,
            priority: self.priority,
            attributes,
        }));
        Ok(Next::Wait)
    }

    fn answered(&self, input: &Input, run: &mut Run<'_>) -> Result<Next, Halt> {
        let Input::Done(well) = input else { return Err(run.unexpected(input).into()) };
        run.took("", if *well { "well" } else { "failed" });
        Ok(Next::Go(if *well { self.next.clone() } else { self.otherwise.clone() }))
    }

    fn exits(&self) -> Vec<Exit<'_>> {
        // The customer has no part in either.
        vec![
            Exit::new("next", &self.next, When::AtOnce),
            Exit::new("otherwise", &self.otherwise, When::AtOnce),
        ]
    }

    fn uses(&self) -> Vec<(String, Vec<String>)> {
        let attributes =
            self.attributes.iter().map(|(name, value)| (format!("attributes[{name}]"), names_in(value)));
        [("number".to_owned(), names_in(&self.number))].into_iter().chain(attributes).collect()
    }

    fn check(&self, at: &str, known: &Known, found: &mut Found) {
        found.reference(format!("{at}.queue"), "queue", &self.queue, &known.queues);
        found.filled(format!("{at}.number"), &self.number);
        queue::check_place(at, self.priority, &self.attributes, found);
    }
}

/// The number of a step, or the usual one.
pub fn number(given: &str) -> &str {
    if given.trim().is_empty() { DEFAULT_NUMBER } else { given }
}
