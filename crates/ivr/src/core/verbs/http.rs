//! Asks a backend, keeps fields of its answer, and branches on whether it went well.

use contract::{duration_from_millis, ivr::v1::HttpStep, millis_of_duration};

use super::{Exit, Found, Known, Need, Next, Run, StepVerb, When, names_in};
use crate::core::{
    run::{Outcome, Request},
    text,
};

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const DEFAULT_TIMEOUT_MS: i64 = 3_000;
/// A channel waits for its next verbs for 5 s.
const MOST_TIMEOUT_MS: i64 = 4_000;
/// Most fields sent, and most kept.
const MAX_FIELDS: usize = 20;
/// Longest path, characters.
const MAX_PATH: usize = 1_000;
/// The status of the last answer.
const STATUS: &str = "http_status";

impl StepVerb for HttpStep {
    fn enter(&self, run: &mut Run<'_>) -> Result<Next, Need> {
        let timeout = self.timeout.unwrap_or_else(|| duration_from_millis(DEFAULT_TIMEOUT_MS));
        let request = Request {
            backend: self.backend.clone(),
            method: self.method().to_owned(),
            path: text::fill_path(&self.path, &run.variables),
            body: self.body.iter().map(|(field, value)| (field.clone(), run.value(value))).collect(),
            save: self.save.clone(),
            timeout: millis_of_duration(&timeout),
        };
        let (status, values) = match run.outcome(|| Need::Request(request))? {
            Outcome::Answer { status, values } => (*status, values.clone()),
            Outcome::Customer(_) => (0, Default::default()),
        };
        let well = (200..300).contains(&status);
        run.took(&status.to_string(), if well { "well" } else { "failed" });
        for name in self.save.keys() {
            run.set(name, values.get(name).map(String::as_str).unwrap_or_default());
        }
        run.set(STATUS, &status.to_string());
        Ok(Next::Go(if well { self.next.clone() } else { self.otherwise.clone() }))
    }

    fn exits(&self) -> Vec<Exit<'_>> {
        vec![
            Exit::new("next", &self.next, When::AtOnce),
            Exit::new("otherwise", &self.otherwise, When::AtOnce),
        ]
    }

    fn uses(&self) -> Vec<(String, Vec<String>)> {
        let body = self.body.iter().map(|(field, value)| (format!("body[{field}]"), names_in(value)));
        [("path".to_owned(), names_in(&self.path))].into_iter().chain(body).collect()
    }

    fn sets(&self) -> Vec<(String, &str)> {
        let saved = self.save.keys().map(|name| (format!("save[{name}]"), name.as_str()));
        saved.chain([(String::new(), STATUS)]).collect()
    }

    fn check(&self, at: &str, known: &Known, found: &mut Found) {
        found.reference(format!("{at}.backend"), "backend", &self.backend, &known.backends);
        if !METHODS.contains(&self.method()) {
            found.add(format!("{at}.method"), format!("must be one of {}", METHODS.join(", ")));
        }
        found.filled(format!("{at}.path"), &self.path);
        let visible = |c: char| c.is_ascii_graphic() && !matches!(c, '#' | '\\');
        if !self.path.starts_with('/') || self.path.starts_with("//") || self.path.contains("..") {
            found.add(format!("{at}.path"), "must begin with one \"/\" and go upwards nowhere");
        } else if self.path.chars().count() > MAX_PATH || !self.path.chars().all(visible) {
            found.add(format!("{at}.path"), format!("must have at most {MAX_PATH} visible ASCII characters"));
        }
        if !self.body.is_empty() && self.method() == "GET" {
            found.add(format!("{at}.body"), "can't be sent with GET");
        }
        for (list, count) in [("body", self.body.len()), ("save", self.save.len())] {
            if count > MAX_FIELDS {
                found.add(format!("{at}.{list}"), format!("has {count} entries, may have {MAX_FIELDS}"));
            }
        }
        for (field, value) in &self.body {
            found.filled(format!("{at}.body[{field}]"), value);
        }
        for (name, pointer) in &self.save {
            if !(pointer.is_empty() || pointer.starts_with('/')) || pointer.len() > 200 {
                found
                    .add(format!("{at}.save[{name}]"), "must be a JSON pointer such as \"/account/balance\"");
            }
        }
        found.span(format!("{at}.timeout"), self.timeout.as_ref(), 100, MOST_TIMEOUT_MS);
    }
}

/// What the fields mean.
trait Meaning {
    fn method(&self) -> &str;
}

impl Meaning for HttpStep {
    fn method(&self) -> &str {
        if self.method.is_empty() { "GET" } else { &self.method }
    }
}
