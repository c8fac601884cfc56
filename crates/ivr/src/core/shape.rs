//! The shape of flows: dead steps, loops without an answer, ways too long to go without waiting, flows that run
//! themselves.

use std::collections::{BTreeMap, BTreeSet};

use contract::ivr::v1::{Flow, Step, step::Verb};

use super::{
    advance::MAX_STEPS,
    check::Found,
    plan::{FAX_OFF, agent_step},
    session::MAX_DEPTH,
    verbs::{self, Exit, When},
};

/// What a flow is to those that run it.
#[derive(Clone, Copy, Debug)]
struct Inner {
    /// What must at least happen before it returns; `None`: it never does.
    returns: Option<When>,
    /// Steps of its longest way from its start without waiting.
    length: usize,
    /// Flows inside each other, itself included.
    depth: usize,
}

/// Checks the shape of flows whose fields are right, each with its path.
pub fn check(flows: &[(String, &Flow)], found: &mut Found) {
    let mut inner = BTreeMap::new();
    for (path, flow) in inner_first(flows, found) {
        let Some(flow) = check_flow(path, flow, &inner, found) else { continue };
        inner.insert(flow.0, flow.1);
    }
}

/// Each flow after those it runs; what runs itself is a mistake, and left out.
fn inner_first<'a>(flows: &'a [(String, &'a Flow)], found: &mut Found) -> Vec<(&'a str, &'a Flow)> {
    let by_key: BTreeMap<&str, (&str, &Flow)> =
        flows.iter().map(|(path, flow)| (flow.key.as_str(), (path.as_str(), *flow))).collect();
    let mut order = Vec::new();
    let mut done = BTreeSet::new();
    for (_, flow) in flows {
        // Depth first with a stack of its own: flows can't exhaust the program's.
        let mut way = vec![(flow.key.as_str(), 0)];
        while let Some((key, place)) = way.pop() {
            let Some((path, flow)) = by_key.get(key).copied().filter(|_| !done.contains(key)) else {
                continue;
            };
            let Some((step, runs)) = flow.steps.iter().filter_map(runs).nth(place) else {
                done.insert(key);
                order.push((path, flow));
                continue;
            };
            way.push((key, place + 1));
            if way.iter().any(|(outer, _)| *outer == runs) {
                found.add(format!("{path}.steps[{step}].flow"), "runs the flow inside itself");
                done.insert(key);
                way.pop();
            } else {
                way.push((runs, 0));
            }
        }
    }
    order
}

fn runs(step: &Step) -> Option<(&str, &str)> {
    match &step.verb {
        Some(Verb::Subflow(subflow)) => Some((&step.key, &subflow.flow)),
        _ => None,
    }
}

fn check_flow<'a>(
    at: &str,
    flow: &'a Flow,
    inner: &BTreeMap<&str, Inner>,
    found: &mut Found,
) -> Option<(&'a str, Inner)> {
    let exits: BTreeMap<&str, Vec<Exit<'_>>> =
        flow.steps.iter().map(|step| (step.key.as_str(), exits_of(step, inner))).collect();
    let start = flow.start.as_str();
    let person = Some(agent_step(flow)).filter(|step| !step.is_empty());
    let fax = Some(flow.fax.as_str()).filter(|step| !matches!(*step, "" | FAX_OFF));
    let reached = reach(&exits, [Some(start), person, fax].into_iter().flatten(), |_| true);
    for step in &flow.steps {
        if !reached.contains(step.key.as_str()) {
            found.add(format!("{at}.steps[{}]", step.key), "is never reached: no step leads to it");
        }
    }

    check_after(at, flow, &exits, found);
    if let Some(fax) = fax {
        check_fax(at, flow, fax, &exits, found);
    }

    let inside = |step: &Step| runs(step).and_then(|(_, flow)| inner.get(flow));
    let weights: BTreeMap<&str, usize> = flow
        .steps
        .iter()
        .map(|step| (step.key.as_str(), 1 + inside(step).map_or(0, |inner| inner.length)))
        .collect();
    let at_once = |when: When| when == When::AtOnce;
    let ways = match longest_ways(&exits, &weights, at_once) {
        Ok(ways) => ways,
        Err((step, field)) => {
            found.add(format!("{at}.steps[{step}].{field}"), "leads round in a loop that never waits");
            return None;
        }
    };
    if let Some((step, _)) = ways.iter().find(|(_, length)| **length > MAX_STEPS) {
        let reason = format!("begins a way of more than {MAX_STEPS} steps without waiting");
        found.add(format!("{at}.steps[{step}]"), reason);
    }
    if let Err((step, field)) = longest_ways(&exits, &weights, |when| when != When::Answer) {
        let reason = "leads a silent customer round in a loop for ever";
        found.add(format!("{at}.steps[{step}].{field}"), reason);
    }
    let depth = 1 + flow.steps.iter().filter_map(inside).map(|inner| inner.depth).max().unwrap_or(0);
    if depth > MAX_DEPTH {
        found.add(at, format!("runs more than {MAX_DEPTH} flows inside each other"));
    }
    let returns = [When::AtOnce, When::Silence, When::Answer].into_iter().find(|most| {
        let seeds = [Some(start), person.filter(|_| *most == When::Answer)];
        let reached = reach(&exits, seeds.into_iter().flatten(), |when| when <= *most);
        flow.steps
            .iter()
            .any(|step| matches!(step.verb, Some(Verb::Back(_))) && reached.contains(step.key.as_str()))
    });
    Some((&flow.key, Inner { returns, length: ways.get(start).copied().unwrap_or(0), depth }))
}

/// Once the agent has hung up the interaction is over: nothing may begin anew then.
fn check_after(at: &str, flow: &Flow, exits: &BTreeMap<&str, Vec<Exit<'_>>>, found: &mut Found) {
    for step in &flow.steps {
        let Some(Verb::Queue(queue)) = &step.verb else { continue };
        if queue.after.is_empty() {
            continue;
        }
        let reached = reach(exits, [queue.after.as_str()].into_iter(), |_| true);
        let begins = |step: &&Step| {
            let anew = matches!(
                step.verb,
                Some(
                    Verb::Queue(_)
                        | Verb::Callback(_)
                        | Verb::Voicemail(_)
                        | Verb::Transfer(_)
                        | Verb::Subflow(_)
                )
            );
            anew && reached.contains(step.key.as_str())
        };
        if let Some(anew) = flow.steps.iter().find(begins) {
            let reason = format!("leads to the step {:?}, but the interaction is over then", anew.key);
            found.add(format!("{at}.steps[{}].after", step.key), reason);
        }
    }
}

/// No agent is asked for a fax machine, and it answers no questions.
fn check_fax(at: &str, flow: &Flow, fax: &str, exits: &BTreeMap<&str, Vec<Exit<'_>>>, found: &mut Found) {
    let reached = reach(exits, [fax].into_iter(), |_| true);
    let for_people = |step: &&Step| {
        let verb = step.verb.as_ref();
        reached.contains(step.key.as_str())
            && verb.is_some_and(|verb| {
                matches!(
                    verb,
                    Verb::Queue(_) | Verb::Callback(_) | Verb::Subflow(_) | Verb::Back(_) | Verb::Ask(_)
                )
            })
    };
    if let Some(step) = flow.steps.iter().find(for_people) {
        let reason = format!("leads to the step {:?}, which is for people", step.key);
        found.add(format!("{at}.fax"), reason);
    }
}

fn exits_of<'a>(step: &'a Step, inner: &BTreeMap<&str, Inner>) -> Vec<Exit<'a>> {
    let mut exits = step.verb.as_ref().map(|verb| verbs::of(verb).exits()).unwrap_or_default();
    if let Some((_, flow)) = runs(step) {
        let when = inner.get(flow).and_then(|inner| inner.returns).unwrap_or(When::Answer);
        for exit in &mut exits {
            exit.when = when;
        }
    }
    exits
}

fn reach<'a>(
    exits: &BTreeMap<&'a str, Vec<Exit<'a>>>,
    seeds: impl Iterator<Item = &'a str>,
    taken: impl Fn(When) -> bool,
) -> BTreeSet<&'a str> {
    let mut open: Vec<&str> = seeds.collect();
    let mut reached: BTreeSet<&str> = open.iter().copied().collect();
    while let Some(step) = open.pop() {
        for exit in exits.get(step).into_iter().flatten().filter(|exit| taken(exit.when)) {
            if reached.insert(exit.to) {
                open.push(exit.to);
            }
        }
    }
    reached
}

/// How many steps the longest way from each step has along the exits taken `when`; or an exit that closes a loop.
/// Depth first with a stack of its own: a flow can't exhaust the program's.
fn longest_ways<'a>(
    exits: &BTreeMap<&'a str, Vec<Exit<'a>>>,
    weights: &BTreeMap<&str, usize>,
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
                let own = weights.get(step).copied().unwrap_or(1);
                lengths.insert(step, own + longest.copied().unwrap_or(0));
                on_way.remove(step);
            }
        }
    }
    Ok(lengths)
}
