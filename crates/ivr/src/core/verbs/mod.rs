//! What steps do, one file per verb. A new verb is its message in `ivr/v1/types.proto`, a file here and a line in [`of`].

mod ask;
mod branch;
mod callback;
mod end;
mod form;
mod gather;
mod hours;
mod http;
mod language;
mod lookup;
mod play;
mod queue;
mod say;
mod set;
mod subflow;
mod survey;
mod transfer;
mod voicemail;

use contract::ivr::v1::step::Verb;

use super::{
    check::{Found, Known},
    run::{Halt, Input, Need, Next, Run},
};

/// Misses before `otherwise` when a step does not say.
const DEFAULT_ATTEMPTS: u32 = 3;
/// Silence that counts as a miss on a live line, and in writing.
const DEFAULT_TIMEOUT_LIVE_MS: i64 = 8_000;
const DEFAULT_TIMEOUT_WRITTEN_MS: i64 = 10 * 60_000;

/// What every verb can do.
pub trait StepVerb {
    /// Does the step, up to where it waits or leads on. `Err`: what must be known first; nothing was done then.
    fn enter(&self, run: &mut Run<'_>) -> Result<Next, Need>;

    /// Takes the answer it waited for. Verbs that never wait take none.
    fn answered(&self, input: &Input, run: &mut Run<'_>) -> Result<Next, Halt> {
        Err(run.unexpected(input).into())
    }

    /// Whether the answer means something to this step: then it is not taken for a wish to speak with a person.
    fn takes(&self, _input: &Input) -> bool {
        true
    }

    /// What a spoken phrase would be as a key; none: it is not listened for here.
    fn meant(&self, _phrase: &str) -> Option<&str> {
        None
    }

    /// An answer that was said counts as none: it was not understood, or not meant.
    fn missed(&self, _said: &str, _outcome: &'static str, run: &mut Run<'_>) -> Result<Next, Halt> {
        Err(run.unexpected(&Input::Spoken(String::new())).into())
    }

    /// Every step it may lead to.
    fn exits(&self) -> Vec<Exit<'_>>;

    /// Finds what is wrong with its fields, below the path `at`. Exits and texts are checked for it.
    fn check(&self, at: &str, known: &Known, found: &mut Found);

    /// Everything it says, by field: it may hold variables, and is translated.
    fn texts(&self) -> Vec<(String, &str)> {
        Vec::new()
    }

    /// What else of it holds variables, by field: conditions, paths, values.
    fn uses(&self) -> Vec<(String, Vec<String>)> {
        Vec::new()
    }

    /// The variables it sets, by field.
    fn sets(&self) -> Vec<(String, &str)> {
        Vec::new()
    }
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
        Verb::Play(play) => play,
        Verb::Gather(gather) => gather,
        Verb::Language(language) => language,
        Verb::Lookup(lookup) => lookup,
        Verb::Http(http) => http,
        Verb::Set(set) => set,
        Verb::Branch(branch) => branch,
        Verb::Subflow(subflow) => subflow,
        Verb::Back(back) => back,
        Verb::Callback(callback) => callback,
        Verb::Voicemail(voicemail) => voicemail,
        Verb::Transfer(transfer) => transfer,
        Verb::Survey(survey) => survey,
    }
}

/// Misses a step bears.
fn attempts(given: i32) -> u32 {
    u32::try_from(given).ok().filter(|given| *given > 0).unwrap_or(DEFAULT_ATTEMPTS)
}

/// The silence that counts as a miss when a step does not say.
fn default_timeout(run: &Run<'_>) -> prost_types::Duration {
    contract::duration_from_millis(if run.is_spoken() {
        DEFAULT_TIMEOUT_LIVE_MS
    } else {
        DEFAULT_TIMEOUT_WRITTEN_MS
    })
}

/// The variables in `text`; a mistake in it is found where texts are checked.
fn names_in(text: &str) -> Vec<String> {
    super::text::names(text).map(|names| names.into_iter().map(str::to_owned).collect()).unwrap_or_default()
}
