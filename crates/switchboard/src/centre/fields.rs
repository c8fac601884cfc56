//! Reads the tree field by field. A mistake is noted and reading goes on, so that all are found at once.

use std::cell::RefCell;

use prost_types::Duration;

use super::{
    document::{Entry, Node, Value},
    mistake::{Mistake, Position},
    scalar,
};

/// The mistakes found so far.
#[derive(Debug, Default)]
pub(super) struct Ledger(RefCell<Vec<Mistake>>);

impl Ledger {
    pub fn add(&self, position: Position, field: &str, reason: impl Into<String>) {
        self.push(Mistake { position, field: field.to_owned(), reason: reason.into() });
    }

    pub fn push(&self, mistake: Mistake) {
        self.0.borrow_mut().push(mistake);
    }

    /// In the order of the file.
    pub fn into_mistakes(self) -> Vec<Mistake> {
        let mut mistakes = self.0.into_inner();
        mistakes.sort();
        mistakes
    }
}

/// One value, and the path that leads to it.
#[derive(Debug, Clone)]
pub(super) struct Field<'d> {
    /// `queues[billing].offer_timeout`, as services name it.
    pub path: String,
    /// Where people look: the key of a map or list, else the value.
    at: Position,
    node: &'d Node,
    ledger: &'d Ledger,
}

impl<'d> Field<'d> {
    pub fn root(node: &'d Node, ledger: &'d Ledger) -> Self {
        Self { path: String::new(), at: node.at, node, ledger }
    }

    fn under(&self, entry: &'d Entry, path: String) -> Self {
        let at = match entry.value.value {
            Value::Scalar(_) => entry.value.at,
            Value::Null | Value::List(_) | Value::Map(_) => entry.key_at,
        };
        Self { path, at, node: &entry.value, ledger: self.ledger }
    }

    /// Notes a mistake about this value.
    pub fn wrong(&self, reason: impl Into<String>) {
        self.ledger.add(self.at, &self.path, reason);
    }

    /// The text, unless it is nothing or not a text.
    pub fn text(&self) -> Option<String> {
        self.scalar("a text").map(str::to_owned)
    }

    /// A value read by `read`, whose error says what is wrong.
    pub fn parsed<T>(&self, what: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        match read(self.scalar(what)?) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.wrong(reason);
                None
            }
        }
    }

    pub fn integer(&self) -> Option<i32> {
        self.parsed("a whole number", scalar::integer)
    }

    pub fn number(&self) -> Option<f64> {
        self.parsed("a number", scalar::number)
    }

    pub fn boolean(&self) -> Option<bool> {
        self.parsed("true or false", scalar::boolean)
    }

    pub fn duration(&self) -> Option<Duration> {
        self.parsed("a duration", scalar::duration)
    }

    /// One of a few words.
    pub fn word<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        let known = words.iter().map(|(word, _)| *word).collect::<Vec<_>>();
        self.parsed(&format!("one of {}", known.join(", ")), |text| {
            let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
            found.ok_or_else(|| {
                format!("{text:?} is not known here, choose from {}{}", known.join(", "), hint(text, &known))
            })
        })
    }

    /// The named fields of a map; none when it is nothing.
    pub fn fields(&self) -> Fields<'d> {
        Fields { entries: self.map("fields such as `name: …`"), field: self.clone(), known: Vec::new() }
    }

    /// The entries of a map whose keys people choose.
    pub fn entries(&self) -> Vec<(String, Field<'d>)> {
        self.map("entries such as `key: …`")
            .iter()
            .map(|entry| (entry.key.clone(), self.under(entry, format!("{}[{}]", self.path, entry.key))))
            .collect()
    }

    /// The items of a list; a lone value counts as a list of one.
    pub fn items(&self) -> Vec<Field<'d>> {
        match &self.node.value {
            Value::Null => Vec::new(),
            Value::Scalar(_) => vec![self.clone()],
            Value::List(items) => items
                .iter()
                .enumerate()
                .map(|(index, node)| Field {
                    path: format!("{}[{index}]", self.path),
                    at: node.at,
                    node,
                    ledger: self.ledger,
                })
                .collect(),
            Value::Map(_) => {
                self.wrong("must be a list, each item on a line that begins with \"- \"");
                Vec::new()
            }
        }
    }

    /// The texts of a list.
    pub fn texts(&self) -> Vec<String> {
        self.items().iter().filter_map(Field::text).collect()
    }

    pub fn is_map(&self) -> bool {
        matches!(self.node.value, Value::Map(_))
    }

    pub fn is_nothing(&self) -> bool {
        matches!(self.node.value, Value::Null)
    }

    fn scalar(&self, what: &str) -> Option<&'d str> {
        match &self.node.value {
            Value::Scalar(text) => return Some(text),
            Value::Null => self.wrong(format!("has no value, must be {what}")),
            Value::List(_) => self.wrong(format!("is a list, must be {what}")),
            Value::Map(_) => self.wrong(format!("is a map, must be {what}")),
        }
        None
    }

    fn map(&self, what: &str) -> &'d [Entry] {
        match &self.node.value {
            Value::Map(entries) => return entries,
            Value::Null => {}
            Value::Scalar(_) | Value::List(_) => self.wrong(format!("must have {what}")),
        }
        &[]
    }
}

/// The named fields of a map, taken one by one; what is left at the end is unknown.
pub(super) struct Fields<'d> {
    entries: &'d [Entry],
    field: Field<'d>,
    known: Vec<&'static str>,
}

impl<'d> Fields<'d> {
    /// The field `name`, when it stands there with a value.
    pub fn take(&mut self, name: &'static str) -> Option<Field<'d>> {
        self.known.push(name);
        let entry = self.entries.iter().find(|entry| entry.key == name)?;
        let path =
            if self.field.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.field.path) };
        let field = self.field.under(entry, path);
        Some(field).filter(|field| !field.is_nothing())
    }

    /// As [`Fields::take`]; its absence is a mistake.
    pub fn need(&mut self, name: &'static str) -> Option<Field<'d>> {
        let found = self.take(name);
        if found.is_none() {
            self.field.wrong(format!("needs `{name}`"));
        }
        found
    }

    /// The text of the field `name`; empty when absent.
    pub fn text(&mut self, name: &'static str) -> String {
        self.take(name).and_then(|field| field.text()).unwrap_or_default()
    }

    /// The text of the field `name`, whose absence is a mistake.
    pub fn needed_text(&mut self, name: &'static str) -> String {
        self.need(name).and_then(|field| field.text()).unwrap_or_default()
    }

    /// The map itself.
    pub fn whole(&self) -> &Field<'d> {
        &self.field
    }

    /// Names of all keys that stand there.
    pub fn keys(&self) -> impl Iterator<Item = &'d str> {
        self.entries.iter().map(|entry| entry.key.as_str())
    }

    /// Notes every key that nobody took.
    pub fn finish(self) {
        for entry in self.entries.iter().filter(|entry| !self.known.contains(&entry.key.as_str())) {
            let path = if self.field.path.is_empty() {
                entry.key.clone()
            } else {
                format!("{}.{}", self.field.path, entry.key)
            };
            let hint = hint(&entry.key, &self.known);
            let known = self.known.join(", ");
            self.field.ledger.add(
                entry.key_at,
                &path,
                format!("is not a known key{hint}; known here: {known}"),
            );
        }
    }
}

/// `, did you mean "queues"?` when one of `known` is close.
fn hint(word: &str, known: &[&str]) -> String {
    known
        .iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .map_or_else(String::new, |(_, candidate)| format!(", did you mean {candidate:?}?"))
}

/// Edits between two words (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b = b.chars().take(64).collect::<Vec<_>>();
    let mut row = (0..=b.len()).collect::<Vec<_>>();
    for (i, left) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}
