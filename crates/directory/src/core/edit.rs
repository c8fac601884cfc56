//! Single things put into a centre or taken out of it, each against the version its editor saw.

use std::{collections::BTreeSet, fmt::Write as _};

use contract::directory::v1::{Centre, Tenant, Thing, ThingEdit, thing, thing_edit::Edit};
use sha2::{Digest as _, Sha256};

use super::{
    entity::{Entity, Kind, entities},
    normal::normal,
};

/// Most edits at once.
pub const MAX_EDITS: usize = 100;
/// Bytes of the digest that make a version.
const VERSION_BYTES: usize = 12;

/// Why edits make no sense, before anything is compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// None, or too many.
    #[error("must be 1 to {MAX_EDITS}")]
    Count,
    /// Neither put nor removed.
    #[error("edits[{0}] says neither what to put nor what to remove")]
    Nothing(usize),
    /// Not a path like "queues/billing".
    #[error("edits[{0}].remove is not a path like \"queues/billing\"")]
    Path(usize),
    /// A tenant is neither removed nor another's.
    #[error("edits[{0}] is of the tenant {1:?}")]
    Tenant(usize, String),
    /// The same thing in two edits.
    #[error("{0:?} is edited more than once")]
    Twice(String),
}

/// One edit, understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// `queues/billing`
    pub path: String,
    /// Version its editor saw, empty: new.
    pub version: String,
    what: What,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    Tenant(Tenant),
    Put(Box<Entity>),
    Remove(Kind, String),
}

/// A centre after some steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edited {
    /// With the steps taken, in normal form.
    pub centre: Centre,
    /// Paths that somebody else has changed since they were seen.
    pub changed_meanwhile: Vec<String>,
    /// Paths that were to be new and exist.
    pub taken: Vec<String>,
}

/// Understands edits of `tenant`.
pub fn steps(edits: Vec<ThingEdit>, tenant: &str) -> Result<Vec<Step>, EditError> {
    if edits.is_empty() || edits.len() > MAX_EDITS {
        return Err(EditError::Count);
    }
    let mut paths = BTreeSet::new();
    let mut steps = Vec::with_capacity(edits.len());
    for (place, edit) in edits.into_iter().enumerate() {
        let what = match edit.edit {
            Some(Edit::Put(Thing { thing: Some(thing::Thing::Tenant(described)) })) => {
                if described.key != tenant {
                    return Err(EditError::Tenant(place, described.key));
                }
                What::Tenant(described)
            }
            Some(Edit::Put(Thing { thing: Some(thing) })) => {
                What::Put(Box::new(entity_of(thing).ok_or(EditError::Nothing(place))?))
            }
            Some(Edit::Remove(path)) => {
                let found = path.split_once('/').and_then(|(list, key)| Some((Kind::of_list(list)?, key)));
                let (kind, key) = found.ok_or(EditError::Path(place))?;
                What::Remove(kind, key.to_owned())
            }
            _ => return Err(EditError::Nothing(place)),
        };
        let path = path_of(&what);
        if !paths.insert(path.clone()) {
            return Err(EditError::Twice(path));
        }
        steps.push(Step { path, version: edit.version, what });
    }
    Ok(steps)
}

/// Takes the steps. What already looks as wished is nobody's conflict, so an edit may come twice.
pub fn edited(stored: &Centre, steps: &[Step]) -> Edited {
    let mut centre = stored.clone();
    for step in steps {
        match &step.what {
            What::Tenant(tenant) => centre.tenant = Some(tenant.clone()),
            What::Put(entity) => put(&mut centre, entity.as_ref().clone()),
            What::Remove(kind, key) => kind.remove_from(&mut centre, key),
        }
    }
    let mut edited = Edited { centre: normal(centre), ..Edited::default() };
    let (before, after) = (versions(stored), versions(&edited.centre));
    for step in steps {
        let (now, wished) = (before.get(&step.path), after.get(&step.path));
        if step.version.is_empty() && now.is_some() {
            edited.taken.push(step.path.clone());
        } else if now != wished && now.map(String::as_str).unwrap_or_default() != step.version {
            edited.changed_meanwhile.push(step.path.clone());
        }
    }
    edited
}

/// Version of every thing of a centre in normal form, by its path. Passwords have none.
pub fn versions(centre: &Centre) -> std::collections::BTreeMap<String, String> {
    let tenant = centre
        .tenant
        .as_ref()
        .map(|tenant| (format!("tenant/{}", tenant.key), version(&prost::Message::encode_to_vec(tenant))));
    entities(centre)
        .into_iter()
        .map(|((kind, key), entity)| (format!("{}/{key}", kind.list()), version(&entity.encode())))
        .chain(tenant)
        .collect()
}

fn version(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(VERSION_BYTES).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn path_of(what: &What) -> String {
    match what {
        What::Tenant(tenant) => format!("tenant/{}", tenant.key),
        What::Put(entity) => format!("{}/{}", entity.kind().list(), entity.key()),
        What::Remove(kind, key) => format!("{}/{key}", kind.list()),
    }
}

fn entity_of(thing: thing::Thing) -> Option<Entity> {
    Some(match thing {
        thing::Thing::User(user) => Entity::User(user),
        thing::Thing::Agent(agent) => Entity::Agent(agent),
        thing::Thing::Skill(skill) => Entity::Skill(skill),
        thing::Thing::Team(team) => Entity::Team(team),
        thing::Thing::Queue(queue) => Entity::Queue(queue),
        thing::Thing::RoutingProfile(profile) => Entity::RoutingProfile(profile),
        thing::Thing::Hours(hours) => Entity::Hours(hours),
        thing::Thing::EntryPoint(point) => Entity::EntryPoint(point),
        thing::Thing::Tenant(_) => return None,
    })
}

fn put(centre: &mut Centre, entity: Entity) {
    entity.kind().remove_from(centre, entity.key());
    entity.push_to(centre);
}

#[cfg(test)]
mod tests;
