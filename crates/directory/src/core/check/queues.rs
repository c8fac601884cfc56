//! Queues and the rings of their search.

use std::collections::{BTreeMap, BTreeSet};

use contract::{
    directory::v1::{
        Alternative, AlternativeKind, Centre, ProficiencyMode, Queue, Sticky, Strategy, WrapUpMode,
    },
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
        check_absence(&path, queue, names, found);
        check_preference(&path, queue, found);
    }
    check_circles(&centre.queues, found);
}

/// What a queue does while it does not serve.
fn check_absence(path: &str, queue: &Queue, names: &Names<'_>, found: &mut Found) {
    if !queue.hours.is_empty() {
        found.reference(format!("{path}.hours"), "hours", &queue.hours, &names.hours);
    }
    found.when(
        queue.service_level_in_business_time && queue.hours.is_empty(),
        format!("{path}.service_level_in_business_time"),
        "needs hours: without them there is no business time",
    );
    for (field, alternative) in [("on_exhausted", &queue.on_exhausted), ("on_closed", &queue.on_closed)] {
        let Some(alternative) = alternative else { continue };
        check_alternative(&format!("{path}.{field}"), &queue.key, alternative, names, found);
    }
    if let Some(callback) = &queue.callback {
        found.when(
            !(0..=10).contains(&callback.attempts),
            format!("{path}.callback.attempts"),
            "must be 1 to 10",
        );
        found.span(format!("{path}.callback.gap"), callback.gap.as_ref(), MINUTE, 24 * HOUR);
    }
}

fn check_alternative(path: &str, own: &str, alternative: &Alternative, names: &Names<'_>, found: &mut Found) {
    match AlternativeKind::try_from(alternative.kind) {
        Ok(AlternativeKind::Queue) => {
            found.reference(format!("{path}.queue"), "queue", &alternative.queue, &names.queues);
            found.when(
                !own.is_empty() && alternative.queue == own,
                format!("{path}.queue"),
                "names the queue itself",
            );
        }
        Ok(_) => {
            found.when(!alternative.queue.is_empty(), format!("{path}.queue"), "is only for the kind queue");
        }
        Err(_) => found.add(format!("{path}.kind"), "is not an alternative"),
    }
}

/// Queues that pass on to each other in a circle would do so for ever.
fn check_circles(queues: &[Queue], found: &mut Found) {
    type Side = fn(&Queue) -> Option<&Alternative>;
    let sides: [(&str, Side); 2] = [
        ("on_exhausted", |queue| queue.on_exhausted.as_ref()),
        ("on_closed", |queue| queue.on_closed.as_ref()),
    ];
    for (field, side) in sides {
        let next: BTreeMap<&str, &str> = queues
            .iter()
            .filter_map(|queue| Some((queue, side(queue)?)))
            .filter(|(_, to)| to.kind() == AlternativeKind::Queue)
            .map(|(queue, to)| (queue.key.as_str(), to.queue.as_str()))
            .collect();
        for (start, first) in &next {
            // A queue that names itself was said already.
            let mut at = *first;
            let mut steps = 0;
            while at != *start && steps < next.len() {
                let Some(to) = next.get(at) else { break };
                at = to;
                steps += 1;
            }
            found.when(
                at == *start && first != start,
                format!("queues[{start}].{field}.queue"),
                format!("leads back to the queue itself, through {first:?}"),
            );
        }
    }
}

/// Who is asked first, and what they are told.
fn check_preference(path: &str, queue: &Queue, found: &mut Found) {
    found.when(
        ProficiencyMode::try_from(queue.proficiency_mode).is_err(),
        format!("{path}.proficiency_mode"),
        "is not a way to judge skills",
    );
    found.when(
        Sticky::try_from(queue.sticky).is_err(),
        format!("{path}.sticky"),
        "is not a choice of preferred agents",
    );
    let words = [
        ("whisper", &queue.whisper),
        ("farewell", &queue.farewell),
        ("message_greeting", &queue.message_greeting),
    ];
    for (field, words) in words {
        found.when(
            words.chars().count() > 500 || words.chars().any(char::is_control),
            format!("{path}.{field}"),
            "must have at most 500 printable characters",
        );
    }
    let mut span = |field: &str, value: &Option<prost_types::Duration>, least, most| {
        found.span(format!("{path}.{field}"), value.as_ref(), least, most);
    };
    span("preferred_for", &queue.preferred_for, 0, 24 * HOUR);
    span("handling_time", &queue.handling_time, SECOND, 24 * HOUR);
    span("minimum_wait", &queue.minimum_wait, 0, 24 * HOUR);
    span("wrap_up_extension", &queue.wrap_up_extension, 0, HOUR);
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
