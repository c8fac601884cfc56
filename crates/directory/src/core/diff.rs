//! What differs between the centre as it is and as it is described, for people, rows and events alike.

use std::collections::BTreeSet;

use contract::directory::v1::{Centre, Change, ChangeKind};

use super::{
    describe,
    entity::{Entity, Kind, entities},
};

/// One thing that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Which thing.
    pub kind: Kind,
    /// Its key.
    pub key: String,
    /// As it is; `None`: added.
    pub before: Option<Entity>,
    /// As it is described; `None`: removed.
    pub after: Option<Entity>,
    /// The user's password differs too.
    pub password: bool,
}

/// Differences between two centres in normal form, and whether the tenant's own row differs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diff {
    /// The tenant's name or time zone differs, or the tenant is new.
    pub tenant: Option<Change>,
    /// Everything else, by kind and key.
    pub differences: Vec<Difference>,
}

/// Compares two centres in normal form. `passwords`: users whose password is to be set.
pub fn diff(before: &Centre, after: &Centre, passwords: &BTreeSet<String>) -> Diff {
    let (mut old, new) = (entities(before), entities(after));
    let mut differences = Vec::new();
    for ((kind, key), after) in new {
        let before = old.remove(&(kind, key.clone()));
        let password = kind == Kind::User && passwords.contains(&key);
        if before.as_ref() != Some(&after) || password {
            differences.push(Difference { kind, key, before, after: Some(after), password });
        }
    }
    for ((kind, key), before) in old {
        differences.push(Difference { kind, key, before: Some(before), after: None, password: false });
    }
    differences.sort_by(|a, b| (a.kind, &a.key).cmp(&(b.kind, &b.key)));
    Diff { tenant: tenant(before, after), differences }
}

impl Diff {
    /// Nothing differs.
    pub const fn is_empty(&self) -> bool {
        self.tenant.is_none() && self.differences.is_empty()
    }

    /// For people: one line each, never a secret.
    pub fn changes(&self) -> Vec<Change> {
        self.tenant.iter().cloned().chain(self.differences.iter().map(Difference::change)).collect()
    }
}

impl Difference {
    fn change(&self) -> Change {
        let (kind, mut detail) = match (&self.before, &self.after) {
            (None, Some(after)) => (ChangeKind::Added, describe::summary(&describe::fields(after))),
            (Some(before), Some(after)) => (
                ChangeKind::Changed,
                describe::differences(&describe::fields(before), &describe::fields(after)),
            ),
            (_, None) => (ChangeKind::Removed, String::new()),
        };
        if self.password && kind == ChangeKind::Changed {
            detail.push_str(if detail.is_empty() { "password: changed" } else { "; password: changed" });
        }
        Change { kind: kind.into(), path: format!("{}/{}", self.kind.list(), self.key), detail }
    }
}

fn tenant(before: &Centre, after: &Centre) -> Option<Change> {
    let after = after.tenant.as_ref()?;
    let path = format!("tenant/{}", after.key);
    let fields = describe::tenant(after);
    match before.tenant.as_ref() {
        None => Some(Change { kind: ChangeKind::Added.into(), path, detail: describe::summary(&fields) }),
        Some(before) if before != after => Some(Change {
            kind: ChangeKind::Changed.into(),
            path,
            detail: describe::differences(&describe::tenant(before), &fields),
        }),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests;
