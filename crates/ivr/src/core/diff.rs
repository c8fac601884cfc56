//! What differs between the flows as they are and as they are described.

use std::collections::BTreeMap;

use contract::ivr::v1::{Flow, FlowChange, Step};

/// One flow that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Key of the flow.
    pub key: String,
    /// As it is described; `None`: removed.
    pub after: Option<Flow>,
    /// For people.
    pub change: FlowChange,
}

/// Flows that differ, by key. Versions do not count.
pub fn diff(before: &[Flow], after: &[Flow]) -> Vec<Difference> {
    let mut old: BTreeMap<&str, &Flow> = before.iter().map(|flow| (flow.key.as_str(), flow)).collect();
    let mut differences = Vec::new();
    for flow in after {
        match old.remove(flow.key.as_str()) {
            None => {
                let detail = format!("{} steps", flow.steps.len());
                differences.push(difference("added", &flow.key, Some(flow), detail));
            }
            Some(before) if !same(before, flow) => {
                differences.push(difference("changed", &flow.key, Some(flow), detail(before, flow)));
            }
            Some(_) => {}
        }
    }
    differences.extend(old.keys().map(|key| difference("removed", key, None, String::new())));
    differences.sort_by(|a, b| a.key.cmp(&b.key));
    differences
}

fn difference(kind: &str, key: &str, after: Option<&Flow>, detail: String) -> Difference {
    let change = FlowChange { kind: kind.to_owned(), path: format!("flows/{key}"), detail };
    Difference { key: key.to_owned(), after: after.cloned(), change }
}

fn same(before: &Flow, after: &Flow) -> bool {
    Flow { version: after.version, ..before.clone() } == *after
}

/// `2 steps changed: hello, menu; added: closed; start: hello → menu`.
fn detail(before: &Flow, after: &Flow) -> String {
    let old: BTreeMap<&str, &Step> = before.steps.iter().map(|step| (step.key.as_str(), step)).collect();
    let new: BTreeMap<&str, &Step> = after.steps.iter().map(|step| (step.key.as_str(), step)).collect();
    let changed: Vec<&str> = new
        .iter()
        .filter(|(key, step)| old.get(*key).is_some_and(|before| before != *step))
        .map(|(key, _)| *key)
        .collect();
    let added: Vec<&str> = new.keys().filter(|key| !old.contains_key(*key)).copied().collect();
    let removed: Vec<&str> = old.keys().filter(|key| !new.contains_key(*key)).copied().collect();
    let mut parts = Vec::new();
    if before.name != after.name {
        parts.push(format!("name: {} → {}", before.name, after.name));
    }
    if before.start != after.start {
        parts.push(format!("start: {} → {}", before.start, after.start));
    }
    for (what, keys) in [("changed", &changed), ("added", &added), ("removed", &removed)] {
        if !keys.is_empty() {
            let noun = if keys.len() == 1 { "step" } else { "steps" };
            let shown = keys.iter().take(10).copied().collect::<Vec<_>>().join(", ");
            parts.push(format!("{} {noun} {what}: {shown}", keys.len()));
        }
    }
    if before.translations != after.translations {
        parts.push("translations".to_owned());
    }
    if before.agent != after.agent {
        parts.push("agent".to_owned());
    }
    if before.fax != after.fax {
        parts.push(format!("fax: {} → {}", or_end(&before.fax), or_end(&after.fax)));
    }
    if parts.is_empty() {
        parts.push("order of steps".to_owned());
    }
    parts.join("; ")
}

/// Where fax machines go.
fn or_end(step: &str) -> &str {
    if step.is_empty() { "end" } else { step }
}

#[cfg(test)]
mod tests {
    use super::diff;
    use crate::core::sample::flow;

    #[test]
    fn the_same_flow_in_another_version_differs_in_nothing() {
        let mut newer = flow();
        newer.version = 9;

        assert_eq!(diff(&[flow()], &[newer]), []);
    }

    #[test]
    fn a_change_names_the_steps() {
        let mut changed = flow();
        changed.steps[0].key = "welcome".into();
        changed.start = "welcome".into();
        let mut other = flow();
        other.key = "other".into();

        let found = diff(&[flow(), other.clone()], &[changed]);

        let lines: Vec<_> = found
            .iter()
            .map(|d| format!("{} {} {}", d.change.kind, d.change.path, d.change.detail))
            .collect();
        assert_eq!(
            lines,
            [
                "changed flows/main start: hello → welcome; 1 step added: welcome; 1 step removed: hello",
                "removed flows/other ",
            ]
        );
    }
}
