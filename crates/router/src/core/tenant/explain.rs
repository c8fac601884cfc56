//! Why an interaction goes to this agent, or to nobody: as it is decided, and whenever someone asks.

use super::{Tenant, Turn, ring_all::JOINED};
use crate::core::{
    decision::{Candidate, Decision, MAX_CANDIDATES, NAMED_IN_LARGE_QUEUES, Others, Verdict},
    expression::agents::OfAgents,
    ids::InteractionId,
    state::{Interaction, Rule, Stage},
    strategy::Strategy,
};

/// What is the same for every agent who is judged about one interaction.
struct Question<'a> {
    interaction: &'a Interaction,
    /// Agents who meet its requirements, ascending, by line.
    qualified: Vec<&'a [u32]>,
    /// Delays that are over.
    tiers: &'a [u32],
}

impl Question<'_> {
    fn qualifies(&self, agent: u32) -> bool {
        self.qualified.iter().any(|members| members.binary_search(&agent).is_ok())
    }
}

impl Tenant {
    /// The record of an offer about to be made to `chosen`.
    pub(super) fn decide(&self, turn: &Turn, slot: u32, chosen: &[u32], by_hand: bool) -> Decision {
        let interaction = &self.interactions[slot];
        let members = self.queues[interaction.queue as usize].members.len();
        let (candidates, others) = if members <= MAX_CANDIDATES {
            self.judge_all(interaction, chosen)
        } else {
            self.judge_ready(interaction, chosen)
        };
        let frame = self.frame(slot, candidates, others);
        let strategy = if by_hand {
            "by hand"
        } else if interaction.reserved.is_some() {
            "preferred agent"
        } else if matches!(interaction.stage, Stage::Offered { .. }) {
            JOINED
        } else {
            frame.strategy
        };
        Decision { strategy, log_sequence: turn.sequence, decided_at: turn.now, ..frame }
    }

    /// How the router sees an interaction that waits or is offered, agent by agent.
    pub(crate) fn explain(&self, interaction: InteractionId) -> Option<Decision> {
        let slot = self.slot_under(interaction)?;
        let held = &self.interactions[slot];
        let chosen = match held.stage {
            Stage::Waiting => Vec::new(),
            Stage::Offered { .. } => self.ringing_at(slot).into_iter().map(|(_, agent)| agent).collect(),
            _ => return None,
        };
        let (candidates, others) = self.judge_all(held, &chosen);
        Some(self.frame(slot, candidates, others))
    }

    /// Everything but the candidates.
    fn frame(&self, slot: u32, candidates: Vec<Candidate>, others: Others) -> Decision {
        let interaction = &self.interactions[slot];
        let queue = &self.queues[interaction.queue as usize];
        let waits = interaction.stage == Stage::Waiting;
        let expression = match interaction.plan {
            Some(plan) => self.plans[plan].steps[usize::from(interaction.ring)].text.clone(),
            None => self
                .rings_of(interaction)
                .get(usize::from(interaction.ring))
                .map_or("anyone".into(), |ring| ring.expression.to_string().as_str().into()),
        };
        Decision {
            queue: queue.name.clone(),
            place: if waits && !interaction.early {
                queue.places.rank(&interaction.key(slot)) as u32 + 1
            } else {
                0
            },
            waiting: queue.places.len() as u32,
            ring: interaction.ring,
            expression,
            strategy: self.strategy_of(interaction).name(),
            candidates,
            others,
            decided_at: contract::Timestamp::default(),
            log_sequence: 0,
        }
    }

    pub(super) fn rings_of<'a>(&'a self, interaction: &'a Interaction) -> &'a [crate::core::config::Ring] {
        if !interaction.rings.is_empty() {
            return &interaction.rings;
        }
        self.queues[interaction.queue as usize].config.as_ref().map_or(&[], |config| config.rings.as_slice())
    }

    pub(super) fn strategy_of(&self, interaction: &Interaction) -> Strategy {
        self.queues[interaction.queue as usize]
            .config
            .as_ref()
            .map(|config| config.strategy)
            .unwrap_or_default()
    }

    /// In a large queue: the chosen agent and the next in rank by name, everyone else as a number.
    fn judge_ready(&self, interaction: &Interaction, chosen: &[u32]) -> (Vec<Candidate>, Others) {
        let (mut qualified, mut ready) = (0, 0);
        for line in self.lines_of(interaction) {
            qualified += self.lines[line].members.len();
            ready += self.lines[line].ready.len();
        }
        let most = chosen.len() + NAMED_IN_LARGE_QUEUES;
        let mut candidates = Vec::with_capacity(most.min(chosen.len() + ready));
        candidates.extend(chosen.iter().map(|agent| Candidate {
            agent: self.agents[*agent as usize].name.clone(),
            verdict: Verdict::Chosen { score: self.score(interaction, *agent) },
        }));
        for line in self.lines_of(interaction) {
            let others = self.lines[line].ready.iter().filter(|(_, agent)| !chosen.contains(agent));
            for (score, agent) in others.take(most - candidates.len()) {
                let verdict = match interaction.excluded_until(*agent) {
                    Some(until) => Verdict::Excluded { until },
                    None => Verdict::Outranked { score: *score },
                };
                candidates.push(Candidate { agent: self.agents[*agent as usize].name.clone(), verdict });
            }
        }
        ready = ready.saturating_sub(chosen.len());
        let members = self.queues[interaction.queue as usize].members.len();
        let named = candidates.len() - chosen.len();
        let mut others = Others::default();
        others.counts[Verdict::Outranked { score: 0 }.kind()] = ready.saturating_sub(named) as u32;
        others.counts[Verdict::NotAvailable.kind()] = qualified.saturating_sub(ready + chosen.len()) as u32;
        others.counts[Verdict::MissingSkill(String::new()).kind()] = members.saturating_sub(qualified) as u32;
        (candidates, others)
    }

    /// Every agent of the queue; the first [`MAX_CANDIDATES`] by name, the rest as numbers.
    fn judge_all(&self, interaction: &Interaction, chosen: &[u32]) -> (Vec<Candidate>, Others) {
        let queue = &self.queues[interaction.queue as usize];
        // By hand and by preference it may go to agents who do not serve the queue.
        let strangers = chosen.iter().filter(|agent| queue.members.binary_search(agent).is_err());
        let question = Question {
            interaction,
            qualified: self.lines_of(interaction).map(|line| self.lines[line].members.as_slice()).collect(),
            tiers: &queue.tiers[interaction.channel][..interaction.tiers as usize],
        };
        // The agents of a queue share few profiles: what one says holds for the next.
        let (mut profile, mut rule) = (None, None);
        let mut judged: Vec<(usize, i64, u32, Verdict)> = Vec::with_capacity(queue.members.len() + 1);
        for agent in queue.members.iter().chain(strangers) {
            let theirs = self.agents[*agent as usize].profile;
            if theirs != profile {
                profile = theirs;
                rule = self.rule_of(*agent, interaction.queue, interaction.channel);
            }
            // Whoever joins is chosen beside those at whom it rings already.
            let verdict = if chosen.contains(agent) || interaction.offer_to(*agent).is_some() {
                Verdict::Chosen { score: self.score(interaction, *agent) }
            } else {
                self.judge(&question, rule, *agent)
            };
            let rank = match &verdict {
                Verdict::Outranked { score } => *score,
                _ => 0,
            };
            judged.push((verdict.kind(), rank, *agent, verdict));
        }
        judged.sort_unstable_by_key(|(kind, rank, agent, _)| (*kind, *rank, *agent));
        let mut others = Others::default();
        for (kind, ..) in judged.iter().skip(MAX_CANDIDATES) {
            others.counts[*kind] += 1;
        }
        let named = judged.into_iter().take(MAX_CANDIDATES).map(|(_, _, agent, verdict)| Candidate {
            agent: self.agents[agent as usize].name.clone(),
            verdict,
        });
        (named.collect(), others)
    }

    /// The strategy's number for an agent.
    fn score(&self, interaction: &Interaction, agent: u32) -> i64 {
        let strategy = self.strategy_of(interaction);
        let who = &self.agents[agent as usize];
        let skill_sum =
            if strategy == Strategy::MostSkilled { self.skill_sum(interaction, agent) } else { 0 };
        strategy.score(&who.facts(skill_sum))
    }

    fn skill_sum(&self, interaction: &Interaction, agent: u32) -> u32 {
        let who = &self.agents[agent as usize];
        let in_its_line = |line: u32| self.lines_of(interaction).any(|of| of == line);
        let standing = who.memberships.iter().find(|membership| in_its_line(membership.line));
        match (standing, interaction.plan, &who.config) {
            (Some(membership), ..) => membership.skill_sum,
            (None, Some(plan), Some(config)) => self.plans[plan].skill_sum(interaction.ring, config),
            _ => 0,
        }
    }

    /// Why an agent of the queue is not offered the interaction, or how they rank. `rule`: what their profile says.
    fn judge(&self, question: &Question<'_>, rule: Option<Rule>, agent: u32) -> Verdict {
        let Question { interaction, tiers, .. } = question;
        let who = &self.agents[agent as usize];
        if interaction.reserved.is_some_and(|only| only != agent) {
            return Verdict::NotPreferred;
        }
        let (Some(config), Some(rule)) = (&who.config, rule) else {
            return Verdict::NotInQueue;
        };
        if !question.qualifies(agent) {
            let rings = self.rings_of(interaction);
            let in_force = &rings[..rings.len().min(usize::from(interaction.ring) + 1)];
            let past_the_last = usize::from(interaction.ring) >= rings.len();
            if !past_the_last && !in_force.iter().any(|ring| ring.expression.holds(&who.name, config)) {
                let missing = in_force.last().and_then(|ring| ring.expression.unmet(&who.name, config));
                return Verdict::MissingSkill(missing.unwrap_or_default());
            }
        }
        if who.not_responding {
            return Verdict::NotResponding;
        }
        if !who.takes_work() {
            return Verdict::NotAvailable;
        }
        if let Some(until) = interaction.excluded_until(agent) {
            return Verdict::Excluded { until };
        }
        if !tiers.contains(&rule.delay_ms) {
            return Verdict::Delayed {
                until: interaction.search_began().plus_millis(i64::from(rule.delay_ms)),
            };
        }
        let channel = interaction.channel;
        if who.ringing[channel] > 0 && who.max_offers == 0 {
            return Verdict::OfferedOtherWork;
        }
        if who.has_room(channel) {
            return if who.is_paced() {
                Verdict::Paced
            } else {
                Verdict::Outranked { score: self.score(interaction, agent) }
            };
        }
        if who.paper[channel] > 0 { Verdict::WrappingUp } else { Verdict::AtCapacity }
    }
}
