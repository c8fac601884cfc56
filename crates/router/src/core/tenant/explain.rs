//! Why an interaction goes to this agent, or to nobody: as it is decided, and whenever someone asks.

use super::{Tenant, Turn};
use crate::core::{
    decision::{Candidate, Decision, MAX_CANDIDATES, NAMED_IN_LARGE_QUEUES, Others, Verdict},
    expression::agents::OfAgents,
    ids::InteractionId,
    state::{Interaction, Membership, Stage},
    strategy::Strategy,
};

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
        } else {
            frame.strategy
        };
        Decision { strategy, log_sequence: turn.sequence, decided_at: turn.now, ..frame }
    }

    /// How the router sees an interaction that waits or is offered, agent by agent.
    pub(crate) fn explain(&self, interaction: InteractionId) -> Option<Decision> {
        let slot = self.interaction_of.get(&interaction)?;
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

    fn strategy_of(&self, interaction: &Interaction) -> Strategy {
        self.queues[interaction.queue as usize]
            .config
            .as_ref()
            .map(|config| config.strategy)
            .unwrap_or_default()
    }

    /// In a large queue: the chosen agent and the next in rank by name, everyone else as a number.
    fn judge_ready(&self, interaction: &Interaction, chosen: &[u32]) -> (Vec<Candidate>, Others) {
        let lines: Vec<u32> = self.lines_of(interaction).collect();
        let mut candidates: Vec<Candidate> = chosen
            .iter()
            .map(|agent| Candidate {
                agent: self.agents[*agent as usize].name.clone(),
                verdict: Verdict::Chosen { score: self.score(interaction, &lines, *agent) },
            })
            .collect();
        let most = candidates.len() + NAMED_IN_LARGE_QUEUES;
        let (mut qualified, mut ready) = (0, 0);
        for line in &lines {
            let line = &self.lines[*line];
            qualified += line.members.len();
            for (score, agent) in line.ready.iter().filter(|(_, agent)| !chosen.contains(agent)) {
                if candidates.len() >= most {
                    break;
                }
                let verdict = match interaction.excluded_until(*agent) {
                    Some(until) => Verdict::Excluded { until },
                    None => Verdict::Outranked { score: *score },
                };
                candidates.push(Candidate { agent: self.agents[*agent as usize].name.clone(), verdict });
            }
            ready += line.ready.len();
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
        let members = &self.queues[interaction.queue as usize].members;
        // By hand and by preference it may go to agents who do not serve the queue.
        let strangers = chosen.iter().filter(|agent| members.binary_search(agent).is_err());
        let lines: Vec<u32> = self.lines_of(interaction).collect();
        let mut judged: Vec<(usize, i64, u32, Verdict)> = Vec::with_capacity(members.len());
        for agent in members.iter().chain(strangers) {
            let verdict = if chosen.contains(agent) {
                Verdict::Chosen { score: self.score(interaction, &lines, *agent) }
            } else {
                self.judge(interaction, &lines, *agent)
            };
            let rank = match &verdict {
                Verdict::Outranked { score } => *score,
                _ => 0,
            };
            judged.push((verdict.kind(), rank, *agent, verdict));
        }
        judged.sort_by_key(|(kind, rank, agent, _)| (*kind, *rank, *agent));
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

    fn score(&self, interaction: &Interaction, lines: &[u32], agent: u32) -> i64 {
        let who = &self.agents[agent as usize];
        let skill_sum = match (self.standing(lines, agent), interaction.plan, &who.config) {
            (Some(membership), ..) => membership.skill_sum,
            (None, Some(plan), Some(config)) => self.plans[plan].skill_sum(interaction.ring, config),
            _ => 0,
        };
        self.strategy_of(interaction).score(&who.facts(skill_sum))
    }

    /// The agent's membership of one of the lines in which an interaction stands: proof that they meet its requirements.
    fn standing(&self, lines: &[u32], agent: u32) -> Option<&Membership> {
        self.agents[agent as usize].memberships.iter().find(|membership| lines.contains(&membership.line))
    }

    /// Why an agent of the queue is not offered the interaction, or how they rank.
    fn judge(&self, interaction: &Interaction, lines: &[u32], agent: u32) -> Verdict {
        let who = &self.agents[agent as usize];
        if interaction.reserved.is_some_and(|only| only != agent) {
            return Verdict::NotPreferred;
        }
        let (Some(config), Some(rule)) =
            (&who.config, self.rule_of(agent, interaction.queue, interaction.channel))
        else {
            return Verdict::NotInQueue;
        };
        if self.standing(lines, agent).is_none() {
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
        let tiers = &self.queues[interaction.queue as usize].tiers[interaction.channel];
        if !tiers[..interaction.tiers as usize].contains(&rule.delay_ms) {
            return Verdict::Delayed {
                until: interaction.search_began().plus_millis(i64::from(rule.delay_ms)),
            };
        }
        if who.ringing[interaction.channel] > 0 && who.max_offers == 0 {
            return Verdict::OfferedOtherWork;
        }
        if who.ready_channels().has(interaction.channel) {
            return Verdict::Outranked { score: self.score(interaction, lines, agent) };
        }
        if who.has_room(interaction.channel) && who.max_offers > 0 {
            return Verdict::Paced;
        }
        let holds_paper = |slot: &u32| {
            let held = &self.interactions[*slot];
            held.channel == interaction.channel && matches!(held.stage, Stage::WrapUp { holds: true, .. })
        };
        if who.work.iter().any(holds_paper) { Verdict::WrappingUp } else { Verdict::AtCapacity }
    }
}
