//! Inputs per second and latency of the core: `cargo bench -p router --profile quick --bench core`.
//!
//! A closed loop of customers and agents around `Router::handle`; only the calls of `handle` are timed. `backlog`: 100,000
//! interactions wait and every agent is busy, so each completed wrap-up pulls the next one. `idle`: agents wait, so each
//! arrival is offered at once.

use std::{
    collections::VecDeque,
    io::{self, Write},
    sync::Arc,
    time::Instant,
};

use contract::Timestamp;
use hdrhistogram::Histogram;
use router::core::{
    AgentConfig, Capacity, Channel, ChannelSet, Details, Effect, Entry, Input, InteractionId, MessageId,
    Name, PerChannel, ProfileConfig, ProfileRule, QueueConfig, Queued, Ring, Router, Status, WrapUp,
};

const SKILLS: usize = 200;
const SKILLS_OF_AGENT: usize = 5;
const PROFILES: usize = 40;
const WAITING: usize = 100_000;
const MEASURED: usize = 2_000_000;

struct Bench {
    router: Router,
    tenant: Name,
    queues: Vec<Name>,
    sequence: u64,
    interactions: u128,
    random: u64,
    no_rings: Arc<[Ring]>,
    details: Arc<Details>,
    /// What people do next because of what they saw.
    todo: VecDeque<Input>,
    histogram: Histogram<u64>,
    offers: u64,
}

impl Bench {
    fn new(agents: usize) -> Self {
        let mut bench = Self {
            router: Router::new(8),
            tenant: "bench".into(),
            queues: (0..SKILLS).map(|queue| Name::from(format!("queue-{queue}"))).collect(),
            sequence: 0,
            interactions: 0,
            random: 42,
            no_rings: Arc::from(Vec::new()),
            details: Arc::default(),
            todo: VecDeque::new(),
            histogram: Histogram::new_with_bounds(1, 1_000_000_000, 3).expect("bounds"),
            offers: 0,
        };
        for queue in 0..SKILLS {
            let ring = Ring {
                expression: format!("skill-{queue} >= 2").parse().expect("an expression"),
                lasts_ms: None,
            };
            let config = QueueConfig {
                rings: vec![ring],
                wrap_up: WrapUp::Timed { limit_ms: 3_600_000 },
                ..QueueConfig::default()
            };
            bench.say(Input::QueueConfigured(bench.queues[queue].clone(), config));
        }
        for profile in 0..PROFILES {
            let mut capacities = PerChannel::<Capacity>::default();
            capacities[Channel::Voice] = Capacity {
                slots: 1,
                interruptible_by: ChannelSet::of(&[Channel::Chat]),
                ..Capacity::default()
            };
            capacities[Channel::Chat] = Capacity {
                slots: 2,
                interruptible_by: ChannelSet::of(&[Channel::Voice]),
                ..Capacity::default()
            };
            let rule = |queue: usize| ProfileRule {
                queue: format!("queue-{queue}").into(),
                channel: None,
                priority: 0,
                delay_ms: 0,
            };
            let served = (0..SKILLS_OF_AGENT).map(|skill| rule(Self::skill(profile, skill)));
            bench.say(Input::ProfileConfigured(
                format!("profile-{profile}").into(),
                ProfileConfig { capacities, rules: served.collect(), ..ProfileConfig::default() },
            ));
        }
        for agent in 0..agents {
            let profile = agent % PROFILES;
            let level = |skill| 200 + (bench.random(301) as usize + skill) as u16 % 301;
            let mut levels = Vec::new();
            let mut level = level;
            for skill in 0..SKILLS_OF_AGENT {
                levels.push((Name::from(format!("skill-{}", Self::skill(profile, skill))), level(skill)));
            }
            let config = AgentConfig {
                skills: levels,
                routing_profile: Some(format!("profile-{profile}").into()),
                ..AgentConfig::default()
            };
            let name = Name::from(format!("agent-{agent}"));
            bench.say(Input::AgentConfigured(name, config));
        }
        bench
    }

    /// Skills of a profile: every skill is served by one profile in eight.
    fn skill(profile: usize, number: usize) -> usize {
        (profile * SKILLS_OF_AGENT + number) % SKILLS
    }

    fn random(&mut self, bound: u64) -> u64 {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % bound
    }

    /// Handles an input; people see the effects and plan what they do.
    fn say(&mut self, input: Input) -> u64 {
        self.sequence += 1;
        let entry = Entry {
            sequence: self.sequence,
            at: Timestamp::from_millis(1_700_000_000_000 + (self.sequence / 1_000) as i64),
            message: MessageId(
                u128::from(self.sequence) << 64
                    | u128::from(self.sequence).wrapping_mul(0x9e37_79b9_7f4a_7c15),
            ),
            tenant: self.tenant.clone(),
            input,
        };
        let begin = Instant::now();
        let effects = self.router.handle(entry);
        let nanos = begin.elapsed().as_nanos() as u64;
        for effect in effects {
            match effect {
                Effect::OfferMade { offer, agent, .. } => {
                    self.offers += 1;
                    self.todo.push_back(Input::AcceptOffer(agent, offer));
                }
                Effect::InteractionAssigned { interaction, .. } => {
                    self.todo.push_back(Input::InteractionConnected(interaction));
                    self.todo.push_back(Input::InteractionEnded(interaction, 1));
                }
                Effect::WrapUpStarted { interaction, agent, .. } => {
                    self.todo.push_back(Input::CompleteWrapUp {
                        agent,
                        interaction,
                        disposition: String::new(),
                        note: String::new(),
                    });
                }
                _ => {}
            }
        }
        nanos
    }

    fn arrival(&mut self) -> Input {
        self.interactions += 1;
        let spread = (self.interactions as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let queue = self.random(SKILLS as u64) as usize;
        let id = InteractionId(self.interactions << 80 | u128::from(spread));
        let channel = if self.random(2) == 0 { Channel::Voice } else { Channel::Chat };
        Input::InteractionQueued(Queued {
            priority: i32::from(self.random(20) == 0),
            rings: self.no_rings.clone(),
            details: self.details.clone(),
            ..Queued::new(id, channel, self.queues[queue].clone())
        })
    }

    fn available(&mut self, agents: usize) {
        for agent in 0..agents {
            self.say(Input::SetAgentStatus(format!("agent-{agent}").into(), Status::Available));
        }
    }

    /// Plays until `MEASURED` inputs were timed; one arrival for every interaction that is done.
    fn measure(&mut self) {
        let mut total = 0_u64;
        while total < MEASURED as u64 {
            let input = match self.todo.pop_front() {
                Some(input) => input,
                None => self.arrival(),
            };
            let done = matches!(input, Input::CompleteWrapUp { .. });
            let nanos = self.say(input);
            self.histogram.record(nanos.max(1)).expect("within bounds");
            total += 1;
            if done {
                let arrival = self.arrival();
                let nanos = self.say(arrival);
                self.histogram.record(nanos.max(1)).expect("within bounds");
                total += 1;
            }
        }
    }

    fn report(&self, out: &mut impl Write, name: &str, agents: usize) -> io::Result<()> {
        let histogram = &self.histogram;
        let per_second = 1e9 / histogram.mean();
        writeln!(
            out,
            "{name:<9} {agents:>7} {:>9} {:>9} {:>12.0} {:>8} {:>8} {:>8} {:>9}",
            self.router.open_interactions(),
            self.offers,
            per_second,
            histogram.value_at_quantile(0.5),
            histogram.value_at_quantile(0.99),
            histogram.value_at_quantile(0.999),
            histogram.max(),
        )
    }
}

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "router core, one thread, {SKILLS} skills, {SKILLS} queues, {MEASURED} inputs timed each; nanoseconds"
    )?;
    writeln!(
        out,
        "{:<9} {:>7} {:>9} {:>9} {:>12} {:>8} {:>8} {:>8} {:>9}",
        "load", "agents", "open", "offers", "inputs/s", "p50", "p99", "p99.9", "max"
    )?;
    for agents in [1_000, 10_000] {
        let mut bench = Bench::new(agents);
        for _ in 0..WAITING {
            let arrival = bench.arrival();
            bench.say(arrival);
        }
        bench.available(agents);
        bench.measure();
        bench.report(&mut out, "backlog", agents)?;

        let mut bench = Bench::new(agents);
        bench.available(agents);
        bench.measure();
        bench.report(&mut out, "idle", agents)?;
    }
    Ok(())
}
