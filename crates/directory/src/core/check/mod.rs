//! Whether a centre as described can exist. Every mistake is found, not only the first, each with its path.
//!
//! A path names the list, then the key in brackets (of a capacity its channel, of a holiday its date; the position,
//! counted from 0, where things have no key or none was given), then the field: `queues[billing].rings[0].expression`.

mod entry_points;
mod hours;
mod people;
mod profiles;
mod queues;

use std::collections::BTreeSet;

use contract::{
    Slug,
    directory::v1::{Centre, Tenant, Violation},
    duration_from_millis, millis_of_duration,
};

/// Most mistakes reported at once.
pub const MAX_VIOLATIONS: usize = 200;

/// What a centre is checked against besides itself.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Flows that exist or come along.
    pub flows: BTreeSet<String>,
    /// Users who have a password already.
    pub users_with_password: BTreeSet<String>,
    /// Shortest password accepted, characters.
    pub password_min_length: usize,
}

/// Every mistake of the centre, at most [`MAX_VIOLATIONS`]; empty: it can be applied.
pub fn check(centre: &Centre, known: &Known) -> Vec<Violation> {
    let mut found = Found::default();
    let names = Names::of(centre);
    match &centre.tenant {
        Some(tenant) => check_tenant(tenant, &mut found),
        None => found.add("tenant", "is missing"),
    }
    people::check(centre, known, &names, &mut found);
    queues::check(centre, &names, &mut found);
    profiles::check(centre, &names, &mut found);
    hours::check(centre, &mut found);
    entry_points::check(centre, known, &mut found);
    found.violations
}

fn check_tenant(tenant: &Tenant, found: &mut Found) {
    found.key("tenant.key", &tenant.key);
    found.name("tenant.name", &tenant.name);
    if let Err(error) = crate::core::hours::zone(&tenant.time_zone) {
        found.add("tenant.time_zone", error.to_string());
    }
}

/// Keys that may be referred to.
struct Names<'a> {
    users: BTreeSet<&'a str>,
    agents: BTreeSet<&'a str>,
    skills: BTreeSet<&'a str>,
    teams: BTreeSet<&'a str>,
    queues: BTreeSet<&'a str>,
    profiles: BTreeSet<&'a str>,
    hours: BTreeSet<&'a str>,
}

impl<'a> Names<'a> {
    fn of(centre: &'a Centre) -> Self {
        Self {
            users: centre.users.iter().map(|user| user.key.as_str()).collect(),
            agents: centre.agents.iter().map(|agent| agent.key.as_str()).collect(),
            skills: centre.skills.iter().map(|skill| skill.key.as_str()).collect(),
            teams: centre.teams.iter().map(|team| team.key.as_str()).collect(),
            queues: centre.queues.iter().map(|queue| queue.key.as_str()).collect(),
            profiles: centre.routing_profiles.iter().map(|profile| profile.key.as_str()).collect(),
            hours: centre.hours.iter().map(|hours| hours.key.as_str()).collect(),
        }
    }
}

/// The mistakes found so far.
#[derive(Default)]
struct Found {
    violations: Vec<Violation>,
}

impl Found {
    fn add(&mut self, field: impl Into<String>, reason: impl Into<String>) {
        if self.violations.len() < MAX_VIOLATIONS {
            self.violations.push(Violation { field: field.into(), reason: reason.into() });
        }
    }

    fn when(&mut self, wrong: bool, field: impl Into<String>, reason: impl Into<String>) {
        if wrong {
            self.add(field, reason);
        }
    }

    fn key(&mut self, field: impl Into<String>, key: &str) {
        match key.parse::<Slug>() {
            Ok(_) => {}
            Err(_) if key.is_empty() => self.add(field, "is missing"),
            Err(error) => self.add(field, error.to_string()),
        }
    }

    /// A name for people; empty means the key.
    fn name(&mut self, field: impl Into<String>, name: &str) {
        if name.chars().count() > 200 {
            self.add(field, "has more than 200 characters");
        } else if name.chars().any(char::is_control) {
            self.add(field, "contains a control character");
        }
    }

    fn reference(&mut self, field: impl Into<String>, what: &str, key: &str, known: &BTreeSet<&str>) {
        if key.is_empty() {
            self.add(field, "is missing");
        } else if !known.contains(key) {
            self.add(field, format!("names the {what} {key:?}, which is not described"));
        }
    }

    /// A span between two bounds; absent means the default and is right.
    fn span(
        &mut self,
        field: impl Into<String>,
        span: Option<&prost_types::Duration>,
        least_ms: i64,
        most_ms: i64,
    ) {
        let Some(span) = span else { return };
        let millis = millis_of_duration(span);
        if !(least_ms..=most_ms).contains(&millis) {
            self.add(
                field,
                format!("is {}, must be {} to {}", spoken(millis), spoken(least_ms), spoken(most_ms)),
            );
        }
    }

    /// How many there may be in a list.
    fn count(&mut self, field: impl Into<String>, count: usize, most: usize) {
        self.when(count > most, field, format!("has {count} entries, may have {most}"));
    }

    /// Checks the keys of a list, and gives each entry with its path.
    fn keyed<'a, T>(
        &mut self,
        list: &str,
        entries: &'a [T],
        most: usize,
        key: impl Fn(&T) -> &str,
    ) -> Vec<(String, &'a T)> {
        self.count(list, entries.len(), most);
        let mut seen = BTreeSet::new();
        let mut paths = Vec::with_capacity(entries.len().min(most));
        for (place, entry) in entries.iter().take(most).enumerate() {
            let name = key(entry);
            let path = if name.is_empty() { format!("{list}[{place}]") } else { format!("{list}[{name}]") };
            self.key(format!("{path}.key"), name);
            self.when(
                !name.is_empty() && !seen.insert(name.to_owned()),
                format!("{path}.key"),
                "is used more than once",
            );
            paths.push((path, entry));
        }
        paths
    }
}

/// `20s`, `1m30s`, `500ms`.
pub(super) fn spoken(millis: i64) -> String {
    crate::core::describe::span(&duration_from_millis(millis))
}

#[cfg(test)]
mod tests;
