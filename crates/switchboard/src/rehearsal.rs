//! Runs flows of a file with scripted customers, through the interpreter that serves real ones.

use std::{collections::VecDeque, sync::Arc};

use contract::{
    interaction::v1::Channel,
    ivr::v1::{Flow, Verb, verb::Kind},
};
use ivr::core::{
    advance::{Facts, Input, Need, Outcome, Progress, Request, advance},
    plan::Plan,
    session::{Place, Session},
};

use crate::centre::scenarios::{Act, Answer, Scenario};

/// Questions to the world outside that one step of a customer may cause.
const MAX_ROUNDS: usize = 200;

/// One line of a transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// `says`, `asks`, `collects`, `queue`, `form`, `callback`, `voicemail`, `transfer`, `ends`, `customer`, `step`,
    /// `backend`.
    pub kind: &'static str,
    /// What.
    pub text: String,
}

/// What came of a scenario.
#[derive(Debug, Default)]
pub struct Transcript {
    /// In order.
    pub lines: Vec<Line>,
    /// What was expected and did not come.
    pub failures: Vec<String>,
}

struct Stage<'a> {
    flows: &'a [Flow],
    scenario: &'a Scenario,
    answers: VecDeque<Answer>,
    session: Option<Session>,
    /// What the flow waits for.
    waits: Waits,
    /// What may be said.
    phrases: Vec<String>,
    /// Keys pressed that nothing has asked for yet.
    typed: VecDeque<char>,
    /// Where the customer's last act stands.
    since: usize,
    transcript: Transcript,
}

/// What the flow waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waits {
    Key,
    Digits {
        max: usize,
        terminator: Option<char>,
    },
    Words,
    /// What it was to do outside.
    Outcome,
    Nothing,
}

/// Runs a scenario.
pub fn run(flows: &[Flow], scenario: &Scenario) -> Transcript {
    let mut stage = Stage {
        flows,
        scenario,
        answers: scenario.answers.iter().cloned().collect(),
        session: None,
        waits: Waits::Nothing,
        phrases: Vec::new(),
        typed: VecDeque::new(),
        since: 0,
        transcript: Transcript::default(),
    };
    if let Err(reason) = stage.play() {
        stage.transcript.failures.push(reason);
    }
    stage.transcript
}

impl Stage<'_> {
    fn play(&mut self) -> Result<(), String> {
        self.advance(&Input::Begin)?;
        for act in &self.scenario.script {
            match act {
                Act::Press(keys) => self.press(keys)?,
                Act::Say(words) => self.say(words)?,
                Act::Silence => {
                    self.note("customer", "(silence)");
                    self.advance(&Input::TimedOut)?;
                }
                Act::Fax => {
                    self.note("customer", "(a fax machine)");
                    self.since = self.transcript.lines.len();
                    self.typed.clear();
                    self.advance(&Input::FaxHeard)?;
                }
                Act::Expect(words) => {
                    let said = |line: &&Line| matches!(line.kind, "says" | "asks" | "collects" | "form");
                    let wanted = words.to_lowercase();
                    let mut since = self.transcript.lines[self.since..].iter().filter(said);
                    if !since.any(|line| line.text.to_lowercase().contains(&wanted)) {
                        self.transcript.failures.push(format!("expected {words:?}, which was not said"));
                    }
                }
                Act::Queue(queue) => self.expect_last("queue", queue),
                Act::Ends => self.expect_last("ends", ""),
                Act::Callback(queue) => self.expect_last("callback", queue),
                Act::Voicemail(queue) => self.expect_last("voicemail", queue),
                Act::Transfer(number) => self.expect_last("transfer", number),
                Act::Done(well) => {
                    self.note(
                        "customer",
                        if *well { "(it comes about)" } else { "(it does not come about)" },
                    );
                    self.since = self.transcript.lines.len();
                    self.advance(&Input::Done(*well))?;
                }
            }
        }
        Ok(())
    }

    fn expect_last(&mut self, kind: &str, text: &str) {
        let last = self.transcript.lines.iter().rfind(|line| !matches!(line.kind, "step" | "backend"));
        if last.is_none_or(|line| line.kind != kind || line.text != text) {
            let came = last.map(|line| format!("{} {}", line.kind, line.text)).unwrap_or_default();
            self.transcript.failures.push(format!("expected {kind} {text}, came {came}"));
        }
    }

    /// As a telephone does: a key answers a menu, several are collected, the rest is typed ahead.
    fn press(&mut self, keys: &str) -> Result<(), String> {
        self.note("customer", keys);
        self.since = self.transcript.lines.len();
        if self.scenario.chat {
            return self.advance(&Input::Text(keys.to_owned()));
        }
        self.typed.extend(keys.chars());
        while let Some(first) = self.typed.pop_front() {
            let answer = match self.waits {
                Waits::Nothing | Waits::Outcome => return Err(format!("nothing asks for the key {first}")),
                Waits::Key | Waits::Words => first.to_string(),
                Waits::Digits { max, terminator } => {
                    let mut digits = String::new();
                    let mut next = Some(first);
                    while let Some(key) = next.filter(|key| Some(*key) != terminator) {
                        digits.push(key);
                        next = if digits.chars().count() < max { self.typed.pop_front() } else { None };
                    }
                    digits
                }
            };
            self.advance(&Input::Choice(answer))?;
        }
        Ok(())
    }

    /// As a telephone hears it: one of the phrases it listens for, or nothing it understands.
    fn say(&mut self, words: &str) -> Result<(), String> {
        self.note("customer", &format!("says {words}"));
        self.since = self.transcript.lines.len();
        let said = words.trim().to_lowercase();
        if self.phrases.is_empty() {
            return Err(format!("nothing listens when the customer says {words:?}"));
        }
        let phrase = self.phrases.iter().find(|phrase| **phrase == said).cloned().unwrap_or_default();
        self.advance(&Input::Spoken(phrase))
    }

    fn advance(&mut self, input: &Input) -> Result<(), String> {
        let key = self.session.as_ref().map_or(&self.scenario.flow, |session| &session.flow).clone();
        let plan = self.plan(&key)?;
        let channel = if self.scenario.chat { Channel::Chat } else { Channel::Voice };
        let listens = self.scenario.script.iter().any(|act| matches!(act, Act::Say(_)));
        let mut facts = Facts { origin: self.origin(), listens, ..Facts::default() };
        for _ in 0..MAX_ROUNDS {
            let session = self.session.as_ref();
            match advance(&plan, "test", session, input, channel, &facts)
                .map_err(|error| error.to_string())?
            {
                Progress::Needs(need) => self.find_out(need, &mut facts)?,
                Progress::Advanced(advanced) => {
                    for step in &advanced.steps {
                        self.note("step", &format!("{}/{} {}", step.flow, step.step, step.outcome));
                    }
                    self.waits = Waits::Nothing;
                    self.phrases.clear();
                    advanced.verbs.iter().for_each(|verb| self.perform(verb));
                    if advanced.session.place == Place::Done {
                        self.typed.clear();
                    }
                    self.session = Some(advanced.session);
                    return Ok(());
                }
            }
        }
        Err("the flow asks the world outside without end".to_owned())
    }

    fn perform(&mut self, verb: &Verb) {
        match &verb.kind {
            Some(Kind::Say(say)) => self.note("says", &say.text),
            Some(Kind::Ask(ask)) => {
                self.waits = if ask.options.is_empty() { Waits::Words } else { Waits::Key };
                let options = ask.options.iter().map(|option| format!("{} {}", option.value, option.label));
                let options = options.collect::<Vec<_>>().join(", ");
                self.phrases.clone_from(&ask.phrases);
                self.note("asks", &format!("{} [{options}]", ask.text));
            }
            Some(Kind::Gather(gather)) => {
                self.waits = Waits::Digits {
                    max: usize::try_from(gather.max).unwrap_or(1),
                    terminator: gather.terminator.chars().next(),
                };
                self.note("collects", &format!("{} [{} to {} digits]", gather.text, gather.min, gather.max));
            }
            Some(Kind::Queue(queue)) => {
                if queue.after {
                    self.waits = Waits::Outcome;
                }
                self.note("queue", &queue.queue);
            }
            Some(Kind::Callback(callback)) => {
                self.waits = Waits::Outcome;
                self.note("callback", &callback.queue);
            }
            Some(Kind::Voicemail(voicemail)) => {
                self.waits = Waits::Outcome;
                self.note("says", &voicemail.text);
                self.note("voicemail", &voicemail.queue);
            }
            Some(Kind::Transfer(transfer)) => {
                self.waits = Waits::Outcome;
                self.note("transfer", &transfer.number);
            }
            Some(Kind::Form(form)) => {
                self.waits = Waits::Words;
                self.note("form", &form.text);
            }
            Some(Kind::End(_)) => self.note("ends", ""),
            None => {}
        }
    }

    fn find_out(&mut self, need: Need, facts: &mut Facts) -> Result<(), String> {
        match need {
            Need::Hours(hours) => {
                let open = !self.scenario.closed.contains(&hours);
                facts.hours.insert(hours, open);
            }
            Need::Prompt { key, language } => {
                facts.prompts.insert((key, language), String::new());
            }
            Need::Flow { key, version } => {
                let plan = self.plan(&key)?;
                facts.flows.insert((key, version), plan);
            }
            Need::Customer(identity) => {
                let known = self.scenario.customers.iter().find(|(known, _)| *known == identity);
                let known = known.map(|(identity, name)| (format!("customer of {identity}"), name.clone()));
                facts.outcomes.push(Outcome::Customer(known));
            }
            Need::Request(request) => {
                let outcome = self.answer(&request);
                facts.outcomes.push(outcome);
            }
        }
        Ok(())
    }

    /// The next answer that fits; the last that fits stays for all that follow.
    fn answer(&mut self, request: &Request) -> Outcome {
        let fits = |answer: &&Answer| {
            (answer.method.is_empty() || answer.method == request.method)
                && request.path.starts_with(&answer.path)
        };
        let fitting = self.answers.iter().filter(fits).count();
        let answer = match self.answers.iter().position(|answer| fits(&answer)) {
            Some(place) if fitting > 1 => self.answers.remove(place),
            Some(place) => self.answers.get(place).cloned(),
            None => None,
        };
        let status = answer.as_ref().map_or(0, |answer| answer.status);
        self.note("backend", &format!("{} {}{} → {status}", request.method, request.backend, request.path));
        let values = answer.map(|answer| answer.values).unwrap_or_default();
        let saved = request.save.iter().filter_map(|(name, pointer)| {
            let (_, value) = values.iter().find(|(at, _)| at == pointer)?;
            Some((name.clone(), value.clone()))
        });
        Outcome::Answer { status, values: saved.collect() }
    }

    fn origin(&self) -> std::collections::BTreeMap<String, String> {
        let channel = if self.scenario.chat { "chat" } else { "voice" };
        [("caller", self.scenario.caller.as_str()), ("channel", channel), ("interaction", "test")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    fn plan(&self, key: &str) -> Result<Arc<Plan>, String> {
        let flow = self.flows.iter().find(|flow| flow.key == key);
        flow.map(|flow| Arc::new(Plan::of(flow.clone()))).ok_or_else(|| format!("there is no flow {key:?}"))
    }

    fn note(&mut self, kind: &'static str, text: &str) {
        self.transcript.lines.push(Line { kind, text: text.to_owned() });
    }
}
