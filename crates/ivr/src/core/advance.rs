//! Takes what the customer did, gives what the channel does next.
//!
//! Pure: whatever lies outside (opening hours, customers, backends) is asked for with [`Progress::Needs`] and comes back
//! among the facts, and the same call is made again. Verbs are collected until one waits, hands over or ends.

use contract::{
    interaction::v1::Channel,
    ivr::v1::{StepTaken, Verb, step},
};

pub use super::run::{Facts, Halt, Input, Need, Next, Outcome, Request, Run};
use super::{
    plan::{Agent, FAX_OFF, Plan},
    session::{Frame, MAX_DEPTH, Place, Session},
    spoken::{self, Verdict},
    verbs::{self, StepVerb},
};

/// Most steps taken by one call.
pub const MAX_STEPS: usize = 64;

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
    /// More than [`MAX_DEPTH`] flows inside each other.
    #[error("the flow {0:?} is run by more than {MAX_DEPTH} others")]
    TooDeep(String),
}

/// Begins `plan` for a customer of `tenant`, or goes on where `session` stands: `plan` is then its flow and version.
pub fn advance(
    plan: &Plan,
    tenant: &str,
    session: Option<&Session>,
    input: &Input,
    channel: Channel,
    facts: &Facts,
) -> Result<Progress, AdvanceError> {
    match Walk::new(plan, tenant, session, channel, facts).go(session, input) {
        Ok(advanced) => Ok(Progress::Advanced(advanced)),
        Err(Halt::Needs(need)) => Ok(Progress::Needs(need)),
        Err(Halt::Fails(error)) => Err(error),
    }
}

struct Walk<'a> {
    run: Run<'a>,
    tenant: &'a str,
    /// The flows that wait for the present one.
    outer: Vec<Frame>,
    turn: u32,
}

impl<'a> Walk<'a> {
    fn new(
        plan: &'a Plan,
        tenant: &'a str,
        session: Option<&Session>,
        channel: Channel,
        facts: &'a Facts,
    ) -> Self {
        let mut run = Run::new(plan, channel, facts);
        match session {
            Some(session) => {
                run.language.clone_from(&session.language);
                run.variables.clone_from(&session.variables);
            }
            None => facts.origin.iter().for_each(|(name, value)| run.set(name, value)),
        }
        let outer = session.map(|session| session.outer.clone()).unwrap_or_default();
        Self { run, tenant, outer, turn: session.map_or(0, |session| session.turn.wrapping_add(1)) }
    }

    fn go(mut self, session: Option<&Session>, input: &Input) -> Result<Advanced, Halt> {
        let mut next = match session.map(|session| &session.place) {
            // Wherever it stands, and though it has handed over to a queue.
            Some(_) if *input == Input::FaxHeard => self.fax_heard()?,
            None => Next::Go(self.run.plan.start().to_owned()),
            Some(Place::Done) => return Err(AdvanceError::Done.into()),
            Some(Place::Waiting { step, misses }) => {
                self.run.step.clone_from(step);
                self.run.misses = *misses;
                self.answered(input)?
            }
            Some(Place::Confirming { step, misses, meant }) => {
                self.run.step.clone_from(step);
                self.run.misses = *misses;
                self.confirmed(input, meant)?
            }
        };
        for _ in 0..=MAX_STEPS {
            let step = match next {
                Next::Go(step) => step,
                Next::Call { flow, next } => self.call(flow, next)?,
                Next::Return => {
                    let Some(step) = self.go_back()? else {
                        self.run.end();
                        return Ok(self.finished(Place::Done));
                    };
                    step
                }
                Next::Wait => {
                    let (step, misses) = (self.run.step.clone(), self.run.misses);
                    let place = match self.run.confirming.take() {
                        Some(meant) => Place::Confirming { step, misses, meant },
                        None => Place::Waiting { step, misses },
                    };
                    return Ok(self.finished(place));
                }
                Next::Done => return Ok(self.finished(Place::Done)),
            };
            let verb = verbs::of(find(self.run.plan, &step)?);
            self.run.step = step;
            self.run.misses = 0;
            next = verb.enter(&mut self.run)?;
        }
        Err(AdvanceError::Endless(self.run.plan.key.clone()).into())
    }

    fn answered(&mut self, input: &Input) -> Result<Next, Halt> {
        let verb = verbs::of(find(self.run.plan, &self.run.step)?);
        if let Input::Spoken(phrase) = input {
            return self.heard(verb, phrase);
        }
        if !verb.takes(input)
            && let Some(step) = self.agent_asked_for(input)?
        {
            return Ok(Next::Go(step));
        }
        verb.answered(input, &mut self.run)
    }

    /// Something was said: it is asked whether it was heard aright.
    fn heard(&mut self, verb: &dyn StepVerb, phrase: &str) -> Result<Next, Halt> {
        let meant = verb.meant(phrase).map(str::to_owned).or_else(|| self.asks_for_agent(phrase));
        let Some(meant) = meant else { return verb.missed("", "unclear", &mut self.run) };
        self.run.took(phrase, "heard");
        self.run.confirming = Some(meant);
        spoken::confirm(phrase, &mut self.run);
        Ok(Next::Wait)
    }

    /// The answer to the question whether `meant` was heard aright. Whoever asks for a person meanwhile is believed.
    fn confirmed(&mut self, input: &Input, meant: &str) -> Result<Next, Halt> {
        match (spoken::verdict(input), input) {
            (Verdict::Right, _) => self.answered(&Input::Text(meant.to_owned())),
            (Verdict::Wrong, _) => {
                let verb = verbs::of(find(self.run.plan, &self.run.step)?);
                verb.missed(meant, "misheard", &mut self.run)
            }
            (Verdict::Neither, Input::Spoken(phrase)) => {
                let verb = verbs::of(find(self.run.plan, &self.run.step)?);
                match self.asks_for_agent(phrase) {
                    Some(word) => self.answered(&Input::Text(word)),
                    None => verb.missed("", "unclear", &mut self.run),
                }
            }
            (Verdict::Neither, _) => self.answered(input),
        }
    }

    /// The word, if it leads to a person.
    fn asks_for_agent(&self, phrase: &str) -> Option<String> {
        let Agent::Way { words, .. } = self.run.plan.agent() else { return None };
        words.iter().find(|word| *word == phrase).cloned()
    }

    /// The step that leads to a person, if that is what the customer asks for: in this flow, else in those around it.
    fn agent_asked_for(&mut self, input: &Input) -> Result<Option<String>, Halt> {
        let (Input::Choice(said) | Input::Text(said)) = input else { return Ok(None) };
        let wish = said.trim().to_lowercase();
        let Agent::Way { key, words, step } = self.run.plan.agent() else { return Ok(None) };
        if wish != *key && !words.contains(&wish) {
            return Ok(None);
        }
        if let Some(step) = step {
            self.run.took(&wish, "agent");
            return Ok(Some(step.clone()));
        }
        for (depth, frame) in self.outer.iter().enumerate().rev() {
            let plan = version(self.run.facts, frame)?;
            match plan.agent() {
                Agent::Off => return Ok(None),
                Agent::Way { step: None, .. } => {}
                Agent::Way { step: Some(step), .. } => {
                    self.run.took(&wish, "agent");
                    self.run.plan = plan;
                    self.outer.truncate(depth);
                    return Ok(Some(step.clone()));
                }
            }
        }
        Ok(None)
    }

    /// Where fax machines go: as this flow says, else those around it, else nowhere.
    fn fax_heard(&mut self) -> Result<Next, Halt> {
        loop {
            match self.run.plan.fax() {
                FAX_OFF => return Err(self.run.unexpected(&Input::FaxHeard).into()),
                "" => {
                    let Some(frame) = self.outer.last() else { return Ok(self.run.end()) };
                    self.run.plan = version(self.run.facts, frame)?;
                    self.outer.pop();
                }
                step => {
                    let step = step.to_owned();
                    self.run.step.clone_from(&step);
                    self.run.took("", "fax");
                    return Ok(Next::Go(step));
                }
            }
        }
    }

    fn call(&mut self, flow: String, next: String) -> Result<String, Halt> {
        if self.outer.len() >= MAX_DEPTH {
            return Err(AdvanceError::TooDeep(flow).into());
        }
        let name = (flow.clone(), None);
        let inner = self.run.facts.flows.get(&name).ok_or(Need::Flow { key: flow, version: None })?;
        let plan = self.run.plan;
        self.outer.push(Frame { flow: plan.key.clone(), version: plan.version, next });
        self.run.plan = inner;
        Ok(inner.start().to_owned())
    }

    fn go_back(&mut self) -> Result<Option<String>, Halt> {
        let Some(frame) = self.outer.last() else { return Ok(None) };
        self.run.plan = version(self.run.facts, frame)?;
        Ok(self.outer.pop().map(|frame| frame.next))
    }

    fn finished(self, place: Place) -> Advanced {
        let Self { run, tenant, outer, turn } = self;
        let session = Session {
            tenant: tenant.to_owned(),
            flow: run.plan.key.clone(),
            version: run.plan.version,
            place,
            language: run.language,
            variables: run.variables,
            outer,
            turn,
        };
        Advanced { verbs: run.verbs, session, steps: run.steps }
    }
}

fn version<'a>(facts: &'a Facts, frame: &Frame) -> Result<&'a Plan, Need> {
    let name = (frame.flow.clone(), Some(frame.version));
    let need = || Need::Flow { key: frame.flow.clone(), version: Some(frame.version) };
    facts.flows.get(&name).map(AsRef::as_ref).ok_or_else(need)
}

fn find<'a>(plan: &'a Plan, step: &str) -> Result<&'a step::Verb, AdvanceError> {
    plan.step(step).ok_or_else(|| AdvanceError::NoStep { flow: plan.key.clone(), step: step.to_owned() })
}

#[cfg(test)]
mod fax_tests;
#[cfg(test)]
mod outside_tests;
#[cfg(test)]
mod spoken_tests;
#[cfg(test)]
mod survey_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod verb_tests;
