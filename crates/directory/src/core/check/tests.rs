use contract::{
    directory::v1::{
        Agent, Alternative, AlternativeKind, Blending, CallbackPolicy, Centre, ChannelCapacity, Holiday,
        OpenInterval, ProfileQueue, Queue, Role, SkillLevel, User,
    },
    duration_from_millis,
    interaction::v1::{Channel, Ring},
};

use super::{MAX_VIOLATIONS, check};
use crate::core::sample::{centre, known};

/// Path and reason of every mistake after `change`.
fn mistakes(change: impl FnOnce(&mut Centre)) -> Vec<(String, String)> {
    let mut centre = centre();
    change(&mut centre);
    check(&centre, &known()).into_iter().map(|found| (found.field, found.reason)).collect()
}

#[track_caller]
fn assert_mistakes(change: impl FnOnce(&mut Centre), expected: &[(&str, &str)]) {
    let found = mistakes(change);
    let found: Vec<_> = found.iter().map(|(field, reason)| (field.as_str(), reason.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_valid_centre_has_no_mistakes() {
    assert_mistakes(|_| {}, &[]);
}

#[test]
fn every_mistake_is_reported_not_only_the_first() {
    assert_mistakes(
        |centre| {
            centre.tenant.as_mut().unwrap().time_zone = "Mars/Olympus".into();
            centre.queues[0].offer_timeout = Some(duration_from_millis(500));
            centre.agents[1].team = "night".into();
            centre.entry_points[0].flow = "mian".into();
        },
        &[
            ("tenant.time_zone", "\"Mars/Olympus\" is not an IANA time zone like \"Europe/Lisbon\""),
            ("agents[bob].team", "names the team \"night\", which is not described"),
            ("queues[billing].offer_timeout", "is 0.5s, must be 1s to 10m"),
            ("entry_points[phone].flow", "names the flow \"mian\", which is not described"),
        ],
    );
}

#[test]
fn a_ring_names_only_what_exists_and_a_slip_names_its_column() {
    assert_mistakes(
        |centre| {
            centre.queues[0].rings = vec![
                Ring { expression: "biling >= 2 or agent.id in [\"dan\"]".into(), lasts: None },
                Ring { expression: "billing >= 9".into(), lasts: None },
            ];
        },
        &[
            ("queues[billing].rings[0].expression", "names the skill \"biling\", which is not described"),
            ("queues[billing].rings[0].expression", "names the agent \"dan\", which is not described"),
            ("queues[billing].rings[0].lasts", "is missing: a ring without an end hides those after it"),
            (
                "queues[billing].rings[1].expression",
                "has a number at column 12 that is not a proficiency from 0.0 to 5.0",
            ),
        ],
    );
}

#[test]
fn keys_are_slugs_and_unique() {
    assert_mistakes(
        |centre| {
            let again = centre.queues[0].clone();
            centre.queues.push(again);
            centre.teams[0].key = String::new();
            centre.users[0].key = "Sue!".into();
            centre.agents.iter_mut().for_each(|agent| agent.team.clear());
            centre.queues.iter_mut().for_each(|queue| queue.rings.clear());
        },
        &[
            (
                "users[Sue!].key",
                "contains 'S', may contain a-z, 0-9, \"-\" and \"_\", and begin with a-z or 0-9",
            ),
            ("teams[0].key", "is missing"),
            ("queues[billing].key", "is used more than once"),
        ],
    );
}

#[test]
fn people_need_a_role_a_password_and_a_user() {
    assert_mistakes(
        |centre| {
            centre.users[0].roles = vec![Role::Service.into()];
            centre.users[1].roles = vec![Role::Supervisor.into()];
            centre.users[1].password = "abc".into();
            centre.users[2].password = String::new();
            centre.agents[1].key = "dan".into();
        },
        &[
            ("users[sue].roles[0]", "is for services, never for a person"),
            ("users[ann].password", "has fewer than 4 characters"),
            ("users[bob].password", "is missing: a new user needs one"),
            ("agents[ann].key", "names a user who lacks the role agent"),
            ("agents[dan].key", "names the user \"dan\", which is not described"),
        ],
    );
}

#[test]
fn a_user_who_has_a_password_keeps_it() {
    let mut centre = centre();
    centre.users[2].password.clear();
    let mut known = known();
    known.users_with_password.insert("bob".into());

    assert_eq!(check(&centre, &known), []);
}

#[test]
fn skills_of_agents_exist_and_lie_between_nought_and_five() {
    assert_mistakes(
        |centre| {
            centre.agents[0].skills = vec![
                SkillLevel { skill: "golf".into(), proficiency: 1.0 },
                SkillLevel { skill: "billing".into(), proficiency: f64::NAN },
                SkillLevel { skill: "billing".into(), proficiency: 5.01 },
            ];
            centre.skills[1].key = "not".into();
            centre.queues[0].rings.clear();
        },
        &[
            ("agents[ann].skills[golf].skill", "names the skill \"golf\", which is not described"),
            ("agents[ann].skills[billing].proficiency", "must be 0.0 to 5.0"),
            ("agents[ann].skills[billing].skill", "is given more than once"),
            ("agents[ann].skills[billing].proficiency", "must be 0.0 to 5.0"),
            ("skills[not].key", "\"not\" is a word of the language of rings"),
        ],
    );
}

#[test]
fn an_extension_is_a_few_digits_and_one_agents() {
    assert_mistakes(
        |centre| {
            let other = |key: &str, extension: &str| Agent {
                key: key.into(),
                extension: extension.into(),
                ..centre.agents[0].clone()
            };
            let agents =
                [other("ann", "201"), other("bob", "201"), other("cy", "+1"), other("dan", "1234567")];
            centre.users = agents
                .iter()
                .map(|agent| User {
                    key: agent.key.clone(),
                    roles: vec![Role::Agent.into()],
                    ..centre.users[0].clone()
                })
                .collect();
            centre.agents = agents.into();
        },
        &[
            ("agents[bob].extension", "201 is another agent's"),
            ("agents[cy].extension", "must be 2 to 6 digits"),
            ("agents[dan].extension", "must be 2 to 6 digits"),
        ],
    );
}

#[test]
fn a_profile_has_channels_slots_and_queues_that_exist() {
    assert_mistakes(
        |centre| {
            let profile = &mut centre.routing_profiles[0];
            profile.capacities.push(ChannelCapacity {
                channel: Channel::Voice.into(),
                slots: 0,
                interruptible_by: vec![99],
                ..Default::default()
            });
            profile.queues.push(ProfileQueue {
                queue: "sales".into(),
                priority: 2_000,
                ..Default::default()
            });
        },
        &[
            ("routing_profiles[all].capacities[voice].channel", "is given more than once"),
            ("routing_profiles[all].capacities[voice].slots", "must be 1 to 100"),
            ("routing_profiles[all].capacities[voice].interruptible_by[0]", "is not a channel"),
            ("routing_profiles[all].queues[1].queue", "names the queue \"sales\", which is not described"),
            ("routing_profiles[all].queues[1].priority", "must be -1000 to 1000"),
        ],
    );
}

#[expect(clippy::unnecessary_wraps, reason = "as the callers take it")]
fn to_queue(queue: &str) -> Option<Alternative> {
    Some(Alternative { kind: AlternativeKind::Queue.into(), queue: queue.into() })
}

#[test]
fn what_a_queue_does_instead_of_serving_exists_and_does_not_go_round_in_circles() {
    assert_mistakes(
        |centre| {
            let queue = &mut centre.queues[0];
            queue.hours = "night".into();
            queue.on_closed = to_queue("sales");
            queue.on_exhausted =
                Some(Alternative { kind: AlternativeKind::Voicemail.into(), queue: "billing".into() });
            queue.callback = Some(CallbackPolicy { attempts: 11, gap: Some(duration_from_millis(1_000)) });
            centre.queues.push(Queue { on_exhausted: to_queue("second"), ..named("first") });
            centre.queues.push(Queue { on_exhausted: to_queue("first"), ..named("second") });
            centre.queues.push(Queue {
                on_closed: to_queue("third"),
                service_level_in_business_time: true,
                ..named("third")
            });
        },
        &[
            ("queues[billing].hours", "names the hours \"night\", which is not described"),
            ("queues[billing].on_exhausted.queue", "is only for the kind queue"),
            ("queues[billing].on_closed.queue", "names the queue \"sales\", which is not described"),
            ("queues[billing].callback.attempts", "must be 1 to 10"),
            ("queues[billing].callback.gap", "is 1s, must be 1m to 24h"),
            (
                "queues[third].service_level_in_business_time",
                "needs hours: without them there is no business time",
            ),
            ("queues[third].on_closed.queue", "names the queue itself"),
            ("queues[first].on_exhausted.queue", "leads back to the queue itself, through \"second\""),
            ("queues[second].on_exhausted.queue", "leads back to the queue itself, through \"first\""),
        ],
    );
}

fn named(key: &str) -> Queue {
    Queue { key: key.into(), ..Queue::default() }
}

#[test]
fn who_is_asked_first_and_what_they_hear_is_within_bounds() {
    assert_mistakes(
        |centre| {
            let queue = &mut centre.queues[0];
            queue.proficiency_mode = 9;
            queue.sticky = 9;
            queue.whisper = "a\u{7}".into();
            queue.farewell = "a".repeat(501);
            queue.message_greeting = "a\n".into();
            queue.preferred_for = Some(duration_from_millis(90_000_000));
            queue.handling_time = Some(duration_from_millis(0));
            queue.wrap_up_extension = Some(duration_from_millis(3_601_000));
        },
        &[
            ("queues[billing].proficiency_mode", "is not a way to judge skills"),
            ("queues[billing].sticky", "is not a choice of preferred agents"),
            ("queues[billing].whisper", "must have at most 500 printable characters"),
            ("queues[billing].farewell", "must have at most 500 printable characters"),
            ("queues[billing].message_greeting", "must have at most 500 printable characters"),
            ("queues[billing].preferred_for", "is 25h, must be 0s to 24h"),
            ("queues[billing].handling_time", "is 0s, must be 1s to 24h"),
            ("queues[billing].wrap_up_extension", "is 1h1s, must be 0s to 1h"),
        ],
    );
}

#[test]
fn blending_moves_between_queues_the_profile_serves_and_not_to_and_fro() {
    assert_mistakes(
        |centre| {
            let profile = &mut centre.routing_profiles[0];
            profile.max_offers_at_once = 101;
            profile.blending = Some(Blending {
                inbound: vec!["billing".into(), "billing".into()],
                outbound: vec!["campaign".into()],
                leave_at: 3,
                return_at: 3,
                dwell: Some(duration_from_millis(1)),
            });
        },
        &[
            ("routing_profiles[all].max_offers_at_once", "must be 1 to 100, or 0 for one on each channel"),
            ("routing_profiles[all].blending.inbound[1]", "is given more than once"),
            (
                "routing_profiles[all].blending.outbound[0]",
                "names the queue \"campaign\", which the profile does not serve",
            ),
            ("routing_profiles[all].blending.return_at", "must be 0 or more, and below leave_at"),
            ("routing_profiles[all].blending.dwell", "is 0.001s, must be 1s to 1h"),
        ],
    );
}

#[test]
fn intervals_lie_in_a_day_and_do_not_overlap() {
    let interval = |weekday, from_minute, to_minute| OpenInterval { weekday, from_minute, to_minute };
    assert_mistakes(
        |centre| {
            centre.hours[0].time_zone = "Lisbon".into();
            centre.hours[0].intervals = vec![
                interval(1, 540, 720),
                interval(1, 700, 800),
                interval(8, 1320, 360),
                interval(2, 0, 1441),
            ];
            centre.hours[0].holidays =
                vec![Holiday { date: "2026-02-30".into(), name: String::new(), intervals: vec![] }];
        },
        &[
            ("hours[office].time_zone", "\"Lisbon\" is not an IANA time zone like \"Europe/Lisbon\""),
            ("hours[office].intervals[1]", "overlaps another interval of its day: Mon 11:40–13:20"),
            ("hours[office].intervals[2].weekday", "must be 1 (Monday) to 7 (Sunday)"),
            (
                "hours[office].intervals[2]",
                "must begin before it ends; a night is two intervals, cut at 24:00",
            ),
            ("hours[office].intervals[3]", "must lie between 00:00 and 24:00"),
            ("hours[office].holidays[2026-02-30].date", "\"2026-02-30\" is not a date like \"2026-12-25\""),
        ],
    );
}

#[test]
fn an_address_is_well_formed_and_has_one_owner() {
    assert_mistakes(
        |centre| {
            let mut second = centre.entry_points[0].clone();
            second.key = "second".into();
            second.addresses = vec!["+15550100".into(), "0800 1234".into()];
            centre.entry_points.push(second);
            centre.entry_points[1].addresses = vec!["other".into()];
            centre.entry_points[1].allowed_origins = vec!["https://shop.example/path".into()];
        },
        &[
            ("entry_points[web-chat].addresses[0]", "must be the key itself, or left out"),
            ("entry_points[web-chat].allowed_origins[0]", "is not an origin like \"https://shop.example\""),
            ("entry_points[second].addresses[1]", "is not a number like \"+15550100\""),
            ("entry_points[second].addresses[0]", "belongs to the entry point \"phone\" already"),
        ],
    );
}

#[test]
fn the_list_of_mistakes_is_bounded() {
    let found = mistakes(|centre| {
        let agent = centre.agents[0].clone();
        centre.agents.extend((0..1_000).map(|_| agent.clone()));
    });

    assert_eq!(found.len(), MAX_VIOLATIONS);
}
