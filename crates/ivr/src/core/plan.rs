//! A flow made ready to run: its steps by key, its translations, its way to a person.

use std::collections::BTreeMap;

use contract::ivr::v1::{AgentWay, Flow, step};

/// The key of a telephone that leads to a person when the flow does not say.
pub const AGENT_KEY: &str = "0";
/// The word that does, in every flow.
const AGENT_WORD: &str = "agent";

/// Fax machines are treated as everybody else.
pub const FAX_OFF: &str = "off";

/// One version of a flow, indexed.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Key of the flow.
    pub key: String,
    /// Which of its versions.
    pub version: i32,
    start: String,
    steps: BTreeMap<String, step::Verb>,
    translations: BTreeMap<String, BTreeMap<String, String>>,
    agent: Agent,
    fax: String,
}

/// The way to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agent {
    /// This flow has none, and none of those around it counts.
    Off,
    /// Open by this key and these words, in lower case; without a step, the flow around it knows where it leads.
    Way {
        /// Key of the step.
        step: Option<String>,
        /// A key of the telephone.
        key: String,
        /// In lower case.
        words: Vec<String>,
    },
}

impl Plan {
    /// Indexes a flow; steps without a verb are left out.
    pub fn of(flow: Flow) -> Self {
        let agent = agent(&flow);
        let fax = flow.fax;
        let steps = flow.steps.into_iter().filter_map(|step| Some((step.key, step.verb?))).collect();
        let translations = flow
            .translations
            .into_iter()
            .map(|translation| (translation.language, translation.texts))
            .collect();
        Self { key: flow.key, version: flow.version, start: flow.start, steps, translations, agent, fax }
    }

    /// Key of the first step.
    pub fn start(&self) -> &str {
        &self.start
    }

    /// What a step does.
    pub fn step(&self, key: &str) -> Option<&step::Verb> {
        self.steps.get(key)
    }

    /// A text of the flow in another language, as far as there is one.
    pub fn translated<'a>(&'a self, language: &str, text: &'a str) -> &'a str {
        self.translations.get(language).and_then(|texts| texts.get(text)).map_or(text, String::as_str)
    }

    /// The way to a person.
    pub fn agent(&self) -> &Agent {
        &self.agent
    }

    /// Where fax machines go: a step, [`FAX_OFF`], or empty: the call ends, unless the flow around it knows better.
    pub fn fax(&self) -> &str {
        &self.fax
    }
}

/// Where the way to a person leads; empty: nowhere.
pub fn agent_step(flow: &Flow) -> &str {
    match &flow.agent {
        Some(way) if way.off => "",
        Some(way) if !way.step.is_empty() => &way.step,
        _ => flow
            .steps
            .iter()
            .find(|step| matches!(step.verb, Some(step::Verb::Queue(_))))
            .map_or("", |step| step.key.as_str()),
    }
}

fn agent(flow: &Flow) -> Agent {
    let way = flow.agent.clone().unwrap_or_default();
    if way.off {
        return Agent::Off;
    }
    let AgentWay { key, words, .. } = way;
    let step = agent_step(flow);
    Agent::Way {
        step: (!step.is_empty()).then(|| step.to_owned()),
        key: if key.is_empty() { AGENT_KEY.to_owned() } else { key },
        words: words.iter().map(|word| word.trim().to_lowercase()).chain([AGENT_WORD.to_owned()]).collect(),
    }
}
