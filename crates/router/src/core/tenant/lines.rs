//! Plans and lines: the index by which waiting interactions and ready agents find each other.
//!
//! A *plan* is one queue with one list of rings. A *line* is one plan on one channel, at one ring, for the agents whose
//! routing profile lets them in after one delay. Everything that waits in a line is wanted by the same agents, in one
//! order; every agent who may take it is a member, and stands in its ready set while able to. Nothing here is a fact:
//! it can be dropped and made again at any time without changing a decision.

use std::{collections::BTreeSet, sync::Arc};

use super::Tenant;
use crate::core::{
    channel::{Channel, ChannelSet},
    config::{AgentConfig, Proficiency, Ring},
    expression::{
        Comparison, Expression, Level,
        agents::{OfAgents, level},
    },
    ids::Name,
    mutation::{Guard, stands},
    ordered::OrderedSet,
    state::{Interaction, Membership, OrderKey, PlanKey},
    strategy::{Facts, Strategy},
};

/// How many plans of single interactions are kept for the next one alike.
const MAX_IDLE_PLANS: usize = 1024;

/// One ring, compiled.
#[derive(Clone, Debug)]
pub(crate) struct PlanStep {
    pub expression: Expression,
    pub text: Name,
    /// Milliseconds after the search began at which the next ring applies as well.
    pub ends_ms: i64,
}

/// One queue with one list of rings.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub queue: u32,
    /// Rings as they are searched, and the skills by which agents are ranked.
    key: PlanKey,
    /// Rings and skills as they were asked for; `None`: nothing but what the queue says.
    asked: Option<PlanKey>,
    pub strategy: Strategy,
    pub steps: Vec<PlanStep>,
    lines: Vec<LineAt>,
    /// Interactions waiting under it.
    pub users: u32,
    /// Of the last time it became idle.
    stamp: u64,
}

#[derive(Clone, Copy, Debug)]
struct LineAt {
    channel: Channel,
    ring: u8,
    delay_ms: u32,
    line: u32,
}

impl Plan {
    fn new(queue: u32, key: PlanKey, strategy: Strategy) -> Self {
        let mut ends_ms = 0_i64;
        let mut steps: Vec<PlanStep> = Vec::new();
        for ring in key.0.iter().take(usize::from(u8::MAX) - 1) {
            ends_ms = ring.lasts_ms.map_or(i64::MAX, |lasts| ends_ms.saturating_add(i64::from(lasts)));
            let text = Name::from(ring.expression.to_string());
            steps.push(PlanStep { expression: ring.expression.clone(), text, ends_ms });
        }
        if ends_ms != i64::MAX {
            let text = Name::from(Expression::Anyone.to_string());
            steps.push(PlanStep { expression: Expression::Anyone, text, ends_ms: i64::MAX });
        }
        Self { queue, key, asked: None, strategy, steps, lines: Vec::new(), users: 0, stamp: 0 }
    }

    /// The widest ring in force `elapsed_ms` after the search began.
    pub(crate) fn ring_at(&self, elapsed_ms: i64) -> u8 {
        self.steps.partition_point(|step| step.ends_ms <= elapsed_ms) as u8
    }

    /// Sum of an agent's proficiency in the skills that the rings up to `ring` ask for, hundredths.
    pub(super) fn skill_sum(&self, ring: u8, agent: &AgentConfig) -> u32 {
        if !self.key.1.is_empty() {
            return self.key.1.iter().map(|(skill, _)| u32::from(level(agent, skill))).sum();
        }
        let mut skills = BTreeSet::new();
        for step in &self.steps[..=usize::from(ring)] {
            step.expression.add_skills(&mut skills);
        }
        skills.into_iter().map(|skill| u32::from(level(agent, skill))).sum()
    }

    /// Whether an agent meets the requirements of one of the rings up to `ring`.
    pub(crate) fn admits(&self, ring: u8, name: &Name, agent: &AgentConfig) -> bool {
        self.steps[..=usize::from(ring)].iter().any(|step| step.expression.holds(name, agent))
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub plan: u32,
    pub queue: u32,
    pub channel: Channel,
    pub ring: u8,
    pub delay_ms: u32,
    pub strategy: Strategy,
    pub waiting: OrderedSet<OrderKey>,
    /// Members who could take an offer now, by score.
    pub ready: BTreeSet<(i64, u32)>,
    /// Agents who meet the requirements, ascending.
    pub members: Vec<u32>,
    /// How many of them are at work.
    pub staffed: u32,
}

/// The rings with every skill demanded in each; without any, one ring for ever.
fn demanding(rings: &[Ring], skills: &[(Name, Level)]) -> Arc<[Ring]> {
    let wanted = skills.iter().map(|(skill, least)| {
        let comparison = if *least == 0 { Comparison::More } else { Comparison::AtLeast };
        Expression::Skill(skill.clone(), comparison, *least)
    });
    let anyone = [Ring { expression: Expression::Anyone, lasts_ms: None }];
    let rings = if rings.is_empty() { &anyone } else { rings };
    let demand = |ring: &Ring| {
        let own = (ring.expression != Expression::Anyone).then(|| ring.expression.clone());
        let mut parts: Vec<Expression> = own.into_iter().chain(wanted.clone()).collect();
        let expression = if parts.len() == 1 { parts.remove(0) } else { Expression::All(parts) };
        Ring { expression, lasts_ms: ring.lasts_ms }
    };
    rings.iter().map(demand).collect()
}

impl Tenant {
    /// The plan of an interaction that begins to wait: its own rings or the queue's, and its skills as the queue takes
    /// them.
    pub(super) fn acquire_plan(&mut self, slot: u32) -> u32 {
        let Interaction { queue, rings: own, skills, .. } = &self.interactions[slot];
        let queue = *queue;
        let at = &mut self.queues[queue as usize];
        let mode = at.config.as_ref().map(|config| config.proficiency).unwrap_or_default();
        let plain = own.is_empty() && (skills.is_empty() || mode == Proficiency::None);
        let key = (!plain).then(|| (own.clone(), skills.clone()));
        let found = match &key {
            None => at.own_plan,
            Some(key) => at.plan_of.get(key),
        };
        let plan = found.unwrap_or_else(|| {
            let rings = if own.is_empty() {
                at.config.as_ref().map(|config| Arc::from(config.rings.as_slice())).unwrap_or_default()
            } else {
                own.clone()
            };
            let configured = at.config.as_ref().map(|config| config.strategy).unwrap_or_default();
            let none: Arc<[(Name, Level)]> = Arc::from(Vec::new());
            let (rings, ranked, strategy) = match mode {
                Proficiency::All if !skills.is_empty() => (demanding(&rings, skills), none, configured),
                Proficiency::Best => (rings, skills.clone(), Strategy::MostSkilled),
                Proficiency::None | Proficiency::All => (rings, none, configured),
            };
            let plan = self.plans.insert(Plan::new(queue, (rings, ranked), strategy));
            at.plans.push(plan);
            match key {
                None => at.own_plan = Some(plan),
                Some(key) => {
                    self.plans[plan].asked = Some(key.clone());
                    at.plan_of.insert(key, plan);
                }
            }
            plan
        });
        self.plans[plan].users += 1;
        plan
    }

    /// The interaction waits no more.
    pub(super) fn release_plan(&mut self, plan: u32) {
        let held = &mut self.plans[plan];
        held.users -= 1;
        if held.users > 0 || self.queues[held.queue as usize].own_plan == Some(plan) {
            return;
        }
        self.idle_stamp += 1;
        held.stamp = self.idle_stamp;
        self.idle_plans.push_back((plan, self.idle_stamp));
        if self.idle_plans.len() > MAX_IDLE_PLANS
            && let Some((oldest, stamp)) = self.idle_plans.pop_front()
            && self.plans.get(oldest).is_some_and(|plan| plan.users == 0 && plan.stamp == stamp)
        {
            self.drop_plan(oldest);
        }
    }

    /// Forgets a plan and its lines.
    pub(super) fn drop_plan(&mut self, plan: u32) {
        let Some(dropped) = self.plans.take(plan) else { return };
        let queue = &mut self.queues[dropped.queue as usize];
        queue.plans.retain(|other| *other != plan);
        if queue.own_plan == Some(plan) {
            queue.own_plan = None;
        } else if let Some(asked) = &dropped.asked {
            queue.plan_of.remove(asked);
        }
        for at in dropped.lines {
            if let Some(line) = self.lines.take(at.line) {
                for agent in line.members {
                    self.agents[agent as usize].memberships.retain(|membership| membership.line != at.line);
                }
            }
        }
    }

    /// The line of a plan, made when first asked for.
    pub(super) fn line_at(&mut self, plan: u32, channel: Channel, ring: u8, delay_ms: u32) -> u32 {
        if let Some(line) = self.existing_line(plan, channel, ring, delay_ms) {
            return line;
        }
        let held = &self.plans[plan];
        let queue = held.queue;
        let mut candidates = Some(Vec::new());
        for step in &held.steps[..=usize::from(ring)] {
            let narrowed = self.postings.narrow(&step.expression, &|name: &Name| self.agent_under(name));
            candidates = match (candidates, narrowed) {
                (Some(mut so_far), Some(more)) => {
                    so_far.extend(more);
                    Some(so_far)
                }
                _ => None,
            };
        }
        let mut candidates = candidates.unwrap_or_else(|| self.queues[queue as usize].members.clone());
        candidates.sort_unstable();
        candidates.dedup();
        let strategy = held.strategy;
        let line = self.lines.insert(Line {
            plan,
            queue,
            channel,
            ring,
            delay_ms,
            strategy,
            waiting: OrderedSet::default(),
            ready: BTreeSet::new(),
            members: Vec::new(),
            staffed: 0,
        });
        self.plans[plan].lines.push(LineAt { channel, ring, delay_ms, line });
        for agent in candidates {
            if self.join(agent, line) {
                self.list(agent);
            }
        }
        line
    }

    pub(super) fn existing_line(&self, plan: u32, channel: Channel, ring: u8, delay_ms: u32) -> Option<u32> {
        self.plans[plan]
            .lines
            .iter()
            .find(|at| at.channel == channel && at.ring == ring && at.delay_ms == delay_ms)
            .map(|at| at.line)
    }

    /// Makes the agent a member of the line if they belong there.
    fn join(&mut self, agent: u32, line: u32) -> bool {
        let at = &self.lines[line];
        let Some(rule) = self.rule_of(agent, at.queue, at.channel) else { return false };
        let who = &self.agents[agent as usize];
        let Some(config) = &who.config else { return false };
        let plan = &self.plans[at.plan];
        if rule.delay_ms != at.delay_ms || !plan.admits(at.ring, &who.name, config) {
            return false;
        }
        let worth =
            self.queues[at.queue as usize].config.as_ref().map_or(0, |config| config.priority_worth_ms);
        let membership = Membership {
            line,
            channel: at.channel,
            strategy: at.strategy,
            advance_ms: i64::from(rule.priority) * i64::from(worth),
            skill_sum: plan.skill_sum(at.ring, config),
            listed: None,
        };
        let who = &mut self.agents[agent as usize];
        who.memberships.push(membership);
        let line = &mut self.lines[line];
        line.staffed += u32::from(who.counted);
        if let Err(place) = line.members.binary_search(&agent) {
            line.members.insert(place, agent);
        }
        true
    }

    /// Takes the agent out of every line, and into those where they belong now. Does not list them as ready.
    pub(super) fn rejoin_lines(&mut self, agent: u32) {
        let counted = u32::from(self.agents[agent as usize].counted);
        for membership in std::mem::take(&mut self.agents[agent as usize].memberships) {
            let line = &mut self.lines[membership.line];
            line.staffed -= counted;
            if let Some(score) = membership.listed {
                line.ready.remove(&(score, agent));
            }
            if let Ok(place) = line.members.binary_search(&agent) {
                line.members.remove(place);
            }
        }
        self.agents[agent as usize].ready = ChannelSet::EMPTY;
        let lines: Vec<u32> = self
            .queues_of(agent)
            .into_iter()
            .flat_map(|queue| &self.queues[queue as usize].plans)
            .flat_map(|plan| &self.plans[*plan].lines)
            .map(|at| at.line)
            .collect();
        for line in lines {
            self.join(agent, line);
        }
    }

    /// Brings the ready sets up to date with what the agent can take now.
    pub(super) fn list(&mut self, agent: u32) {
        let who = &mut self.agents[agent as usize];
        let staffed = who.is_staffed();
        if staffed != who.counted {
            who.counted = staffed;
            for membership in &who.memberships {
                let count = &mut self.lines[membership.line].staffed;
                *count = if staffed { *count + 1 } else { *count - 1 };
            }
        }
        let ready = who.ready_channels();
        if !stands(Guard::Listing) && !ready.is_empty() && !who.ready.is_empty() {
            return;
        }
        if ready.is_empty() && who.ready.is_empty() {
            return;
        }
        let facts = who.facts(0);
        who.ready = ready;
        for membership in &mut who.memberships {
            let facts = Facts { skill_sum: membership.skill_sum, ..facts };
            let wanted = ready.has(membership.channel).then(|| membership.strategy.score(&facts));
            if wanted == membership.listed {
                continue;
            }
            let line = &mut self.lines[membership.line];
            if let Some(score) = membership.listed {
                line.ready.remove(&(score, agent));
            }
            if let Some(score) = wanted {
                line.ready.insert((score, agent));
            }
            membership.listed = wanted;
        }
    }
}
