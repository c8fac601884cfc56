//! Queues and the rings of their search.

use std::collections::BTreeSet;

use contract::{
    directory::v1::{Centre, Queue, Strategy, WrapUpMode},
    expression::{Expression, Subject},
    interaction::v1::Ring,
};

use super::{Found, Names};

/// Most queues of a tenant.
const MAX_QUEUES: usize = 5_000;
/// Most rings of a queue.
const MAX_RINGS: usize = 10;
const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

pub(super) fn check(centre: &Centre, names: &Names<'_>, found: &mut Found) {
    for (path, queue) in found.keyed("queues", &centre.queues, MAX_QUEUES, |queue| &queue.key) {
        check_queue(&path, queue, found);
        check_rings(&format!("{path}.rings"), &queue.rings, names, found);
    }
}

fn check_queue(path: &str, queue: &Queue, found: &mut Found) {
    found.name(format!("{path}.name"), &queue.name);
    found.when(Strategy::try_from(queue.strategy).is_err(), format!("{path}.strategy"), "is not a strategy");
    found.when(
        WrapUpMode::try_from(queue.wrap_up_mode).is_err(),
        format!("{path}.wrap_up_mode"),
        "is not a way to wrap up",
    );
    found.when(
        !(-1_000..=1_000).contains(&queue.priority),
        format!("{path}.priority"),
        "must be -1000 to 1000",
    );
    let mut span = |field: &str, value: &Option<prost_types::Duration>, least, most| {
        found.span(format!("{path}.{field}"), value.as_ref(), least, most);
    };
    span("priority_worth", &queue.priority_worth, SECOND, HOUR);
    span("offer_timeout", &queue.offer_timeout, SECOND, 10 * MINUTE);
    span("retry_same_agent_after", &queue.retry_same_agent_after, 0, HOUR);
    span("wrap_up_limit", &queue.wrap_up_limit, SECOND, HOUR);
    span("service_level_within", &queue.service_level_within, SECOND, HOUR);
    found.count(format!("{path}.dispositions"), queue.dispositions.len(), 200);
    let mut seen = BTreeSet::new();
    for (place, code) in queue.dispositions.iter().take(200).enumerate() {
        let field = format!("{path}.dispositions[{place}]");
        found.when(
            code.trim().is_empty() || code.chars().count() > 64 || code.chars().any(char::is_control),
            field.as_str(),
            "must have 1 to 64 printable characters",
        );
        found.when(!seen.insert(code), field, "is given more than once");
    }
}

fn check_rings(path: &str, rings: &[Ring], names: &Names<'_>, found: &mut Found) {
    found.count(path, rings.len(), MAX_RINGS);
    for (place, ring) in rings.iter().take(MAX_RINGS).enumerate() {
        let field = format!("{path}[{place}].expression");
        match ring.expression.parse::<Expression>() {
            Ok(expression) => check_expression(&field, &expression, names, found),
            Err(error) => found.add(field, error.to_string()),
        }
        let lasts = ring.lasts.as_ref().map_or(0, contract::millis_of_duration);
        if lasts == 0 {
            found.when(
                place + 1 < rings.len(),
                format!("{path}[{place}].lasts"),
                "is missing: a ring without an end hides those after it",
            );
        } else {
            found.span(format!("{path}[{place}].lasts"), ring.lasts.as_ref(), SECOND, 24 * HOUR);
        }
    }
}

fn check_expression(field: &str, expression: &Expression, names: &Names<'_>, found: &mut Found) {
    expression.each_condition(&mut |condition| match condition {
        Expression::Skill(skill, ..) => found.reference(field, "skill", skill, &names.skills),
        Expression::OneOf(Subject::Team, teams) => {
            for team in teams {
                found.reference(field, "team", team, &names.teams);
            }
        }
        Expression::OneOf(Subject::Agent, agents) => {
            for agent in agents {
                found.reference(field, "agent", agent, &names.agents);
            }
        }
        _ => {}
    });
}
