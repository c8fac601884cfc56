//! A small valid centre for tests.

use contract::{
    directory::v1::{
        Agent, Centre, ChannelCapacity, EntryPoint, Hours, OpenInterval, ProfileQueue, Queue, Role,
        RoutingProfile, Skill, SkillLevel, Team, Tenant, User,
    },
    duration_from_millis,
    interaction::v1::{Channel, Ring},
};

use super::check::Known;

/// Ann and Bob serve billing by phone and chat; Sue watches.
pub fn centre() -> Centre {
    Centre {
        tenant: Some(Tenant { key: "demo".into(), name: "Demo".into(), time_zone: "Europe/Lisbon".into() }),
        users: vec![
            user("sue", &[Role::Supervisor]),
            user("ann", &[Role::Agent]),
            user("bob", &[Role::Agent]),
        ],
        agents: vec![agent("ann", &[("billing", 4.0), ("french", 2.5)]), agent("bob", &[("billing", 2.0)])],
        skills: vec![skill("billing"), skill("french")],
        teams: vec![Team { key: "day".into(), name: "Day".into() }],
        queues: vec![Queue {
            key: "billing".into(),
            rings: vec![
                Ring {
                    expression: "billing >= 3 and french".into(),
                    lasts: Some(duration_from_millis(30_000)),
                },
                Ring { expression: "billing or team == \"day\"".into(), lasts: None },
            ],
            dispositions: vec!["solved".into(), "unsolved".into()],
            ..Queue::default()
        }],
        routing_profiles: vec![RoutingProfile {
            key: "all".into(),
            name: "Everything".into(),
            capacities: vec![
                ChannelCapacity {
                    channel: Channel::Chat.into(),
                    slots: 3,
                    interruptible_by: vec![Channel::Voice.into()],
                    ..ChannelCapacity::default()
                },
                ChannelCapacity { channel: Channel::Voice.into(), slots: 1, ..ChannelCapacity::default() },
            ],
            queues: vec![ProfileQueue { queue: "billing".into(), ..ProfileQueue::default() }],
            ..RoutingProfile::default()
        }],
        hours: vec![Hours {
            key: "office".into(),
            intervals: (1..=5)
                .map(|weekday| OpenInterval { weekday, from_minute: 540, to_minute: 1020 })
                .collect(),
            ..Hours::default()
        }],
        entry_points: vec![
            EntryPoint {
                key: "phone".into(),
                channel: Channel::Voice.into(),
                addresses: vec!["+15550100".into()],
                flow: "main".into(),
                ..EntryPoint::default()
            },
            EntryPoint {
                key: "web-chat".into(),
                channel: Channel::Chat.into(),
                flow: "main".into(),
                allowed_origins: vec!["https://shop.example".into()],
                ..EntryPoint::default()
            },
        ],
    }
}

/// The flow `main` exists, nobody has a password yet.
pub fn known() -> Known {
    Known {
        flows: ["main".to_owned()].into(),
        users_with_password: Default::default(),
        password_min_length: 4,
    }
}

fn user(key: &str, roles: &[Role]) -> User {
    User {
        key: key.into(),
        name: String::new(),
        email: format!("{key}@example.org"),
        roles: roles.iter().map(|role| *role as i32).collect(),
        password: "demo".into(),
        disabled: false,
    }
}

fn agent(key: &str, skills: &[(&str, f64)]) -> Agent {
    Agent {
        key: key.into(),
        skills: skills
            .iter()
            .map(|(skill, proficiency)| SkillLevel { skill: (*skill).into(), proficiency: *proficiency })
            .collect(),
        team: "day".into(),
        routing_profile: "all".into(),
        attributes: [("site".to_owned(), "LIS".to_owned())].into(),
        ..Agent::default()
    }
}

fn skill(key: &str) -> Skill {
    Skill { key: key.into(), name: String::new() }
}
