//! A whole day of a centre: 240 people in two shifts, six queues, 30,000 customers unless `ROUTER_DAY` says how many.
//! `ROUTER_DAY=100000 cargo nextest run -p router -E 'test(whole_day)' --no-capture` prints how long it takes.

use std::time::{Duration, Instant};

use super::*;

const HOUR: i64 = 60 * MINUTE;
const SKILLS: [&str; 6] = ["billing", "sales", "orders", "returns", "support", "french"];
const PEOPLE: usize = 240;

/// Even draws below a bound, the same in every run.
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as i64) % bound
    }

    /// Around a mean as waits and talks are: many short ones, a few long ones.
    fn around(&mut self, mean: i64) -> i64 {
        let part = (self.below(1_000_000) + 1) as f64 / 1_000_001.0;
        (-part.ln() * mean as f64) as i64 + 1_000
    }
}

fn skills(person: usize) -> [&'static str; 2] {
    [SKILLS[person % SKILLS.len()], SKILLS[(person / SKILLS.len() + person + 1) % SKILLS.len()]]
}

fn centre() -> Vec<Event> {
    let mut events = Vec::new();
    let capacity = |channel: Channel, slots| directory::ChannelCapacity {
        channel: channel.into(),
        slots,
        ..Default::default()
    };
    events.push(
        directory::RoutingProfileConfigured {
            profile: Some(directory::RoutingProfile {
                key: "front".into(),
                capacities: vec![capacity(Channel::Voice, 1), capacity(Channel::Chat, 2)],
                queues: SKILLS
                    .map(|queue| directory::ProfileQueue { queue: queue.into(), ..Default::default() })
                    .to_vec(),
                ..Default::default()
            }),
        }
        .into(),
    );
    for skill in SKILLS {
        let queue = directory::Queue {
            key: skill.into(),
            offer_timeout: Some(duration_from_millis(15_000)),
            service_level_within: Some(duration_from_millis(20_000)),
            wrap_up_mode: directory::WrapUpMode::Mandatory.into(),
            rings: vec![contract::interaction::v1::Ring {
                expression: format!("{skill} >= 2"),
                ..Default::default()
            }],
            ..Default::default()
        };
        events.push(directory::QueueConfigured { queue: Some(queue) }.into());
    }
    for person in 0..PEOPLE {
        let level = |skill: &str| directory::SkillLevel { skill: skill.into(), proficiency: 3.0 };
        let agent = directory::Agent {
            key: format!("agent-{person:03}"),
            skills: skills(person).map(level).to_vec(),
            routing_profile: "front".into(),
            ..Default::default()
        };
        events.push(directory::AgentConfigured { agent: Some(agent) }.into());
    }
    events
}

/// Writes the log of a day that begins an hour after its first message; how many messages that is.
fn write(customers: usize, take: impl FnMut(&chassis::Received)) -> u64 {
    let mut log = Log::new(take);
    log.careless = true;
    for event in centre() {
        log.plan(0, "", event);
    }
    for person in 0..PEOPLE {
        let agent = format!("agent-{person:03}");
        let comes = if person % 2 == 0 { 7 * HOUR } else { 15 * HOUR };
        log.status(comes + person as i64 * 500, &agent, router::AgentStatus::Available);
        log.status(comes + 8 * HOUR + person as i64 * 500, &agent, router::AgentStatus::Offline);
    }
    let mut draws = Draws(42);
    for number in 0..customers {
        // From seven to eleven, most of them around three.
        let at = 7 * HOUR + draws.below(8 * HOUR) + draws.below(8 * HOUR);
        let channel = if number % 3 == 0 { Channel::Chat } else { Channel::Voice };
        log.arrives(Caller {
            at,
            channel,
            queue: SKILLS[draws.below(6) as usize].into(),
            patience: draws.around(150_000),
            talk: draws.around(200_000),
        });
    }
    log.play();
    log.sequence
}

/// The most memory this process has had at once, MB.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long the day is is said from outside")]
fn a_whole_day_is_played_again_with_more_people_other_priorities_and_longer_talks() {
    let customers = std::env::var("ROUTER_DAY").ok().and_then(|text| text.parse().ok()).unwrap_or(30_000);
    let moment = |hours: i64| Timestamp::from_millis(BEGIN + hours * HOUR);
    let router = Router::new(contract::subject::partition_of(TENANT));
    let within = SKILLS.map(|queue| (queue.into(), 20_000)).to_vec();
    let mut seen = Seen::new(TENANT.into(), router, moment(0), moment(1), moment(25), within);
    let mut reading = Duration::ZERO;
    let messages = write(customers, |received| {
        let begin = Instant::now();
        seen.take(received).unwrap();
        reading += begin.elapsed();
    });
    let mut took = vec![("read", reading)];
    let begin = Instant::now();
    let seen = seen.finish();
    took.push(("finished", begin.elapsed()));
    let mut ask = |what, request: router::WhatIfRequest| {
        let begin = Instant::now();
        let played = played(&seen, &request);
        took.push((what, begin.elapsed()));
        played
    };
    let add = |skill: &str, count| router::AddAgents { skill: skill.into(), count };

    let same = ask("unchanged", router::WhatIfRequest::default());
    let more = ask(
        "more people",
        router::WhatIfRequest {
            add_agents: SKILLS.map(|skill| add(skill, 6)).to_vec(),
            ..Default::default()
        },
    );
    let first = vec![router::ChangeQueuePriority { queue: "sales".into(), priority: 10 }];
    let sales = ask("sales first", router::WhatIfRequest { priorities: first, ..Default::default() });
    let longer = vec![router::ChangeHandling { queue: String::new(), factor: 1.2 }];
    let slower = ask("longer talks", router::WhatIfRequest { handling: longer, ..Default::default() });
    let crowd = ask("half as many again", router::WhatIfRequest { arrivals: 1.5, ..Default::default() });

    let was = seen.outcome();
    for (what, outcome) in
        [("seen", &was), ("unchanged", &same), ("more people", &more), ("longer talks", &slower)]
    {
        let all = &outcome.figures[0];
        eprintln!(
            "{what:<14} offered {:>6} answered {:>6} abandoned {:>5} open {} in time {:.3} occupancy {:.3}",
            all.offered,
            all.answered,
            all.abandoned,
            all.open,
            level(outcome),
            all.occupancy.unwrap()
        );
    }
    eprintln!("{customers} customers, {messages} messages, {} MB at most, {took:.1?}", peak_mb());
    let (was_all, same_all) = (&was.figures[0], &same.figures[0]);
    assert_eq!((was_all.offered, same_all.offered), (customers as u64, customers as u64));
    assert_eq!((was_all.open, same_all.open), (0, 0));
    assert!(was_all.abandoned > customers as u64 / 100, "a day without a queue says nothing: {was_all:?}");
    assert!((level(&was) - level(&same)).abs() < 0.03, "{was_all:?} {same_all:?}");
    assert!(was_all.answered.abs_diff(same_all.answered) < customers as u64 / 50, "{was_all:?} {same_all:?}");
    assert!((was_all.occupancy.unwrap() - same_all.occupancy.unwrap()).abs() < 0.03);
    assert!(level(&more) > level(&same) && more.figures[0].abandoned < same_all.abandoned);
    assert!(level(&slower) < level(&same) && slower.figures[0].occupancy > same_all.occupancy);
    let of_sales = |outcome: &WhatIfOutcome| {
        let figures = outcome.figures.iter().find(|figures| figures.queue == "sales");
        figures.and_then(|figures| figures.service_level).unwrap()
    };
    assert!(of_sales(&sales) > of_sales(&same), "who goes first waits less");
    let offered = crowd.figures[0].offered as f64 / customers as f64;
    assert!((offered - 1.5).abs() < 0.05 && level(&crowd) < level(&same), "{offered}");
}
