//! `users:` and `agents:`.

use std::path::Path;

use contract::directory::v1::{Agent, Role, SkillLevel, User};

use super::{fields::Field, secret};

const ROLES: [(&str, Role); 6] = [
    ("agent", Role::Agent),
    ("supervisor", Role::Supervisor),
    ("quality", Role::Quality),
    ("planner", Role::Planner),
    ("administrator", Role::Administrator),
    ("auditor", Role::Auditor),
];

pub(super) fn user(key: String, field: &Field<'_>, folder: &Path) -> User {
    let mut fields = field.fields();
    let name = fields.text("name");
    let user = User {
        name: if name.is_empty() { key.clone() } else { name },
        key,
        email: fields.text("email"),
        roles: fields
            .take("roles")
            .map(|field| field.items())
            .unwrap_or_default()
            .iter()
            .filter_map(|role| role.word(&ROLES))
            .map(i32::from)
            .collect(),
        password: secret::password(&mut fields, folder),
        disabled: fields.take("disabled").and_then(|field| field.boolean()).unwrap_or_default(),
    };
    fields.finish();
    user
}

pub(super) fn agent(key: String, field: &Field<'_>) -> Agent {
    let mut fields = field.fields();
    let agent = Agent {
        key,
        name: fields.text("name"),
        skills: fields
            .take("skills")
            .map(|field| field.entries())
            .unwrap_or_default()
            .into_iter()
            .filter_map(|(skill, level)| Some(SkillLevel { skill, proficiency: level.number()? }))
            .collect(),
        team: fields.text("team"),
        routing_profile: fields.needed_text("routing_profile"),
        attributes: fields
            .take("attributes")
            .map(|field| field.entries())
            .unwrap_or_default()
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.text()?)))
            .collect(),
        extension: fields.text("extension"),
    };
    fields.finish();
    agent
}
