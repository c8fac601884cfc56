//! One call of the interpreter under way: what verbs read and write.

use std::{collections::BTreeMap, sync::Arc};

use contract::{
    interaction::v1::Channel,
    ivr::v1::{End, FormAnswers, Say, StepTaken, Verb, verb},
};

use super::{
    advance::AdvanceError,
    plan::Plan,
    session::{MAX_VALUE, MAX_VARIABLES},
    text,
};

/// Longest text of an answer kept for reports, characters.
const MAX_REPORTED: usize = 200;

/// What only the wait for an agent shows: the place in the queue, and minutes.
pub const WAITING: [&str; 2] = ["position", "wait"];

/// The variables that a customer begins with.
pub const ORIGIN: [&str; 6] =
    ["caller", "customer_email", "display_name", "channel", "interaction", "language"];

/// What has happened since the last verbs.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The interaction has just begun.
    Begin,
    /// Keys pressed or a button chosen.
    Choice(String),
    /// Free text.
    Text(String),
    /// One of the phrases that were listened for; empty: something else was said.
    Spoken(String),
    /// Nothing came in time.
    TimedOut,
    /// Answers of a form.
    Form(FormAnswers),
    /// What the channel was to do: whether it came about.
    Done(bool),
    /// The caller is a fax machine.
    FaxHeard,
}

/// What is known of the world outside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The variables that a customer begins with.
    pub origin: BTreeMap<String, String>,
    /// The channel understands speech.
    pub listens: bool,
    /// Hours by key: open or not.
    pub hours: BTreeMap<String, bool>,
    /// Uploaded prompts by key and language; empty: there is none.
    pub prompts: BTreeMap<(String, String), String>,
    /// Flows by key and version; without a version: the one that begins now.
    pub flows: BTreeMap<(String, Option<i32>), Arc<Plan>>,
    /// What came of what was to be done outside, in the order in which it was asked for.
    pub outcomes: Vec<Outcome>,
}

/// What must be known, or done outside, before the flow can go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// Whether these hours are open.
    Hours(String),
    /// The uploaded prompt of this key for this language.
    Prompt {
        /// Its key.
        key: String,
        /// BCP 47, or empty.
        language: String,
    },
    /// A flow that this one runs, or goes back to.
    Flow {
        /// Its key.
        key: String,
        /// Absent: the one that begins now.
        version: Option<i32>,
    },
    /// The customer with this identity: [`Outcome::Customer`].
    Customer(String),
    /// The answer of a backend: [`Outcome::Answer`].
    Request(Request),
}

/// A question to a backend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Its name in the configuration.
    pub backend: String,
    /// In capitals.
    pub method: String,
    /// Begins with `/`, encoded.
    pub path: String,
    /// Fields of the object that is sent; none: nothing is sent.
    pub body: BTreeMap<String, String>,
    /// Variable → JSON pointer.
    pub save: BTreeMap<String, String>,
    /// Milliseconds.
    pub timeout: i64,
}

/// What came of something outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Id and name; `None`: nobody is known by that.
    Customer(Option<(String, String)>),
    /// An answer of a backend.
    Answer {
        /// HTTP status; 0: there was none in time.
        status: u16,
        /// By variable; those that were not in the answer are missing.
        values: BTreeMap<String, String>,
    },
}

/// Where a step leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// To this step, at once.
    Go(String),
    /// Nowhere before the customer has answered or kept silent.
    Wait,
    /// Into another flow, and then to this step.
    Call {
        /// Key of the flow.
        flow: String,
        /// Where it goes on afterwards.
        next: String,
    },
    /// To the flow that ran this one.
    Return,
    /// The flow is over.
    Done,
}

/// Why a step does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// Something must be known first; nothing was done.
    Needs(Need),
    /// It can't.
    Fails(AdvanceError),
}

impl From<Need> for Halt {
    fn from(need: Need) -> Self {
        Self::Needs(need)
    }
}

impl From<AdvanceError> for Halt {
    fn from(error: AdvanceError) -> Self {
        Self::Fails(error)
    }
}

/// One call under way; what verbs write to.
#[derive(Debug)]
pub struct Run<'a> {
    /// The kind of line to the customer.
    pub channel: Channel,
    /// What is known of the world outside.
    pub facts: &'a Facts,
    /// Wrong or missing answers to this step so far.
    pub misses: u32,
    /// BCP 47; empty: the language the flow is written in.
    pub language: String,
    /// What was learned.
    pub variables: BTreeMap<String, String>,
    /// What was understood, and waits for a yes: what it would be in writing.
    pub confirming: Option<String>,
    /// The flow it is in.
    pub(super) plan: &'a Plan,
    /// The step it is at.
    pub(super) step: String,
    pub(super) verbs: Vec<Verb>,
    pub(super) steps: Vec<StepTaken>,
    asked: usize,
}

impl<'a> Run<'a> {
    /// Begins in `plan`.
    pub fn new(plan: &'a Plan, channel: Channel, facts: &'a Facts) -> Self {
        Self {
            channel,
            facts,
            misses: 0,
            language: String::new(),
            variables: BTreeMap::new(),
            confirming: None,
            plan,
            step: String::new(),
            verbs: Vec::new(),
            steps: Vec::new(),
            asked: 0,
        }
    }

    /// A telephone, as against a line on which people write.
    pub const fn is_spoken(&self) -> bool {
        matches!(self.channel, Channel::Voice | Channel::Video)
    }

    /// Answers may be spoken: the grammars are those of the language the flow is written in.
    pub const fn listens(&self) -> bool {
        self.is_spoken() && self.facts.listens && self.language.is_empty()
    }

    /// A text of the flow as this customer gets it: in their language, with its variables.
    pub fn text(&self, text: &str) -> String {
        text::fill(self.plan.translated(&self.language, text), &self.variables)
    }

    /// A value with its variables filled in, in nobody's language.
    pub fn value(&self, text: &str) -> String {
        text::fill(text, &self.variables)
    }

    /// As [`Run::text`]; what only the wait will show stays to be filled in.
    pub fn announcement(&self, text: &str) -> String {
        let mut variables = self.variables.clone();
        variables.extend(WAITING.map(|name| (name.to_owned(), format!("{{{name}}}"))));
        text::fill(self.plan.translated(&self.language, text), &variables)
    }

    /// Says `text`, unless there is none.
    pub fn say(&mut self, text: &str) {
        self.play(String::new(), text, false);
    }

    /// Plays the recording `audio`, where there is none says `text`.
    pub fn play(&mut self, audio: String, text: &str, no_barge_in: bool) {
        let text = self.text(text);
        if !text.trim().is_empty() || !audio.is_empty() {
            let language = self.language.clone();
            self.act(verb::Kind::Say(Say { text, audio, language, no_barge_in }));
        }
    }

    /// The uploaded prompt of this key in the customer's language; empty: none, or nobody would hear it.
    pub fn audio(&self, prompt: &str) -> Result<String, Need> {
        if prompt.is_empty() || !self.is_spoken() {
            return Ok(String::new());
        }
        let name = (prompt.to_owned(), self.language.clone());
        let (key, language) = name.clone();
        self.facts.prompts.get(&name).cloned().ok_or(Need::Prompt { key, language })
    }

    /// Does something.
    pub fn act(&mut self, kind: verb::Kind) {
        self.verbs.push(Verb { kind: Some(kind) });
    }

    /// Ends the interaction.
    pub fn end(&mut self) -> Next {
        self.act(verb::Kind::End(End {}));
        Next::Done
    }

    /// What came of something that is to be done outside, once.
    pub fn outcome(&mut self, need: impl FnOnce() -> Need) -> Result<&'a Outcome, Need> {
        let outcome = self.facts.outcomes.get(self.asked).ok_or_else(need)?;
        self.asked += 1;
        Ok(outcome)
    }

    /// Keeps a value, cut to what a session holds; an empty one is forgotten.
    pub fn set(&mut self, name: &str, value: &str) {
        let mut kept = String::new();
        for character in value.trim().chars().filter(|character| !character.is_control()) {
            if kept.len() + character.len_utf8() > MAX_VALUE {
                break;
            }
            kept.push(character);
        }
        if kept.is_empty() {
            self.variables.remove(name);
        } else if self.variables.contains_key(name) || self.variables.len() < MAX_VARIABLES {
            self.variables.insert(name.to_owned(), kept);
        }
    }

    /// Notes for reports what happened at this step: `entered`, `choice`, `invalid`, `timeout`, `agent`, `open`,
    /// `closed`, `answered`, `known`, `unknown`, `well`, `failed`, `case`, `otherwise`; of what was spoken `heard` (it is to be
    /// confirmed), `unclear` (nothing was understood) and `misheard` (the customer said no).
    pub fn took(&mut self, input: &str, outcome: &str) {
        self.steps.push(StepTaken {
            flow: self.plan.key.clone(),
            step: self.step.clone(),
            input: input.chars().take(MAX_REPORTED).collect(),
            outcome: outcome.to_owned(),
        });
    }

    /// The error of an input that this step can't take.
    pub fn unexpected(&self, input: &Input) -> AdvanceError {
        let input = match input {
            Input::Begin => "a beginning",
            Input::Choice(_) => "a choice",
            Input::Text(_) => "text",
            Input::Spoken(_) => "speech",
            Input::TimedOut => "silence",
            Input::Form(_) => "answers of a form",
            Input::Done(_) => "the end of something it did not begin",
            Input::FaxHeard => "a fax machine",
        };
        AdvanceError::Unexpected { step: self.step.clone(), input }
    }
}
