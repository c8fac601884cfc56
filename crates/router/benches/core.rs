//! Inputs per second and latency of the core: `cargo bench -p router --profile quick --bench core`.
//!
//! A closed loop of customers and agents around `Router::handle`, each call of which is timed. `backlog`: 100,000
//! interactions wait and every agent is busy, so each completed wrap-up pulls the next one. `idle`: agents wait, so each
//! arrival is offered at once. Then the same inputs go to a copy of the router as it was, without people and clocks between:
//! `inputs/s` is of the time that this takes on a processor, so that it does not matter who else is on the machine. With words
//! behind it, only rows whose name has one of them.

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
const WAITING: usize = 100_000;
const MEASURED: usize = 1_000_000;
/// Inputs that are said again.
const AGAIN: usize = 400_000;

/// Who works in a centre, and on what.
#[derive(Clone, Copy)]
struct Shape {
    agents: usize,
    /// Skills, and as many queues, each of which asks for one of them.
    skills: usize,
    skills_of_agent: usize,
    profiles: usize,
    /// Every queue asks for a skill that nobody has.
    hopeless: bool,
}

impl Shape {
    /// A large centre: every skill is served by one agent in forty.
    const fn usual(agents: usize) -> Self {
        Self { agents, skills: SKILLS, skills_of_agent: 5, profiles: 40, hopeless: false }
    }

    /// One queue, one ring, and everyone in it.
    const fn everyone(agents: usize) -> Self {
        Self { agents, skills: 1, skills_of_agent: 1, profiles: 1, hopeless: false }
    }

    /// Everyone serves the one queue, and nobody qualifies.
    const fn nobody(agents: usize) -> Self {
        Self { hopeless: true, ..Self::everyone(agents) }
    }
}

struct Bench {
    shape: Shape,
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
    /// What was said since the measurement began, when it is to be said again.
    said: Option<Vec<Entry>>,
    /// Inputs a second of processor time.
    per_second: f64,
}

/// Nanoseconds that this thread has been on a processor.
fn on_processor() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).expect("the kernel counts")
}

impl Shape {
    /// Skills of a profile, each another one.
    const fn skill(self, profile: usize, number: usize) -> usize {
        (profile * self.skills_of_agent + number) % self.skills
    }
}

fn wanted(shape: Shape, queue: usize) -> String {
    if shape.hopeless { "juggling >= 2".to_owned() } else { format!("skill-{queue} >= 2") }
}

impl Bench {
    fn new(shape: Shape) -> Self {
        let mut bench = Self {
            shape,
            router: Router::new(8),
            tenant: "bench".into(),
            queues: (0..shape.skills).map(|queue| Name::from(format!("queue-{queue}"))).collect(),
            sequence: 0,
            interactions: 0,
            random: 42,
            no_rings: Arc::from(Vec::new()),
            details: Arc::default(),
            todo: VecDeque::new(),
            histogram: Histogram::new_with_bounds(1, 1_000_000_000, 3).expect("bounds"),
            offers: 0,
            said: None,
            per_second: 0.0,
        };
        for queue in 0..shape.skills {
            let ring =
                Ring { expression: wanted(shape, queue).parse().expect("an expression"), lasts_ms: None };
            let config = QueueConfig {
                rings: vec![ring],
                wrap_up: WrapUp::Timed { limit_ms: 3_600_000 },
                ..QueueConfig::default()
            };
            bench.say(Input::QueueConfigured(bench.queues[queue].clone(), config));
        }
        for profile in 0..shape.profiles {
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
            let served = (0..shape.skills_of_agent).map(|skill| rule(shape.skill(profile, skill)));
            bench.say(Input::ProfileConfigured(
                format!("profile-{profile}").into(),
                ProfileConfig { capacities, rules: served.collect(), ..ProfileConfig::default() },
            ));
        }
        for agent in 0..shape.agents {
            let profile = agent % shape.profiles;
            let level = |skill| 200 + (bench.random(301) as usize + skill) as u16 % 301;
            let mut levels = Vec::new();
            let mut level = level;
            for skill in 0..shape.skills_of_agent {
                levels.push((Name::from(format!("skill-{}", shape.skill(profile, skill))), level(skill)));
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
        if let Some(said) = &mut self.said {
            said.push(entry.clone());
        }
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
        let queue = self.random(self.shape.skills as u64) as usize;
        let id = InteractionId(self.interactions << 80 | u128::from(spread));
        if self.shape.hopeless {
            // Nobody ever comes: they give up.
            self.todo.push_back(Input::InteractionEnded(id, 1));
        }
        let channel = if self.random(2) == 0 { Channel::Voice } else { Channel::Chat };
        Input::InteractionQueued(Queued {
            priority: i32::from(self.random(20) == 0),
            rings: self.no_rings.clone(),
            details: self.details.clone(),
            ..Queued::new(id, channel, self.queues[queue].clone())
        })
    }

    fn waiting(mut self, count: usize) -> Self {
        for _ in 0..count {
            let arrival = self.arrival();
            self.say(arrival);
        }
        self.todo.clear();
        self
    }

    fn available(mut self) -> Self {
        for agent in 0..self.shape.agents {
            self.say(Input::SetAgentStatus(format!("agent-{agent}").into(), Status::Available));
        }
        self
    }

    /// Plays until as many inputs were timed; one arrival for every interaction that is done.
    fn measure(&mut self, inputs: usize) {
        let mut total = 0;
        while total < inputs {
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

    /// Measures, and says it all again to a router as it was.
    fn measure_twice(&mut self) {
        let mut again = self.router.clone();
        self.said = Some(Vec::with_capacity(AGAIN));
        self.measure(AGAIN);
        let said = self.said.take().unwrap_or_default();
        let inputs = said.len();
        let begin = on_processor();
        for entry in said {
            again.handle(entry);
        }
        self.per_second = inputs as f64 * 1e9 / (on_processor() - begin) as f64;
        assert_eq!(again.facts().expect("bytes"), self.router.facts().expect("bytes"), "it is deterministic");
        self.measure(MEASURED - AGAIN);
    }

    fn report(&self, out: &mut impl Write, name: &str) -> io::Result<()> {
        let histogram = &self.histogram;
        writeln!(
            out,
            "{name:<26} {:>7} {:>9} {:>9} {:>12.0} {:>8} {:>8} {:>8} {:>9}",
            self.shape.agents,
            self.router.open_interactions(),
            self.offers,
            self.per_second,
            histogram.value_at_quantile(0.5),
            histogram.value_at_quantile(0.99),
            histogram.value_at_quantile(0.999),
            histogram.max(),
        )
    }

    fn quantiles(&self) -> (u64, u64) {
        (self.histogram.value_at_quantile(0.5), self.histogram.value_at_quantile(0.99))
    }
}

/// Measures one load and prints its row, unless other rows are asked for.
fn row(out: &mut impl Write, name: &str, bench: impl FnOnce() -> Bench) -> io::Result<Option<(u64, u64)>> {
    if !is_wanted(name) {
        return Ok(None);
    }
    let mut bench = bench();
    bench.measure_twice();
    bench.report(out, name)?;
    Ok(Some(bench.quantiles()))
}

fn is_wanted(name: &str) -> bool {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-')).peekable();
    words.peek().is_none() || words.any(|word| name.contains(&word))
}

fn growth(out: &mut impl Write) -> io::Result<()> {
    let mut rows = Vec::new();
    for agents in [1_000, 10_000, 100_000] {
        let busy = || Bench::new(Shape::usual(agents)).waiting(WAITING).available();
        let backlog = row(out, "backlog", busy)?;
        let idle = row(out, "idle", || Bench::new(Shape::usual(agents)).available())?;
        rows.extend(backlog.zip(idle));
    }
    let times = |more: u64, less: u64| more as f64 / less.max(1) as f64;
    if let [least, .., most] = &rows[..] {
        writeln!(
            out,
            "  from 1,000 to 100,000 agents: backlog p50 × {:.2}, p99 × {:.2} · idle p50 × {:.2}, p99 × {:.2}",
            times(most.0.0, least.0.0),
            times(most.0.1, least.0.1),
            times(most.1.0, least.1.0),
            times(most.1.1, least.1.1),
        )?;
    }
    Ok(())
}

fn worst_cases(out: &mut impl Write) -> io::Result<()> {
    let full = |shape| move || Bench::new(shape).waiting(WAITING).available();
    row(out, "everyone qualifies", full(Shape::everyone(10_000)))?;
    row(out, "nobody qualifies", full(Shape::nobody(10_000)))?;
    row(out, "one ring of all, idle", || Bench::new(Shape::everyone(100_000)).available())?;
    Ok(())
}

/// Sixteen partitions, each with its share of people and work: on one thread in turn, then on every core.
fn partitions(out: &mut impl Write) -> io::Result<()> {
    const PARTITIONS: usize = 16;
    let all = || -> Vec<Bench> {
        let one = |_| Bench::new(Shape::usual(1_000)).waiting(WAITING / PARTITIONS).available();
        (0..PARTITIONS).map(one).collect()
    };
    let each = MEASURED / PARTITIONS;
    let mut in_turn = all();
    let begin = Instant::now();
    for _ in 0..100 {
        for bench in &mut in_turn {
            bench.measure(each / 100);
        }
    }
    let alone = begin.elapsed();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(PARTITIONS);
    let mut together = all();
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for some in together.chunks_mut(PARTITIONS.div_ceil(threads)) {
            scope.spawn(move || some.iter_mut().for_each(|bench| bench.measure(each)));
        }
    });
    let parallel = begin.elapsed();
    let per_second = |took: std::time::Duration| MEASURED as f64 / took.as_secs_f64();
    writeln!(
        out,
        "16 partitions of 1,000 agents and {} waiting, people included: {:.0} inputs/s on one thread, {:.0} on {threads}",
        WAITING / PARTITIONS,
        per_second(alone),
        per_second(parallel),
    )
}

fn snapshots(out: &mut impl Write) -> io::Result<()> {
    let bench = Bench::new(Shape::usual(10_000)).waiting(WAITING).available();
    let begin = Instant::now();
    let bytes = bench.router.snapshot().expect("a snapshot");
    let wrote = begin.elapsed();
    let begin = Instant::now();
    let restored = Router::restore(&bytes).expect("the same router");
    let read = begin.elapsed();
    writeln!(
        out,
        "snapshot of {} open interactions and 10,000 agents: {:.1} MB, written in {wrote:.0?}, restored in {read:.0?}",
        restored.open_interactions(),
        bytes.len() as f64 / 1e6,
    )
}

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "router core, one thread, {SKILLS} skills, {SKILLS} queues, {MEASURED} inputs timed each; nanoseconds"
    )?;
    writeln!(
        out,
        "{:<26} {:>7} {:>9} {:>9} {:>12} {:>8} {:>8} {:>8} {:>9}",
        "load", "agents", "open", "offers", "inputs/s", "p50", "p99", "p99.9", "max"
    )?;
    growth(&mut out)?;
    worst_cases(&mut out)?;
    if is_wanted("partitions") {
        partitions(&mut out)?;
    }
    if is_wanted("snapshots") {
        snapshots(&mut out)?;
    }
    Ok(())
}
