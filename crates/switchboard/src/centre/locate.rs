//! From the path in a service's answer back to the place in the file.

use super::{
    document::{Entry, Node, Value},
    flows::VERBS,
    mistake::Position,
};

/// Names that differ between the protos and the file.
const RENAMED: [(&str, &str); 1] = [("intervals", "week")];

/// The place of `path`, such as `queues[billing].rings[0].expression`; of its nearest parent when the file does not
/// hold it.
pub(super) fn locate(root: &Node, path: &str) -> Position {
    let mut at = root.at;
    let mut node = root;
    for segment in path.split(['.', '[', ']']).filter(|segment| !segment.is_empty()) {
        let Some(step) = descend(node, segment) else { break };
        at = step.at;
        node = step.node;
    }
    at
}

struct Step<'d> {
    at: Position,
    node: &'d Node,
}

impl<'d> From<&'d Entry> for Step<'d> {
    fn from(entry: &'d Entry) -> Self {
        let at = match entry.value.value {
            Value::Scalar(_) => entry.value.at,
            _ => entry.key_at,
        };
        Self { at, node: &entry.value }
    }
}

fn descend<'d>(node: &'d Node, segment: &str) -> Option<Step<'d>> {
    match &node.value {
        Value::Map(entries) => named(node, segment)
            .or_else(|| through_verb(entries, segment))
            .or_else(|| segment.parse::<usize>().ok().and_then(|index| entries.get(index)))
            .map(Step::from),
        Value::List(items) => {
            let item = items.get(segment.parse::<usize>().ok()?)?;
            Some(Step { at: item.at, node: item })
        }
        Value::Null | Value::Scalar(_) => None,
    }
}

fn named<'d>(node: &'d Node, segment: &str) -> Option<&'d Entry> {
    node.entry(segment).or_else(|| {
        let (_, other) = RENAMED.iter().find(|(proto, _)| *proto == segment)?;
        node.entry(other)
    })
}

/// A step of a flow holds its verb, whose fields the service names without it.
fn through_verb<'d>(entries: &'d [Entry], segment: &str) -> Option<&'d Entry> {
    entries
        .iter()
        .filter(|entry| VERBS.contains(&entry.key.as_str()))
        .find_map(|verb| verb.value.entry(segment))
}
