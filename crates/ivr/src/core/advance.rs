//! Takes what the customer did, gives what the channel does next.
//!
//! Pure: whatever lies outside (opening hours) is asked for with [`Progress::Needs`] and comes back among the facts, and
//! the same call is made again. Verbs are collected until one waits, hands over or ends.

use std::collections::BTreeMap;

use contract::{
    interaction::v1::Channel,
    ivr::v1::{End, FormAnswers, Say, StepTaken, Verb, verb},
};

use super::{
    plan::Plan,
    session::{Place, Session},
    verbs,
};

/// Most steps taken by one call.
pub const MAX_STEPS: usize = 64;

/// Longest text of an answer kept for reports, characters.
const MAX_REPORTED: usize = 200;

/// What has happened since the last verbs.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The interaction has just begun.
    Begin,
    /// A key pressed or a button chosen.
    Choice(String),
    /// Free text.
    Text(String),
    /// Nothing came in time.
    TimedOut,
    /// Answers of a form.
    Form(FormAnswers),
}

/// What is known of the world outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Hours by key: open or not.
    pub hours: BTreeMap<String, bool>,
}

/// What must be known before the flow can go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// Whether these hours are open.
    Hours(String),
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// What the channel does next.
    Advanced(Advanced),
    /// Call again with this among the facts.
    Needs(Need),
}

/// What the channel does next.
#[derive(Clone, Debug, PartialEq)]
pub struct Advanced {
    /// In order; the last one waits, hands over or ends.
    pub verbs: Vec<Verb>,
    /// To be given back with the next input.
    pub session: Session,
    /// What happened, for reports.
    pub steps: Vec<StepTaken>,
}

/// Why a flow can't go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdvanceError {
    /// The flow has handed over or ended.
    #[error("the flow has ended")]
    Done,
    /// Not an input that this step can take.
    #[error("the step {step:?} can't take {input}")]
    Unexpected {
        /// Key of the step.
        step: String,
        /// Which kind of input.
        input: &'static str,
    },
    /// The flow has no such step.
    #[error("the flow {flow:?} has no step {step:?}")]
    NoStep {
        /// Key of the flow.
        flow: String,
        /// Key of the step.
        step: String,
    },
    /// More than [`MAX_STEPS`] without an answer of the customer.
    #[error("the flow {0:?} took more than {MAX_STEPS} steps without waiting")]
    Endless(String),
}

/// Where a step leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// To this step, at once.
    Go(String),
    /// Nowhere before the customer has answered or kept silent.
    Wait,
    /// The flow is over.
    Done,
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
    flow: &'a str,
    step: String,
    verbs: Vec<Verb>,
    steps: Vec<StepTaken>,
}

impl Run<'_> {
    /// Says `text`, unless there is none.
    pub fn say(&mut self, text: &str) {
        if !text.is_empty() {
            self.act(verb::Kind::Say(Say { text: text.to_owned() }));
        }
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

    /// Notes for reports what happened at this step: `entered`, `choice`, `invalid`, `timeout`, `open`, `closed`,
    /// `answered`.
    pub fn took(&mut self, input: &str, outcome: &str) {
        self.steps.push(StepTaken {
            flow: self.flow.to_owned(),
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
            Input::TimedOut => "silence",
            Input::Form(_) => "answers of a form",
        };
        AdvanceError::Unexpected { step: self.step.clone(), input }
    }
}

/// Begins `plan` for a customer of `tenant`, or goes on where `session` stands.
pub fn advance(
    plan: &Plan,
    tenant: &str,
    session: Option<&Session>,
    input: &Input,
    channel: Channel,
    facts: &Facts,
) -> Result<Progress, AdvanceError> {
    let mut run = Run {
        channel,
        facts,
        misses: 0,
        flow: &plan.key,
        step: String::new(),
        verbs: Vec::new(),
        steps: Vec::new(),
    };
    let mut next = match session.map(|session| &session.place) {
        None => Next::Go(plan.start().to_owned()),
        Some(Place::Done) => return Err(AdvanceError::Done),
        Some(Place::Waiting { step, misses }) => {
            run.step.clone_from(step);
            run.misses = *misses;
            verbs::of(find(plan, step)?).answered(input, &mut run)?
        }
    };
    for _ in 0..=MAX_STEPS {
        let step = match next {
            Next::Go(step) => step,
            Next::Wait => {
                let place = Place::Waiting { step: run.step.clone(), misses: run.misses };
                return Ok(Progress::Advanced(finished(run, plan, tenant, place)));
            }
            Next::Done => return Ok(Progress::Advanced(finished(run, plan, tenant, Place::Done))),
        };
        let verb = verbs::of(find(plan, &step)?);
        run.step = step;
        run.misses = 0;
        next = match verb.enter(&mut run) {
            Ok(next) => next,
            Err(need) => return Ok(Progress::Needs(need)),
        };
    }
    Err(AdvanceError::Endless(plan.key.clone()))
}

fn find<'a>(plan: &'a Plan, step: &str) -> Result<&'a contract::ivr::v1::step::Verb, AdvanceError> {
    plan.step(step).ok_or_else(|| AdvanceError::NoStep { flow: plan.key.clone(), step: step.to_owned() })
}

fn finished(run: Run<'_>, plan: &Plan, tenant: &str, place: Place) -> Advanced {
    let session = Session { tenant: tenant.to_owned(), flow: plan.key.clone(), version: plan.version, place };
    Advanced { verbs: run.verbs, session, steps: run.steps }
}

#[cfg(test)]
mod tests;
