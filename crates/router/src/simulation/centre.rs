//! The simulated centre: three queues, six agents, and people who change it while it runs.

use std::sync::Arc;

use super::rng::Rng;
use crate::core::{
    AgentConfig, Alternative, Blending, CallbackPolicy, Capacity, Channel, ChannelSet, HoursConfig, Input,
    Name, PerChannel, Proficiency, ProfileConfig, ProfileRule, QueueConfig, Ring, Status, Strategy, WrapUp,
    expression::Expression,
};

pub(super) const AGENTS: [&str; 6] = ["ann", "bob", "cy", "dee", "eve", "fay"];
pub(super) const QUEUES: [&str; 3] = ["billing", "sales", "night"];
pub(super) const CHANNELS: [Channel; 3] = [Channel::Voice, Channel::Chat, Channel::Email];
const PROFILES: [&str; 2] = ["front", "back"];
const HOURS: &str = "office";
/// More attempts than any queue of the simulated centre makes.
pub(super) const MOST_ATTEMPTS: u8 = 3;
/// Less than any profile of the simulated centre waits between two moves.
pub(super) const LEAST_DWELL_MS: i64 = 2_000;
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
    // Open for ever: no deadline is left at the end.
    inputs.push(Input::HoursRemoved(HOURS.into()));
    inputs
}

/// Someone changes the centre.
pub(super) fn change(rng: &mut Rng) -> Input {
    let agent: Name = (*rng.pick(&AGENTS)).into();
    let queue: Name = (*rng.pick(&QUEUES)).into();
    match rng.below(12) {
        0..3 => Input::AgentConfigured(agent, person(rng)),
        3 => Input::AgentRemoved(agent),
        4..6 => Input::QueueConfigured(queue, queue_config(rng)),
        6 => Input::QueueRemoved(queue),
        7..9 => Input::ProfileConfigured((*rng.pick(&PROFILES)).into(), profile(rng)),
        9 => Input::ProfileRemoved((*rng.pick(&PROFILES)).into()),
        10 => Input::HoursConfigured(HOURS.into(), hours(rng)),
        _ => Input::SetClosure(queue, rng.chance(50)),
    }
}

pub(super) fn status(rng: &mut Rng) -> Status {
    match rng.below(3) {
        0 => Status::Available,
        1 => Status::Away("lunch".into()),
        _ => Status::Offline,
    }
}

/// The day of the simulation, with an opening or closing within its two minutes.
fn hours(rng: &mut Rng) -> HoursConfig {
    // The simulation begins on a Tuesday at 22:13:20 UTC.
    let minute = rng.between(1_333, 1_336) as i32;
    let week = if rng.chance(50) { (2, 0, minute) } else { (2, minute, 1_440) };
    HoursConfig { time_zone: "UTC".into(), week: vec![week], holidays: Vec::new(), closed: rng.chance(20) }
}

fn alternative(rng: &mut Rng) -> Alternative {
    match rng.below(8) {
        0 => Alternative::Voicemail,
        1 => Alternative::Callback,
        2 => Alternative::Disconnect,
        3 | 4 => Alternative::Queue((*rng.pick(&QUEUES)).into()),
        _ => Alternative::AnyAgent,
    }
}

/// What an interaction may ask for beside its rings.
pub(super) fn skills(rng: &mut Rng) -> Arc<[(Name, u16)]> {
    (0..rng.between(1, 2)).map(|_| ((*rng.pick(&SKILLS)).into(), rng.between(0, 6) as u16 * 50)).collect()
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
            Strategy::RingAll,
        ]),
        priority: rng.between(0, 2) as i32,
        priority_worth_ms: rng.between(0, 60_000) as u32,
        offer_timeout_ms: rng.between(1_000, 10_000) as u32,
        retry_same_agent_after_ms: rng.between(500, 20_000) as u32,
        stay_available_after_no_answer: rng.chance(30),
        wrap_up: *rng.pick(&[WrapUp::Optional { limit_ms }, WrapUp::Mandatory, WrapUp::Timed { limit_ms }]),
        dispositions: if rng.chance(50) { vec!["done".into()] } else { Vec::new() },
        proficiency: *rng.pick(&[Proficiency::None, Proficiency::All, Proficiency::Best]),
        on_exhausted: alternative(rng),
        hours: rng.chance(30).then(|| HOURS.into()),
        closed: rng.chance(5),
        on_closed: alternative(rng),
        preferred_for_ms: rng.between(0, 15_000) as u32,
        sticky_any_agent: rng.chance(50),
        handling_ms: rng.chance(50).then_some(20_000),
        minimum_wait_ms: rng.chance(20).then_some(5_000),
        callback: CallbackPolicy {
            attempts: rng.between(1, i64::from(MOST_ATTEMPTS)) as u8,
            gap_ms: rng.between(500, 8_000) as u32,
        },
        extension_ms: rng.between(0, 20_000) as u32,
        business_time: rng.chance(30),
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
            Capacity { slots: rng.between(0, 3) as u8, interruptible_by, auto_accept: rng.chance(10) };
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
    let blending = rng.chance(40).then(|| {
        let return_at = rng.below(3) as u32;
        Blending {
            inbound: vec![QUEUES[0].into()],
            outbound: vec![QUEUES[2].into()],
            leave_at: return_at + rng.between(1, 3) as u32,
            return_at,
            dwell_ms: rng.between(LEAST_DWELL_MS, 10_000) as u32,
        }
    });
    ProfileConfig { capacities, rules, max_offers: rng.below(4) as u8, blending }
}
