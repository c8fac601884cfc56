//! A small centre with too few agents, its log, and what more of them would have done.

mod day;
mod log;

use std::sync::atomic::{AtomicBool, AtomicU64};

use contract::{
    Event, Timestamp,
    directory::v1 as directory,
    duration_from_millis,
    interaction::v1::Channel,
    router::v1::{self as router, WhatIfOutcome},
};

use super::{Changes, Seen, play};
use crate::core::Router;
use log::{BEGIN, Caller, Log, MINUTE, TENANT};

/// Two agents and their customers for an hour: twice as many as two agents can talk to.
fn of_an_hour(take: impl FnMut(&chassis::Received)) {
    let mut log = Log::new(take);
    for event in centre() {
        log.plan(0, "", event);
    }
    for agent in ["ann", "bob"] {
        log.status(1_000, agent, router::AgentStatus::Available);
    }
    for number in 0..60 {
        log.arrives(Caller {
            at: 10_000 + number * MINUTE,
            channel: Channel::Voice,
            queue: "billing".into(),
            patience: 150_000,
            talk: 4 * MINUTE,
        });
    }
    log.play();
}

fn centre() -> Vec<Event> {
    let queue = directory::Queue {
        key: "billing".into(),
        offer_timeout: Some(duration_from_millis(20_000)),
        wrap_up_mode: directory::WrapUpMode::Mandatory.into(),
        ..Default::default()
    };
    let capacity =
        directory::ChannelCapacity { channel: Channel::Voice.into(), slots: 1, ..Default::default() };
    let profile = directory::RoutingProfile {
        key: "front".into(),
        capacities: vec![capacity],
        queues: vec![directory::ProfileQueue { queue: "billing".into(), ..Default::default() }],
        ..Default::default()
    };
    let agent = |key: &str| directory::Agent {
        key: key.into(),
        skills: vec![directory::SkillLevel { skill: "billing".into(), proficiency: 3.0 }],
        routing_profile: "front".into(),
        ..Default::default()
    };
    vec![
        directory::RoutingProfileConfigured { profile: Some(profile) }.into(),
        directory::QueueConfigured { queue: Some(queue) }.into(),
        directory::AgentConfigured { agent: Some(agent("ann")) }.into(),
        directory::AgentConfigured { agent: Some(agent("bob")) }.into(),
    ]
}

fn seen() -> Seen {
    let moment = |minutes| Timestamp::from_millis(BEGIN + minutes * MINUTE);
    let router = Router::new(contract::subject::partition_of(TENANT));
    let mut seen = Seen::new(TENANT.into(), router, moment(-60), moment(0), moment(60), Vec::new());
    of_an_hour(|received| seen.take(received).unwrap());
    seen.finish()
}

fn played(seen: &Seen, request: &router::WhatIfRequest) -> WhatIfOutcome {
    let changes = Changes::read(request).unwrap().resolve(seen).unwrap();
    play::play(seen, &changes, &AtomicBool::new(false), &AtomicU64::new(0)).unwrap()
}

fn level(outcome: &WhatIfOutcome) -> f64 {
    outcome.figures[0].service_level.unwrap()
}

#[test]
fn the_span_played_unchanged_is_close_to_what_was_seen() {
    let seen = seen();
    let (was, played) = (seen.outcome(), played(&seen, &router::WhatIfRequest::default()));

    let (was, played) = (&was.figures[0], &played.figures[0]);
    assert_eq!((was.offered, played.offered), (60, 60));
    assert!(was.abandoned > 10, "{was:?}");
    assert!(was.abandoned.abs_diff(played.abandoned) <= 3, "{was:?} {played:?}");
    assert!((was.occupancy.unwrap() - played.occupancy.unwrap()).abs() < 0.05, "{was:?} {played:?}");
}

#[test]
fn more_agents_answer_more_customers_in_time() {
    let seen = seen();
    let add = vec![router::AddAgents { skill: "billing".into(), count: 3 }];
    let changed = played(&seen, &router::WhatIfRequest { add_agents: add, ..Default::default() });
    let was = played(&seen, &router::WhatIfRequest::default());

    assert!(level(&changed) > level(&was) + 0.3, "{changed:?} {was:?}");
    assert!(changed.figures[0].abandoned < was.figures[0].abandoned / 2);
    assert!(changed.figures[0].agents > was.figures[0].agents + 2.5);
}

#[test]
fn fewer_agents_longer_talks_and_more_customers_make_it_worse() {
    let seen = seen();
    let was = played(&seen, &router::WhatIfRequest::default()).figures[0].answered;
    let answered = |request: router::WhatIfRequest| played(&seen, &request).figures[0].answered;

    let alone = answered(router::WhatIfRequest { remove_agents: vec!["bob".into()], ..Default::default() });
    let handling = vec![router::ChangeHandling { queue: String::new(), factor: 2.0 }];
    let slower = answered(router::WhatIfRequest { handling, ..Default::default() });
    let crowd = played(&seen, &router::WhatIfRequest { arrivals: 2.0, ..Default::default() });

    assert!(alone < was && slower < was, "{alone} {slower} {was}");
    assert_eq!(crowd.figures[0].offered, 120);
    assert!(crowd.figures[0].abandoned > 70, "{crowd:?}");
}

#[test]
fn the_same_question_gets_the_same_answer() {
    let seen = seen();
    let request = router::WhatIfRequest { arrivals: 1.3, seed: 7, ..Default::default() };

    assert_eq!(played(&seen, &request), played(&seen, &request));
    let other = router::WhatIfRequest { seed: 8, ..request.clone() };
    assert_ne!(played(&seen, &request), played(&seen, &other));
}

#[test]
fn what_is_not_there_is_refused_by_name() {
    let seen = seen();
    let refused =
        |request: router::WhatIfRequest| Changes::read(&request).unwrap().resolve(&seen).unwrap_err();

    let skill = vec![router::AddAgents { skill: "juggling".into(), count: 1 }];
    assert!(refused(router::WhatIfRequest { add_agents: skill, ..Default::default() }).contains("juggling"));
    let agents = vec!["zoe".to_owned()];
    assert!(refused(router::WhatIfRequest { remove_agents: agents, ..Default::default() }).contains("zoe"));
    let queues = vec![router::ChangeQueuePriority { queue: "none".into(), priority: 1 }];
    assert!(refused(router::WhatIfRequest { priorities: queues, ..Default::default() }).contains("none"));
}
