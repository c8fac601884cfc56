//! The simulated centre: three queues, six agents, and people who change it while it runs.

use std::sync::Arc;

use super::rng::Rng;
use crate::core::{
    AgentConfig, Capacity, Channel, ChannelSet, Input, Name, PerChannel, ProfileConfig, ProfileRule,
    QueueConfig, Ring, Status, Strategy, WrapUp, expression::Expression,
};

pub(super) const AGENTS: [&str; 6] = ["ann", "bob", "cy", "dee", "eve", "fay"];
pub(super) const QUEUES: [&str; 3] = ["billing", "sales", "night"];
pub(super) const CHANNELS: [Channel; 3] = [Channel::Voice, Channel::Chat, Channel::Email];
const PROFILES: [&str; 2] = ["front", "back"];
const SKILLS: [&str; 3] = ["billing", "sales", "french"];

/// Everything the centre needs, in any order.
pub(super) fn opening(rng: &mut Rng) -> Vec<Input> {
    let mut inputs: Vec<Input> =
        AGENTS.iter().map(|agent| Input::AgentConfigured((*agent).into(), person(rng))).collect();
    for queue in QUEUES {
        inputs.push(Input::QueueConfigured(queue.into(), queue_config(rng)));
    }
    for name in PROFILES {
        inputs.push(Input::ProfileConfigured(name.into(), profile(rng)));
    }
    inputs
}

/// Someone changes the centre.
pub(super) fn change(rng: &mut Rng) -> Input {
    let agent: Name = (*rng.pick(&AGENTS)).into();
    let queue: Name = (*rng.pick(&QUEUES)).into();
    match rng.below(10) {
        0..3 => Input::AgentConfigured(agent, person(rng)),
        3 => Input::AgentRemoved(agent),
        4..6 => Input::QueueConfigured(queue, queue_config(rng)),
        6 => Input::QueueRemoved(queue),
        7..9 => Input::ProfileConfigured((*rng.pick(&PROFILES)).into(), profile(rng)),
        _ => Input::ProfileRemoved((*rng.pick(&PROFILES)).into()),
    }
}

pub(super) fn status(rng: &mut Rng) -> Status {
    match rng.below(3) {
        0 => Status::Available,
        1 => Status::Away("lunch".into()),
        _ => Status::Offline,
    }
}

pub(super) fn rings(rng: &mut Rng) -> Arc<[Ring]> {
    let mut rings: Vec<Ring> = (0..rng.between(0, 2))
        .map(|_| Ring { expression: expression(rng), lasts_ms: Some(rng.between(1_000, 15_000) as u32) })
        .collect();
    rings.push(Ring {
        expression: expression(rng),
        lasts_ms: rng.chance(50).then(|| rng.between(1_000, 20_000) as u32),
    });
    Arc::from(rings)
}

fn expression(rng: &mut Rng) -> Expression {
    let texts = [
        "billing >= 2",
        "sales >= 1 and french >= 1",
        "french >= 4 or billing >= 4",
        "agent.id in [\"ann\", \"dee\"]",
        "team == \"north\"",
        "not site == \"LIS\"",
        "sales",
        "",
    ];
    rng.pick(&texts).parse().unwrap_or(Expression::Anyone)
}

fn person(rng: &mut Rng) -> AgentConfig {
    let mut skills = Vec::new();
    for skill in SKILLS {
        if rng.chance(60) {
            skills.push((skill.into(), rng.between(0, 10) as u16 * 50));
        }
    }
    AgentConfig {
        display_name: String::new(),
        skills,
        team: rng.chance(50).then(|| "north".into()),
        attributes: if rng.chance(50) { vec![("site".into(), "LIS".into())] } else { Vec::new() },
        routing_profile: Some((*rng.pick(&PROFILES)).into()),
    }
}

fn queue_config(rng: &mut Rng) -> QueueConfig {
    let limit_ms = rng.between(1_000, 20_000) as u32;
    QueueConfig {
        display_name: String::new(),
        rings: if rng.chance(60) { rings(rng).to_vec() } else { Vec::new() },
        strategy: *rng.pick(&[
            Strategy::LongestIdle,
            Strategy::LeastOccupied,
            Strategy::RoundRobin,
            Strategy::MostSkilled,
            Strategy::FewestToday,
        ]),
        priority: rng.between(0, 2) as i32,
        priority_worth_ms: rng.between(0, 60_000) as u32,
        offer_timeout_ms: rng.between(1_000, 10_000) as u32,
        retry_same_agent_after_ms: if rng.chance(20) { 0 } else { rng.between(500, 20_000) as u32 },
        stay_available_after_no_answer: rng.chance(30),
        wrap_up: *rng.pick(&[WrapUp::Optional { limit_ms }, WrapUp::Mandatory, WrapUp::Timed { limit_ms }]),
        dispositions: if rng.chance(50) { vec!["done".into()] } else { Vec::new() },
        ..QueueConfig::default()
    }
}

fn profile(rng: &mut Rng) -> ProfileConfig {
    let mut capacities = PerChannel::<Capacity>::default();
    for channel in CHANNELS {
        let interruptible_by = if rng.chance(40) {
            ChannelSet::ALL
        } else if rng.chance(50) {
            ChannelSet::of(&[*rng.pick(&CHANNELS)])
        } else {
            ChannelSet::EMPTY
        };
        capacities[channel] =
            Capacity { slots: rng.between(0, 3) as u8, interruptible_by, ..Capacity::default() };
    }
    let mut rules = Vec::new();
    for queue in QUEUES {
        if rng.chance(80) {
            rules.push(ProfileRule {
                queue: queue.into(),
                channel: rng.chance(30).then(|| *rng.pick(&CHANNELS)),
                priority: i32::from(rng.chance(20)),
                delay_ms: if rng.chance(30) { rng.between(500, 15_000) as u32 } else { 0 },
            });
        }
    }
    ProfileConfig { capacities, rules, ..ProfileConfig::default() }
}
