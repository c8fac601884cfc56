//! What steps do, one file per verb. A new verb is its message in `ivr/v1/types.proto`, a file here and a line in [`of`].

mod ask;
mod end;
mod form;
mod hours;
mod queue;
mod say;

use contract::ivr::v1::step::Verb;

use super::{
    advance::{AdvanceError, Input, Need, Next, Run},
    check::{Found, Known},
};

/// What every verb can do.
pub trait StepVerb {
    /// Does the step, up to where it waits or leads on. `Err`: what must be known first; nothing was done then.
    fn enter(&self, run: &mut Run<'_>) -> Result<Next, Need>;

    /// Takes the answer it waited for. Verbs that never wait take none.
    fn answered(&self, input: &Input, run: &mut Run<'_>) -> Result<Next, AdvanceError> {
        Err(run.unexpected(input))
    }

    /// Every step it may lead to.
    fn exits(&self) -> Vec<Exit<'_>>;

    /// Finds what is wrong with its fields, below the path `at`. Exits are checked for it.
    fn check(&self, at: &str, known: &Known, found: &mut Found);
}

/// One way out of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit<'a> {
    /// The field that names it: `choices[1].next`.
    pub field: String,
    /// Key of the step it leads to.
    pub to: &'a str,
    /// What must happen for it to be taken.
    pub when: When,
}

/// What must happen for an exit to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Nothing.
    AtOnce,
    /// The customer keeps silent.
    Silence,
    /// The customer does something.
    Answer,
}

impl<'a> Exit<'a> {
    fn new(field: impl Into<String>, to: &'a str, when: When) -> Self {
        Self { field: field.into(), to, when }
    }
}

/// The verb of a step.
pub fn of(verb: &Verb) -> &dyn StepVerb {
    match verb {
        Verb::Say(say) => say,
        Verb::Ask(ask) => ask,
        Verb::Hours(hours) => hours,
        Verb::Queue(queue) => queue,
        Verb::Form(form) => form,
        Verb::End(end) => end,
    }
}
