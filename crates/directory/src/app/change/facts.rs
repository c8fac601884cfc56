//! Which facts a change of a centre is told by.

use chassis::{Fact, Tx};
use contract::{
    Event,
    directory::v1::{
        AgentConfigured, AgentRemoved, Centre, CentreChanged, Change, DirectoryChanged, Hours,
        HoursConfigured, HoursRemoved, QueueConfigured, QueueRemoved, RoutingProfileConfigured,
        RoutingProfileRemoved, SessionRevoked,
    },
};

use crate::core::{
    diff::{Diff, Difference},
    entity::{Entity, Kind},
};

/// Most changes one record tells; the database has them all.
const MOST_TOLD: usize = 1_000;

/// Publishes what differs: hours and profiles before queues before agents, so that what is named is known, and removals
/// last. `centre` is as it is now.
pub fn publish(tx: &mut Tx, centre: &Centre, diff: &Diff, revoked_sessions: &[String]) {
    for event in events(centre, diff) {
        tx.publish(Fact::of(event));
    }
    for session_id in revoked_sessions {
        tx.publish(Fact::of(SessionRevoked { session_id: session_id.clone() }));
    }
}

/// Publishes who changed what, in words; nothing when only digests of passwords differ.
pub fn publish_record(tx: &mut Tx, actor: &str, changes: &[Change]) {
    if changes.is_empty() {
        return;
    }
    let told = &changes[..changes.len().min(MOST_TOLD)];
    tx.publish(Fact::of(CentreChanged {
        actor: actor.to_owned(),
        changes: told.to_vec(),
        others: i32::try_from(changes.len() - told.len()).unwrap_or(i32::MAX),
    }));
}

fn events(centre: &Centre, diff: &Diff) -> Vec<Event> {
    let of_kind = |kind: Kind| diff.differences.iter().filter(move |difference| difference.kind == kind);
    let mut events: Vec<Event> = hours_to_tell(centre, diff)
        .into_iter()
        .map(|hours| HoursConfigured { hours: Some(hours) }.into())
        .collect();
    for kind in [Kind::RoutingProfile, Kind::Queue, Kind::Agent] {
        events.extend(of_kind(kind).filter_map(configured));
    }
    for kind in [Kind::Agent, Kind::Queue, Kind::RoutingProfile, Kind::Hours] {
        events.extend(of_kind(kind).filter_map(removed));
    }
    let mut paths: Vec<String> = diff.tenant.iter().map(|change| change.path.clone()).collect();
    for kind in [Kind::User, Kind::Skill, Kind::Team, Kind::Hours, Kind::EntryPoint] {
        paths.extend(of_kind(kind).map(|difference| format!("{}/{}", kind.singular(), difference.key)));
    }
    if !paths.is_empty() {
        events.push(DirectoryChanged { paths }.into());
    }
    events
}

/// Hours that differ, that keep the tenant's zone while it changes, or that a queue which differs is served in: its reader
/// need not have heard of them before. Each with its zone.
fn hours_to_tell(centre: &Centre, diff: &Diff) -> Vec<Hours> {
    let tenant = centre.tenant.as_ref();
    let zone = tenant.map(|tenant| tenant.time_zone.clone()).unwrap_or_default();
    let is_named = |key: &str| {
        diff.differences
            .iter()
            .any(|difference| matches!(&difference.after, Some(Entity::Queue(queue)) if queue.hours == key))
    };
    let differs = |key: &str| {
        diff.differences.iter().any(|difference| difference.kind == Kind::Hours && difference.key == key)
    };
    let mut told: Vec<Hours> = centre
        .hours
        .iter()
        .filter(|hours| {
            differs(&hours.key)
                || (diff.tenant.is_some() && hours.time_zone.is_empty())
                || is_named(&hours.key)
        })
        .cloned()
        .collect();
    for hours in &mut told {
        if hours.time_zone.is_empty() {
            hours.time_zone.clone_from(&zone);
        }
    }
    told
}

fn configured(difference: &Difference) -> Option<Event> {
    match difference.after.clone()? {
        Entity::Agent(agent) => Some(AgentConfigured { agent: Some(agent) }.into()),
        Entity::Queue(queue) => Some(QueueConfigured { queue: Some(queue) }.into()),
        Entity::RoutingProfile(profile) => Some(RoutingProfileConfigured { profile: Some(profile) }.into()),
        _ => None,
    }
}

fn removed(difference: &Difference) -> Option<Event> {
    if difference.after.is_some() {
        return None;
    }
    let key = difference.key.clone();
    match difference.kind {
        Kind::Agent => Some(AgentRemoved { key }.into()),
        Kind::Queue => Some(QueueRemoved { key }.into()),
        Kind::RoutingProfile => Some(RoutingProfileRemoved { key }.into()),
        Kind::Hours => Some(HoursRemoved { key }.into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use contract::{Event, directory::v1::Centre};

    use super::events;
    use crate::core::{diff::diff, normal::normal, sample::centre};

    fn told(before: &Centre, after: &Centre) -> Vec<String> {
        let after = normal(after.clone());
        let diff = diff(&normal(before.clone()), &after, &BTreeSet::new());
        events(&after, &diff)
            .iter()
            .map(|event| match event {
                Event::DirectoryChanged(changed) => changed.paths.join(" "),
                Event::HoursConfigured(told) => {
                    let hours = told.hours.clone().unwrap();
                    format!("{} in {}", hours.key, hours.time_zone)
                }
                event => event.subject_tokens().1.to_owned(),
            })
            .collect()
    }

    #[test]
    fn a_new_centre_is_told_with_what_is_named_before_what_names_it() {
        assert_eq!(
            told(&Centre::default(), &centre()),
            [
                "office in Europe/Lisbon",
                "routing_profile_configured",
                "queue_configured",
                "agent_configured",
                "agent_configured",
                "tenant/demo user/ann user/bob user/sue skill/billing skill/french team/day hours/office \
                 entry-point/phone entry-point/web-chat",
            ]
        );
    }

    #[test]
    fn only_what_differs_is_told() {
        let mut after = centre();
        after.queues[0].priority = 5;
        after.agents.pop();

        assert_eq!(told(&centre(), &after), ["queue_configured", "agent_removed"]);
        assert!(told(&centre(), &centre()).is_empty());
    }

    #[test]
    fn hours_are_told_with_their_zone_again_when_a_queue_or_the_tenant_changes_what_they_mean() {
        let mut moved = centre();
        moved.tenant.as_mut().unwrap().time_zone = "Europe/Paris".into();
        let mut served = centre();
        served.queues[0].hours = "office".into();
        let mut gone = centre();
        gone.hours.clear();

        assert_eq!(told(&centre(), &moved), ["office in Europe/Paris", "tenant/demo"]);
        assert_eq!(told(&centre(), &served), ["office in Europe/Lisbon", "queue_configured"]);
        assert_eq!(told(&centre(), &gone), ["hours_removed", "hours/office"]);
    }
}
