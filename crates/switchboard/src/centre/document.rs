//! YAML as a tree in which every node knows its place. Anchors and tags are refused, so what a file says is what
//! stands in it, and its size bounds the work it causes.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError};

use super::{
    fields::Ledger,
    mistake::{Mistake, Position},
};

/// Largest file that is read.
const MAX_BYTES: usize = 4 << 20;
/// Deepest nesting of maps and lists; a centre needs eight.
const MAX_DEPTH: usize = 32;

/// One value of the file.
#[derive(Debug)]
pub(super) struct Node {
    pub at: Position,
    pub value: Value,
}

#[derive(Debug)]
pub(super) enum Value {
    /// Nothing, `null` or `~`.
    Null,
    /// As written; what it means is up to the field that reads it.
    Scalar(String),
    List(Vec<Node>),
    /// In the order of the file, every key once.
    Map(Vec<Entry>),
}

#[derive(Debug)]
pub(super) struct Entry {
    pub key: String,
    pub key_at: Position,
    pub value: Node,
}

impl Node {
    /// The entry of a map.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }
}

impl Node {
    /// Both files as one centre: maps are joined, what both say stays as it is here.
    pub fn join(&mut self, other: Self) {
        let (Value::Map(ours), Value::Map(theirs)) = (&mut self.value, other.value) else { return };
        for entry in theirs {
            match ours.iter_mut().find(|known| known.key == entry.key) {
                Some(known) => known.value.join(entry.value),
                None => ours.push(entry),
            }
        }
    }
}

/// Parses one document; what is wrong with it goes into `ledger`. Nothing when it can't be read at all.
pub(super) fn parse(text: &str, ledger: &Ledger) -> Option<Node> {
    let start = Position { line: 1, column: 1 };
    if text.len() > MAX_BYTES {
        ledger.add(start, "", format!("has {} bytes, at most {MAX_BYTES} are read", text.len()));
        return None;
    }
    let mut builder = Builder { open: Vec::new(), root: None, ledger };
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok(found) => found,
            Err(error) => {
                ledger.push(syntax(&error));
                return None;
            }
        };
        if matches!(event, Event::DocumentStart(_)) {
            documents += 1;
            if documents > 1 {
                ledger.add(place(span.start), "", "a second document begins here, one file is one centre");
                return None;
            }
        }
        if builder.take(event, place(span.start)).is_err() {
            return None;
        }
    }
    if builder.root.is_none() {
        ledger.add(start, "", "is empty: a centre begins with `tenant:`");
    }
    builder.root
}

fn syntax(error: &ScanError) -> Mistake {
    Mistake {
        position: place(*error.marker()),
        field: String::new(),
        reason: format!("is not YAML: {}", error.info()),
    }
}

fn place(marker: Marker) -> Position {
    Position { line: marker.line(), column: marker.col() + 1 }
}

/// A map or list whose end has not come yet.
enum Open {
    List(Position, Vec<Node>),
    /// With the key whose value comes next.
    Map(Position, Vec<Entry>, Option<(String, Position)>),
}

struct Builder<'l> {
    open: Vec<Open>,
    root: Option<Node>,
    ledger: &'l Ledger,
}

/// The rest of the file can't be made sense of; why is in the ledger.
struct Hopeless;

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, at: Position) -> Result<(), Hopeless> {
        match event {
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
            Event::Alias(_) => self.refuse(at, "aliases (`*name`) are not read here, write it out"),
            Event::Scalar(_, _, anchor, _) if anchor > 0 => self.refuse_anchor(at),
            Event::MappingStart(anchor, _) | Event::SequenceStart(anchor, _) if anchor > 0 => {
                self.refuse_anchor(at)
            }
            Event::Scalar(_, _, _, Some(tag)) => self.refuse(at, &format!("tags ({tag}) are not read here")),
            Event::MappingStart(_, Some(tag)) | Event::SequenceStart(_, Some(tag)) => {
                self.refuse(at, &format!("tags ({tag}) are not read here"))
            }
            Event::Scalar(text, style, ..) => {
                self.scalar(&text, style, at);
                Ok(())
            }
            Event::SequenceStart(..) => self.begin(Open::List(at, Vec::new()), at),
            Event::MappingStart(..) => self.begin(Open::Map(at, Vec::new(), None), at),
            Event::SequenceEnd | Event::MappingEnd => {
                match self.open.pop() {
                    Some(Open::List(at, items)) => self.put(Node { at, value: Value::List(items) }),
                    Some(Open::Map(at, entries, _)) => self.put(Node { at, value: Value::Map(entries) }),
                    None => {}
                }
                Ok(())
            }
        }
    }

    fn begin(&mut self, open: Open, at: Position) -> Result<(), Hopeless> {
        if self.open.len() >= MAX_DEPTH {
            return self.refuse(at, &format!("is nested more than {MAX_DEPTH} deep"));
        }
        if let Some(Open::Map(_, _, None)) = self.open.last() {
            return self.refuse(at, "a key must be a plain word");
        }
        self.open.push(open);
        Ok(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, at: Position) {
        if let Some(Open::Map(_, entries, key @ None)) = self.open.last_mut() {
            if let Some(first) = entries.iter().find(|entry| entry.key == text) {
                let line = first.key_at.line;
                self.ledger.add(at, text, format!("stands twice, first on line {line}"));
            }
            *key = Some((text.to_owned(), at));
            return;
        }
        let null = style == ScalarStyle::Plain && matches!(text, "" | "~" | "null");
        let value = if null { Value::Null } else { Value::Scalar(text.to_owned()) };
        self.put(Node { at, value });
    }

    fn put(&mut self, node: Node) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(_, entries, key)) => {
                if let Some((key, key_at)) = key.take() {
                    entries.push(Entry { key, key_at, value: node });
                }
            }
        }
    }

    fn refuse_anchor(&self, at: Position) -> Result<(), Hopeless> {
        self.refuse(at, "anchors (`&name`) are not read here, write it out")
    }

    fn refuse(&self, at: Position, reason: &str) -> Result<(), Hopeless> {
        self.ledger.add(at, "", reason);
        Err(Hopeless)
    }
}
