//! The parts of a centre that directory keeps.

use std::path::Path;

use contract::directory::v1::{Centre, Skill, Team, Tenant};

use super::{
    agents, entry_points,
    fields::{Field, Fields},
    hours, queues,
};

/// Reads everything but the flows.
pub(super) fn centre(top: &mut Fields<'_>, folder: &Path) -> Centre {
    let tenant = top.need("tenant").map(|field| tenant(&field));
    Centre {
        tenant,
        users: each(top, "users", |key, field| agents::user(key, field, folder)),
        agents: each(top, "agents", agents::agent),
        skills: each(top, "skills", |key, field| Skill { name: name(&key, field), key }),
        teams: each(top, "teams", |key, field| Team { name: name(&key, field), key }),
        queues: each(top, "queues", queues::queue),
        routing_profiles: each(top, "routing_profiles", queues::routing_profile),
        hours: each(top, "hours", hours::hours),
        entry_points: each(top, "entry_points", entry_points::entry_point),
    }
    .with_agent_names()
}

fn tenant(field: &Field<'_>) -> Tenant {
    let mut fields = field.fields();
    let key = fields.need("key").and_then(|field| slug(&field)).unwrap_or_default();
    let name = fields.text("name");
    let tenant = Tenant {
        name: if name.is_empty() { key.clone() } else { name },
        key,
        time_zone: fields
            .take("time_zone")
            .and_then(|field| field.text())
            .unwrap_or_else(|| "UTC".to_owned()),
    };
    fields.finish();
    tenant
}

/// Reads the entries of the map `name`, each by its key.
fn each<T>(
    top: &mut Fields<'_>,
    name: &'static str,
    mut read: impl FnMut(String, &Field<'_>) -> T,
) -> Vec<T> {
    let entries = top.take(name).map(|field| field.entries()).unwrap_or_default();
    entries
        .into_iter()
        .map(|(key, field)| {
            if let Err(error) = key.parse::<contract::Slug>() {
                field.wrong(format!("the key {error}"));
            }
            read(key, &field)
        })
        .collect()
}

fn slug(field: &Field<'_>) -> Option<String> {
    field.parsed("a key", |text| {
        text.parse::<contract::Slug>().map(String::from).map_err(|error| error.to_string())
    })
}

/// `billing:`, `billing: Billing` or `billing: { name: Billing }`.
fn name(key: &str, field: &Field<'_>) -> String {
    let name = if field.is_map() {
        let mut fields = field.fields();
        let name = fields.text("name");
        fields.finish();
        name
    } else if field.is_nothing() {
        String::new()
    } else {
        field.text().unwrap_or_default()
    };
    if name.is_empty() { key.to_owned() } else { name }
}

trait WithAgentNames {
    fn with_agent_names(self) -> Self;
}

impl WithAgentNames for Centre {
    /// An agent is called as their user is.
    fn with_agent_names(mut self) -> Self {
        for agent in self.agents.iter_mut().filter(|agent| agent.name.is_empty()) {
            let user = self.users.iter().find(|user| user.key == agent.key);
            agent.name = user.map_or_else(|| agent.key.clone(), |user| user.name.clone());
        }
        self
    }
}
