use std::collections::BTreeSet;

use contract::{
    directory::v1::{
        Alternative, AlternativeKind, Blending, CallbackPolicy, Centre, Change, ChangeKind, ProficiencyMode,
        Team,
    },
    duration_from_millis,
};
use proptest::prelude::*;

use super::diff;
use crate::core::{
    entity::{Entity, centre as centre_of, entities},
    normal::normal,
    sample::centre,
};

fn lines(before: &Centre, after: &Centre) -> Vec<(ChangeKind, String, String)> {
    let changes = diff(&normal(before.clone()), &normal(after.clone()), &BTreeSet::new()).changes();
    changes.into_iter().map(|change| (change.kind(), change.path, change.detail)).collect()
}

#[test]
fn the_same_centre_differs_in_nothing() {
    let mut shuffled = centre();
    shuffled.users.reverse();
    shuffled.queues[0].offer_timeout = Some(duration_from_millis(20_000));

    assert_eq!(lines(&centre(), &shuffled), []);
}

#[test]
fn a_change_says_what_was_and_what_is() {
    let mut after = centre();
    after.queues[0].offer_timeout = Some(duration_from_millis(15_000));
    after.queues[0].priority = 2;
    after.agents[0].skills[0].proficiency = 3.5;
    after.teams.push(Team { key: "night".into(), name: "Night".into() });
    after.hours.clear();

    let lines = lines(&centre(), &after);

    let expected = [
        (ChangeKind::Changed, "agents/ann", "skills: billing 4, french 2.5 → billing 3.5, french 2.5"),
        (ChangeKind::Added, "teams/night", "name: Night"),
        (ChangeKind::Changed, "queues/billing", "priority: 0 → 2; offer_timeout: 20s → 15s"),
        (ChangeKind::Removed, "hours/office", ""),
    ];
    let lines: Vec<_> =
        lines.iter().map(|(kind, path, detail)| (*kind, path.as_str(), detail.as_str())).collect();
    assert_eq!(lines, expected);
}

#[test]
fn every_field_of_a_queue_and_a_profile_is_seen_to_change() {
    let mut after = centre();
    let queue = &mut after.queues[0];
    queue.hours = "office".into();
    queue.closed = true;
    queue.on_closed = Some(Alternative { kind: AlternativeKind::Voicemail.into(), queue: String::new() });
    queue.whisper = "Billing".into();
    queue.farewell = "Goodbye.".into();
    queue.set_proficiency_mode(ProficiencyMode::Best);
    queue.callback = Some(CallbackPolicy { attempts: 5, gap: None });
    let profile = &mut after.routing_profiles[0];
    profile.capacities[0].auto_accept = true;
    profile.max_offers_at_once = 2;
    profile.blending = Some(Blending {
        inbound: vec!["billing".into()],
        outbound: vec!["campaign".into()],
        leave_at: 5,
        return_at: 1,
        dwell: None,
    });

    let lines = lines(&centre(), &after);

    assert_eq!(
        lines[0].2,
        "proficiency_mode: all → best; hours: nothing → office; closed: nothing → yes; on_closed: any_agent → \
         voicemail; whisper: nothing → Billing; farewell: nothing → Goodbye.; callback: 3 attempts, 15m apart → 5 attempts, 15m apart"
    );
    assert_eq!(
        lines[1].2,
        "capacities: voice 1, chat 3 (interruptible by voice) → voice 1, chat 3 (interruptible by voice) \
         (auto-accept); max_offers_at_once: nothing → 2; blending: nothing → from campaign to billing at 5 waiting, \
         back at 1, 1m apart"
    );
}

#[test]
fn a_new_tenant_is_a_change_of_its_own() {
    let difference = diff(&Centre::default(), &normal(centre()), &BTreeSet::new());

    let tenant = difference.tenant.unwrap();
    assert_eq!(tenant.path, "tenant/demo");
    assert_eq!(tenant.detail, "name: Demo; time_zone: Europe/Lisbon");
}

#[test]
fn a_password_is_never_shown() {
    let mut after = centre();
    after.users[1].password = "a-new-secret".into();

    let passwords = ["ann".to_owned()].into();
    let found = diff(&normal(centre()), &normal(after), &passwords);

    let detail = "password: changed".to_owned();
    let change = Change { kind: ChangeKind::Changed.into(), path: "users/ann".into(), detail };
    assert_eq!(found.changes(), [change]);
    assert!(!format!("{found:?}").contains("secret"));
}

proptest! {
    /// What was found to differ, done to the old centre, makes the new one.
    #[test]
    fn differences_lead_from_one_centre_to_the_other(keep in any::<[bool; 16]>(), priority in -5..5_i32) {
        let before = normal(centre());
        let mut after = centre();
        let mut keeps = keep.iter();
        let mut kept = || *keeps.next().unwrap_or(&true);
        after.users.retain(|_| kept());
        after.agents.retain(|_| kept());
        after.entry_points.retain(|_| kept());
        after.hours.retain(|_| kept());
        after.queues[0].priority = priority;
        let after = normal(after);

        let found = diff(&before, &after, &BTreeSet::new());

        let mut things = entities(&before);
        for difference in found.differences {
            match difference.after {
                Some(entity) => things.insert((difference.kind, difference.key), entity),
                None => things.remove(&(difference.kind, difference.key)),
            };
        }
        let made = centre_of(after.tenant.clone().unwrap(), things.into_values());
        prop_assert_eq!(entities(&made), entities(&after));
    }
}

#[test]
fn a_thing_survives_its_bytes() {
    for ((kind, _), entity) in entities(&normal(centre())) {
        assert_eq!(Entity::decode(kind, &entity.encode()).unwrap(), entity);
    }
}
