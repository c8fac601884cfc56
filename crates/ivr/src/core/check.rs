//! Whether flows may run. A flow that passes ends for every customer: nothing leads nowhere, no loop turns without an
//! answer of the customer, and one who keeps silent is led to a queue or an end.
//!
//! A path names the list, then the key in brackets (of a choice: what is pressed; the position, counted from 0, where
//! things have no key), then the field: `flows[main].steps[menu].choices[1].next`.

use std::collections::{BTreeMap, BTreeSet};

use contract::{
    Slug,
    ivr::v1::{Flow, FlowViolation, Step},
    millis_of_duration,
};

use super::{
    advance::MAX_STEPS,
    verbs::{self, Exit, When},
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
    let mut keys = BTreeSet::new();
    for (place, flow) in flows.iter().take(MAX_FLOWS).enumerate() {
        let at = element("flows", &flow.key, place);
        found.key(format!("{at}.key"), &flow.key);
        if !flow.key.is_empty() && !keys.insert(&flow.key) {
            found.add(format!("{at}.key"), "is used more than once");
        }
        check_flow(&at, flow, known, &mut found);
    }
    found.violations
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
    let before = found.violations.len();
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
            }
            None => found.add(at, "does nothing: it needs one of say, ask, hours, queue, form, end"),
        }
    }
    // The shape of a flow means something only when all its ways lead somewhere.
    if found.violations.len() == before {
        check_shape(at, flow, found);
    }
}

/// Dead steps, loops without an answer, and ways too long to go without waiting.
fn check_shape(at: &str, flow: &Flow, found: &mut Found) {
    let exits: BTreeMap<&str, Vec<Exit<'_>>> =
        flow.steps.iter().map(|step| (step.key.as_str(), exits_of(step))).collect();
    let mut reached = BTreeSet::from([flow.start.as_str()]);
    let mut open = vec![flow.start.as_str()];
    while let Some(step) = open.pop() {
        for exit in exits.get(step).into_iter().flatten() {
            if reached.insert(exit.to) {
                open.push(exit.to);
            }
        }
    }
    for step in &flow.steps {
        if !reached.contains(step.key.as_str()) {
            found.add(format!("{at}.steps[{}]", step.key), "is never reached: no step leads to it");
        }
    }

    let at_once = |when: When| when == When::AtOnce;
    let unasked = |when: When| when != When::Answer;
    match longest_ways(&exits, at_once) {
        Err((step, field)) => {
            found.add(format!("{at}.steps[{step}].{field}"), "leads round in a loop that never waits");
        }
        Ok(ways) => {
            if let Some((step, _)) = ways.iter().find(|(_, length)| **length > MAX_STEPS) {
                let reason = format!("begins a way of more than {MAX_STEPS} steps without waiting");
                found.add(format!("{at}.steps[{step}]"), reason);
            }
            if let Err((step, field)) = longest_ways(&exits, unasked) {
                let reason = "leads a silent customer round in a loop for ever";
                found.add(format!("{at}.steps[{step}].{field}"), reason);
            }
        }
    }
}

fn exits_of(step: &Step) -> Vec<Exit<'_>> {
    step.verb.as_ref().map(|verb| verbs::of(verb).exits()).unwrap_or_default()
}

/// How many steps the longest way from each step has along the exits taken `when`; or an exit that closes a loop.
/// Depth first with a stack of its own: a flow can't exhaust the program's.
fn longest_ways<'a>(
    exits: &BTreeMap<&'a str, Vec<Exit<'a>>>,
    taken: impl Fn(When) -> bool,
) -> Result<BTreeMap<&'a str, usize>, (&'a str, String)> {
    let mut lengths: BTreeMap<&str, usize> = BTreeMap::new();
    for start in exits.keys() {
        let mut way = vec![(*start, 0_usize)];
        let mut on_way = BTreeSet::from([*start]);
        while let Some((step, place)) = way.pop() {
            let ways: Vec<_> =
                exits.get(step).into_iter().flatten().filter(|exit| taken(exit.when)).collect();
            if lengths.contains_key(step) {
                on_way.remove(step);
            } else if let Some(exit) = ways.get(place) {
                if on_way.contains(exit.to) {
                    return Err((step, exit.field.clone()));
                }
                way.push((step, place + 1));
                if !lengths.contains_key(exit.to) {
                    on_way.insert(exit.to);
                    way.push((exit.to, 0));
                }
            } else {
                let longest = ways.iter().filter_map(|exit| lengths.get(exit.to)).max();
                lengths.insert(step, 1 + longest.copied().unwrap_or(0));
                on_way.remove(step);
            }
        }
    }
    Ok(lengths)
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
