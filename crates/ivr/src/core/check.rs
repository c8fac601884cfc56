//! Whether flows may run. A flow that passes ends for every customer: nothing leads nowhere, no loop turns without an
//! answer of the customer, and one who keeps silent is led to a queue or an end.
//!
//! A path names the list, then the key in brackets (of a choice: what is pressed; the position, counted from 0, where
//! things have no key), then the field: `flows[main].steps[menu].choices[1].next`.

use std::collections::BTreeSet;

use contract::{
    Slug,
    ivr::v1::{Flow, FlowViolation},
    millis_of_duration,
};

use super::{
    plan::{FAX_OFF, agent_step},
    run::{ORIGIN, WAITING},
    session::MAX_VARIABLES,
    shape, text, verbs,
};

/// Most mistakes reported at once.
pub const MAX_VIOLATIONS: usize = 200;
/// Most flows of a tenant.
pub const MAX_FLOWS: usize = 1_000;
/// Most steps of a flow.
pub const MAX_STEPS_OF_FLOW: usize = 1_000;
/// Longest text, characters.
const MAX_TEXT: usize = 4_000;

/// What steps may name besides each other.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Keys of queues.
    pub queues: BTreeSet<String>,
    /// Keys of hours.
    pub hours: BTreeSet<String>,
    /// Names of configured backends.
    pub backends: BTreeSet<String>,
    /// Keys of uploaded prompts.
    pub prompts: BTreeSet<String>,
    /// Keys of the flows themselves; [`check`] sees to it.
    pub flows: BTreeSet<String>,
    /// Languages into which something is translated; [`check`] sees to it.
    pub languages: BTreeSet<String>,
    /// Variables that something sets; [`check`] sees to it.
    pub variables: BTreeSet<String>,
}

/// The mistakes found so far.
#[derive(Debug, Default)]
pub struct Found {
    violations: Vec<FlowViolation>,
}

/// Every mistake of the flows, at most [`MAX_VIOLATIONS`]; empty: they may run.
pub fn check(flows: &[Flow], known: &Known) -> Vec<FlowViolation> {
    let mut found = Found::default();
    if flows.len() > MAX_FLOWS {
        found.add("flows", format!("has {} entries, may have {MAX_FLOWS}", flows.len()));
    }
    let known = &around(flows, known);
    let mut keys = BTreeSet::new();
    let mut right = Vec::new();
    for (place, flow) in flows.iter().take(MAX_FLOWS).enumerate() {
        let at = element("flows", &flow.key, place);
        let before = found.violations.len();
        found.key(format!("{at}.key"), &flow.key);
        if !flow.key.is_empty() && !keys.insert(&flow.key) {
            found.add(format!("{at}.key"), "is used more than once");
        }
        check_flow(&at, flow, known, &mut found);
        // The shape of a flow means something only when all its ways lead somewhere.
        if found.violations.len() == before {
            right.push((at, flow));
        }
    }
    shape::check(&right, &mut found);
    found.violations
}

/// What flows may name of each other.
fn around(flows: &[Flow], known: &Known) -> Known {
    let mut known = known.clone();
    known.variables.extend(ORIGIN.map(str::to_owned));
    for flow in flows {
        known.flows.insert(flow.key.clone());
        known.languages.extend(flow.translations.iter().map(|translation| translation.language.clone()));
        for verb in flow.steps.iter().filter_map(|step| step.verb.as_ref()) {
            known.variables.extend(verbs::of(verb).sets().into_iter().map(|(_, name)| name.to_owned()));
        }
    }
    known
}

fn check_flow(at: &str, flow: &Flow, known: &Known, found: &mut Found) {
    if flow.name.chars().count() > 200 || flow.name.chars().any(char::is_control) {
        found.add(format!("{at}.name"), "must have at most 200 printable characters");
    }
    match flow.steps.len() {
        0 => return found.add(format!("{at}.steps"), "is empty: a flow must lead to a queue or an end"),
        1..=MAX_STEPS_OF_FLOW => {}
        count => {
            let reason = format!("has {count} entries, may have {MAX_STEPS_OF_FLOW}");
            return found.add(format!("{at}.steps"), reason);
        }
    }
    let keys: BTreeSet<&str> = flow.steps.iter().map(|step| step.key.as_str()).collect();
    let mut seen = BTreeSet::new();
    found.leads(format!("{at}.start"), &flow.start, &keys);
    for (place, step) in flow.steps.iter().enumerate() {
        let at = element(&format!("{at}.steps"), &step.key, place);
        found.key(format!("{at}.key"), &step.key);
        if !step.key.is_empty() && !seen.insert(&step.key) {
            found.add(format!("{at}.key"), "is used more than once");
        }
        match &step.verb {
            Some(verb) => {
                let verb = verbs::of(verb);
                verb.check(&at, known, found);
                for exit in verb.exits() {
                    found.leads(format!("{at}.{}", exit.field), exit.to, &keys);
                }
                check_variables(&at, verb, known, found);
            }
            None => found.add(at, "does nothing: it needs a verb such as say, ask, queue or end"),
        }
    }
    check_agent(at, flow, &keys, found);
    if !matches!(flow.fax.as_str(), "" | FAX_OFF) {
        found.leads(format!("{at}.fax"), &flow.fax, &keys);
    }
    check_translations(at, flow, known, found);
    let set: BTreeSet<&str> = flow
        .steps
        .iter()
        .filter_map(|step| step.verb.as_ref())
        .flat_map(|verb| verbs::of(verb).sets())
        .map(|(_, name)| name)
        .collect();
    let most = MAX_VARIABLES - ORIGIN.len();
    if set.len() > most {
        found.add(at, format!("sets {} variables, may set {most}", set.len()));
    }
}

/// Variables have proper names, and none is used that nothing sets.
fn check_variables(at: &str, verb: &dyn verbs::StepVerb, known: &Known, found: &mut Found) {
    for (field, name) in verb.sets().into_iter().filter(|(field, _)| !field.is_empty()) {
        if name.is_empty() {
            found.add(format!("{at}.{field}"), "is missing");
        } else if !text::is_name(name) || WAITING.contains(&name) {
            let reason = "can't be the name of a variable: a-z, then a-z, 0-9 and _, at most 32 characters";
            found.add(format!("{at}.{field}"), reason);
        }
    }
    for (field, text) in verb.texts() {
        let waiting = field == "announcement.text";
        found.filled(format!("{at}.{field}"), text);
        for name in text::names(text).unwrap_or_default() {
            if !(known.variables.contains(name) || waiting && WAITING.contains(&name)) {
                found
                    .add(format!("{at}.{field}"), format!("names the variable {name:?}, which nothing sets"));
            }
        }
    }
    for (field, names) in verb.uses() {
        for name in names.iter().filter(|name| !known.variables.contains(*name)) {
            found.add(format!("{at}.{field}"), format!("names the variable {name:?}, which nothing sets"));
        }
    }
}

fn check_agent(at: &str, flow: &Flow, keys: &BTreeSet<&str>, found: &mut Found) {
    let Some(way) = &flow.agent else { return };
    if !way.off && !agent_step(flow).is_empty() {
        found.leads(format!("{at}.agent.step"), agent_step(flow), keys);
    }
    if !matches!(way.key.as_bytes(), [] | [b'0'..=b'9' | b'*' | b'#']) {
        found.add(format!("{at}.agent.key"), "must be one key: 0 to 9, * or #");
    }
    for (place, word) in way.words.iter().enumerate() {
        found.label(format!("{at}.agent.words[{place}]"), word);
    }
}

/// A language is there whole or not at all, and holds nothing that nobody says.
fn check_translations(at: &str, flow: &Flow, known: &Known, found: &mut Found) {
    let said: BTreeSet<&str> = flow
        .steps
        .iter()
        .filter_map(|step| step.verb.as_ref())
        .flat_map(|verb| verbs::of(verb).texts())
        .map(|(_, text)| text)
        .filter(|text| !text.trim().is_empty())
        .collect();
    let mut languages = BTreeSet::new();
    for (place, translation) in flow.translations.iter().enumerate() {
        let at = element(&format!("{at}.translations"), &translation.language, place);
        let tag = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if !(2..=20).contains(&translation.language.len()) || !translation.language.chars().all(tag) {
            found.add(format!("{at}.language"), "must be a language such as \"de\" or \"pt-BR\"");
        } else if !languages.insert(&translation.language) {
            found.add(format!("{at}.language"), "is used more than once");
        }
        for text in said.iter().filter(|text| !translation.texts.contains_key(**text)) {
            found.add(&at, format!("lacks {:?}", short(text)));
        }
        for (text, translated) in &translation.texts {
            let at = format!("{at}.texts[{}]", short(text));
            if !said.contains(text.as_str()) {
                found.add(&at, "translates what the flow does not say");
            }
            found.text(&at, translated, true);
            found.filled(&at, translated);
            for name in text::names(translated).unwrap_or_default() {
                if !known.variables.contains(name) && !WAITING.contains(&name) {
                    found.add(&at, format!("names the variable {name:?}, which nothing sets"));
                }
            }
        }
    }
}

fn short(text: &str) -> String {
    if text.chars().count() <= 40 { text.to_owned() } else { text.chars().take(39).chain(['…']).collect() }
}

fn element(list: &str, key: &str, place: usize) -> String {
    if key.is_empty() { format!("{list}[{place}]") } else { format!("{list}[{key}]") }
}

impl Found {
    /// Notes a mistake.
    pub fn add(&mut self, field: impl Into<String>, reason: impl Into<String>) {
        if self.violations.len() < MAX_VIOLATIONS {
            self.violations.push(FlowViolation { field: field.into(), reason: reason.into() });
        }
    }

    /// Something people read or hear.
    pub fn text(&mut self, field: impl Into<String>, text: &str, needed: bool) {
        if needed && text.trim().is_empty() {
            self.add(field, "is missing");
        } else if text.chars().count() > MAX_TEXT {
            self.add(field, format!("has more than {MAX_TEXT} characters"));
        } else if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) {
            self.add(field, "contains a control character");
        }
    }

    /// A text that may hold variables.
    pub fn filled(&mut self, field: impl Into<String>, text: &str) {
        if let Err(reason) = text::names(text) {
            self.add(field, reason);
        }
    }

    /// The key of an uploaded prompt, or nothing.
    pub fn prompt(&mut self, field: impl Into<String>, key: &str, known: &Known) {
        if !key.is_empty() && !known.prompts.contains(key) {
            self.add(field, format!("names the prompt {key:?}, which is not uploaded"));
        }
    }

    /// The words on a button.
    pub fn label(&mut self, field: impl Into<String>, label: &str) {
        if label.trim().is_empty() {
            self.add(field, "is missing");
        } else if label.chars().count() > 100 || label.chars().any(char::is_control) {
            self.add(field, "must have at most 100 printable characters");
        }
    }

    /// A span between two bounds; absent means the default and is right.
    pub fn span(
        &mut self,
        field: impl Into<String>,
        span: Option<&prost_types::Duration>,
        least_ms: i64,
        most_ms: i64,
    ) {
        if span.is_some_and(|span| !(least_ms..=most_ms).contains(&millis_of_duration(span))) {
            self.add(field, format!("must be {}s to {}s", least_ms / 1_000, most_ms / 1_000));
        }
    }

    /// The key of something outside the flow.
    pub fn reference(&mut self, field: impl Into<String>, what: &str, key: &str, known: &BTreeSet<String>) {
        if key.is_empty() {
            self.add(field, "is missing");
        } else if !known.contains(key) {
            self.add(field, format!("names the {what} {key:?}, which is not described"));
        }
    }

    fn key(&mut self, field: impl Into<String>, key: &str) {
        match key.parse::<Slug>() {
            Ok(_) => {}
            Err(_) if key.is_empty() => self.add(field, "is missing"),
            Err(error) => self.add(field, error.to_string()),
        }
    }

    fn leads(&mut self, field: impl Into<String>, step: &str, steps: &BTreeSet<&str>) {
        if step.is_empty() {
            self.add(field, "is missing");
        } else if !steps.contains(step) {
            self.add(field, format!("names the step {step:?}, which the flow does not have"));
        }
    }
}

#[cfg(test)]
mod tests;
