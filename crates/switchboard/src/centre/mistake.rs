//! What is wrong in a file, and where.

use serde::Serialize;

/// A place in a file, both counted from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

/// One mistake, for people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Mistake {
    /// Where.
    #[serde(flatten)]
    pub position: Position,
    /// What: `queues[billing].offer_timeout`, empty for the file as a whole.
    pub field: String,
    /// Why.
    pub reason: String,
}

impl Mistake {
    /// `file:line:column: field: reason`, as editors and terminals make clickable.
    pub fn render(&self, file: &str) -> String {
        let Self { position: Position { line, column }, field, reason } = self;
        if field.is_empty() {
            format!("{file}:{line}:{column}: {reason}")
        } else {
            format!("{file}:{line}:{column}: {field}: {reason}")
        }
    }
}
