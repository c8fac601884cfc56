//! What a command prints: a JSON value for programs, aligned text for people.

use contract::{Timestamp, millis_of_duration};
use serde_json::Value;

/// Both forms of an answer.
#[derive(Debug)]
pub struct Output {
    /// For `--json`.
    pub json: Value,
    /// For people.
    pub text: String,
    /// Whether the exit code is 0.
    pub success: bool,
}

impl Output {
    /// An answer that counts as success.
    pub fn new(json: Value, text: String) -> Self {
        Self { json, text, success: true }
    }
}

/// Rows under a header, each column as wide as its widest cell; the last is not padded.
#[derive(Debug)]
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table.
    pub fn new(header: &[&str]) -> Self {
        Self { rows: vec![header.iter().map(|cell| (*cell).to_owned()).collect()] }
    }

    /// Adds a row. Control characters in cells are shown, not obeyed.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells.iter().map(|cell| printable(cell)).collect());
    }

    /// Whether nothing but the header stands there.
    pub fn is_empty(&self) -> bool {
        self.rows.len() < 2
    }

    /// The table as text, each line ended.
    pub fn render(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths = (0..columns)
            .map(|column| {
                self.rows
                    .iter()
                    .filter_map(|row| row.get(column))
                    .map(|cell| cell.chars().count())
                    .max()
                    .unwrap_or(0)
            })
            .collect::<Vec<_>>();
        let mut text = String::new();
        for row in &self.rows {
            let line = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect::<Vec<_>>()
                .join("  ");
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// The text with control characters made visible, so that what customers type can't drive a terminal.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// The word of an enum value: `CHANNEL_VOICE` is `voice`.
pub fn word(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).trim_start_matches('_').to_lowercase()
}

/// RFC 3339, or null.
pub fn json_time(time: Option<&prost_types::Timestamp>) -> Value {
    time.map_or(Value::Null, |time| Timestamp::from_proto(time).to_string().into())
}

/// Milliseconds, or null.
pub fn json_millis(span: Option<&prost_types::Duration>) -> Value {
    span.map_or(Value::Null, |span| millis_of_duration(span).into())
}

/// The text, or null when it is empty.
pub fn json_text(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { text.into() }
}

/// The text, or a dash.
pub fn or_dash(text: &str) -> String {
    if text.is_empty() { "-".to_owned() } else { text.to_owned() }
}

/// Date and time to the second in the zone of this machine.
pub fn local_time(time: Option<&prost_types::Timestamp>) -> String {
    let zoned = time
        .and_then(|time| jiff::Timestamp::from_millisecond(Timestamp::from_proto(time).as_millis()).ok())
        .map(|time| time.to_zoned(jiff::tz::TimeZone::system()));
    zoned.map_or_else(|| "-".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// `850ms`, `12s`, `3m05s`, `2h07m`; a dash when absent.
pub fn span(span: Option<&prost_types::Duration>) -> String {
    span.map_or_else(|| "-".to_owned(), |span| millis(millis_of_duration(span)))
}

/// As [`span`], from milliseconds.
pub fn millis(millis: i64) -> String {
    let seconds = millis / 1000;
    match seconds {
        ..1 => format!("{millis}ms"),
        1..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::{Table, millis, word};

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&["agent", "state"]);
        table.row(vec!["ann".into(), "ready".into()]);
        table.row(vec!["bartholomé".into(), "busy".into()]);

        assert_eq!(table.render(), "agent       state\nann         ready\nbartholomé  busy\n");
    }

    #[test]
    fn what_customers_type_does_not_drive_the_terminal() {
        let mut table = Table::new(&["name"]);
        table.row(vec!["\u{1b}[2Jgone".into()]);

        assert!(!table.render().contains('\u{1b}'));
    }

    #[test]
    fn spans_read_as_people_say_them() {
        assert_eq!([850, 12_000, 185_000, 7_620_000].map(millis), ["850ms", "12s", "3m05s", "2h07m"]);
        assert_eq!(word("INTERACTION_STATE_WRAP_UP", "INTERACTION_STATE"), "wrap_up");
    }
}
