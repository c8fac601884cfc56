//! Users, agents, skills and teams.

use std::collections::BTreeSet;

use contract::directory::v1::{Agent, Centre, Role, User};

use super::{Found, Known, Names};

/// Most users of a tenant.
const MAX_USERS: usize = 20_000;
/// Most skills, or teams, of a tenant.
const MAX_SKILLS: usize = 2_000;
/// Words of the language of rings, and names that mean something of their own in it.
const RESERVED: [&str; 7] = ["and", "or", "not", "in", "anyone", "team", "agent.id"];

pub(super) fn check(centre: &Centre, known: &Known, names: &Names<'_>, found: &mut Found) {
    let users = found.keyed("users", &centre.users, MAX_USERS, |user| &user.key);
    for (path, user) in users {
        check_user(&path, user, known, found);
    }
    let takers: BTreeSet<&str> = centre
        .users
        .iter()
        .filter(|user| user.roles.contains(&(Role::Agent as i32)))
        .map(|user| user.key.as_str())
        .collect();
    let mut extensions = BTreeSet::new();
    for (path, agent) in found.keyed("agents", &centre.agents, MAX_USERS, |agent| &agent.key) {
        if !agent.key.is_empty() {
            found.reference(format!("{path}.key"), "user", &agent.key, &names.users);
            let lacks_role = names.users.contains(agent.key.as_str()) && !takers.contains(agent.key.as_str());
            found.when(lacks_role, format!("{path}.key"), "names a user who lacks the role agent");
        }
        check_agent(&path, agent, names, found);
        check_extension(&format!("{path}.extension"), &agent.extension, &mut extensions, found);
    }
    for (path, skill) in found.keyed("skills", &centre.skills, MAX_SKILLS, |skill| &skill.key) {
        found.name(format!("{path}.name"), &skill.name);
        check_word(&format!("{path}.key"), &skill.key, found);
    }
    for (path, team) in found.keyed("teams", &centre.teams, MAX_SKILLS, |team| &team.key) {
        found.name(format!("{path}.name"), &team.name);
    }
}

fn check_user(path: &str, user: &User, known: &Known, found: &mut Found) {
    found.name(format!("{path}.name"), &user.name);
    found.when(
        !user.email.is_empty() && !is_email(&user.email),
        format!("{path}.email"),
        "is not a mail address",
    );
    found.when(
        user.roles.is_empty(),
        format!("{path}.roles"),
        "is empty: a user without a role can do nothing",
    );
    let mut seen = BTreeSet::new();
    for (place, role) in user.roles.iter().enumerate() {
        let field = format!("{path}.roles[{place}]");
        match Role::try_from(*role) {
            Ok(Role::Unspecified) | Err(_) => found.add(field, "is not a role"),
            Ok(Role::Service) => found.add(field, "is for services, never for a person"),
            Ok(_) => found.when(!seen.insert(*role), field, "is given more than once"),
        }
    }
    check_password(&format!("{path}.password"), user, known, found);
}

fn check_password(field: &str, user: &User, known: &Known, found: &mut Found) {
    let length = user.password.chars().count();
    if user.password.is_empty() {
        found.when(
            !user.disabled && !known.users_with_password.contains(&user.key),
            field,
            "is missing: a new user needs one",
        );
    } else if length < known.password_min_length {
        found.add(field, format!("has fewer than {} characters", known.password_min_length));
    } else if user.password.len() > 1_024 {
        found.add(field, "has more than 1024 bytes");
    } else if user.password.chars().any(char::is_control) {
        found.add(field, "contains a control character");
    }
}

fn check_agent(path: &str, agent: &Agent, names: &Names<'_>, found: &mut Found) {
    found.name(format!("{path}.name"), &agent.name);
    found.count(format!("{path}.skills"), agent.skills.len(), 200);
    let mut seen = BTreeSet::new();
    for (place, level) in agent.skills.iter().take(200).enumerate() {
        let field = if level.skill.is_empty() {
            format!("{path}.skills[{place}]")
        } else {
            format!("{path}.skills[{}]", level.skill)
        };
        found.reference(format!("{field}.skill"), "skill", &level.skill, &names.skills);
        found.when(!seen.insert(&level.skill), format!("{field}.skill"), "is given more than once");
        let hundredths = level.proficiency * 100.0;
        found.when(
            !(0.0..=5.0).contains(&level.proficiency),
            format!("{field}.proficiency"),
            "must be 0.0 to 5.0",
        );
        found.when(
            hundredths.is_finite() && (hundredths - hundredths.round()).abs() > 1e-6,
            format!("{field}.proficiency"),
            "has more than two decimals",
        );
    }
    if !agent.team.is_empty() {
        found.reference(format!("{path}.team"), "team", &agent.team, &names.teams);
    }
    if !agent.routing_profile.is_empty() {
        let field = format!("{path}.routing_profile");
        found.reference(field, "routing profile", &agent.routing_profile, &names.profiles);
    }
    found.count(format!("{path}.attributes"), agent.attributes.len(), 50);
    for (name, value) in agent.attributes.iter().take(50) {
        let field = format!("{path}.attributes[{name}]");
        check_word(&field, name, found);
        found.when(value.chars().count() > 200, field.as_str(), "has more than 200 characters");
        found.when(
            value.contains('"') && value.contains('\''),
            field,
            "contains both kinds of quotation marks, so no ring could name it",
        );
    }
}

/// Short enough to be no telephone number, which are dialled from the same keypad.
fn check_extension<'a>(field: &str, extension: &'a str, taken: &mut BTreeSet<&'a str>, found: &mut Found) {
    if extension.is_empty() {
        return;
    }
    let fits = (2..=6).contains(&extension.len()) && extension.bytes().all(|byte| byte.is_ascii_digit());
    if !fits {
        found.add(field, "must be 2 to 6 digits");
    } else if !taken.insert(extension) {
        found.add(field, format!("{extension} is another agent's"));
    }
}

/// A skill or attribute must be a word that rings can name.
fn check_word(field: &str, word: &str, found: &mut Found) {
    let begins = word.chars().next().is_none_or(|first| first.is_alphabetic() || first == '_');
    let fits = word.chars().all(|c| c.is_alphanumeric() || "._-".contains(c));
    if word.chars().count() > 63 || !begins || !fits {
        found.add(field, "must begin with a letter, so that rings can name it");
    } else if RESERVED.contains(&word.to_lowercase().as_str()) {
        found.add(field, format!("{word:?} is a word of the language of rings"));
    }
}

/// Something before one "@", a host after it, nothing invisible.
pub(super) fn is_email(text: &str) -> bool {
    text.len() <= 254
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
        && text.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty() && !host.is_empty() && !host.contains('@') && !host.starts_with('.')
        })
}
