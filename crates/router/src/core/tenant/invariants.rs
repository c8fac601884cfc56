//! What always holds, checked against the plain meaning of the state, by looking at everything.

use super::{Tenant, deadlines::Due};
use crate::core::{
    capacity::{free_channels, used_channels},
    channel::PerChannel,
    expression::agents::OfAgents,
    state::{Interaction, Stage},
};

/// The invariant that does not hold, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} does not hold: {what}")]
pub struct Violation {
    /// `R1` … as in the crate's README.
    pub name: &'static str,
    /// For people.
    pub what: String,
}

fn require(holds: bool, name: &'static str, what: impl FnOnce() -> String) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation { name, what: what() }) }
}

impl Tenant {
    /// Checks everything. Takes time in proportion to agents × interactions.
    pub(crate) fn check(&self) -> Result<(), Violation> {
        for agent in 0..self.agents.len() as u32 {
            self.check_agent(agent)?;
        }
        let mut ringing = 0;
        for (slot, interaction) in self.interactions.iter() {
            self.check_interaction(slot, interaction)?;
            ringing += usize::from(matches!(interaction.stage, Stage::Offered { .. }));
        }
        require(self.offers.len() == ringing, "R4", || {
            "an offer names an interaction that is not offered".into()
        })?;
        self.check_queues()?;
        self.check_lines()
    }

    /// R1: at most one offer per channel, and no work is offered beyond capacity; R2: load and work agree.
    fn check_agent(&self, agent: u32) -> Result<(), Violation> {
        let who = &self.agents[agent as usize];
        let (mut load, mut ringing) = (PerChannel::<u8>::default(), PerChannel::<u8>::default());
        let mut handling = 0;
        for slot in &who.work {
            let held = &self.interactions[*slot];
            require(held.stage.agent() == Some(agent), "R2", || {
                format!("{} holds what is not theirs", who.name)
            })?;
            match held.stage {
                Stage::Offered { .. } => {
                    load[held.channel] += 1;
                    ringing[held.channel] += 1;
                }
                Stage::Assigned { .. } => {
                    load[held.channel] += 1;
                    handling += 1;
                }
                Stage::WrapUp { holds, .. } => load[held.channel] += u8::from(holds),
                Stage::Waiting => {}
            }
        }
        require(load == who.load && ringing == who.ringing && handling == who.handling, "R2", || {
            format!("{}'s load is miscounted", who.name)
        })?;
        require(ringing.0.iter().all(|count| *count <= 1), "R1", || {
            format!("two offers ring at {}", who.name)
        })?;
        let total = who.total_load();
        require(total == 0 || !who.takes_nothing_at_all(), "R7", || {
            format!("{} works while offline", who.name)
        })?;
        require(who.next.is_none() || total > 0, "R7", || {
            format!("{} never reaches their next status", who.name)
        })?;
        require(!who.touched, "R7", || format!("a change of {} was not told", who.name))
    }

    /// R2: each in one stage, and known where that stage says; R4: one agent; R6: nothing waits for a deadline that never
    /// comes; R3: nothing waits that a ready agent could take.
    fn check_interaction(&self, slot: u32, held: &Interaction) -> Result<(), Violation> {
        let what = |problem: &str| format!("interaction {:x}: {problem}", held.id.0);
        let queue = &self.queues[held.queue as usize];
        let waits = held.stage == Stage::Waiting;
        let key = held.key(slot);
        require(self.interaction_of.get(&held.id) == Some(slot), "R2", || what("is not found by its id"))?;
        let at_its_place = queue.places.iter().nth(queue.places.rank(&key)) == Some(key);
        require(at_its_place == waits, "R2", || what("place and stage disagree"))?;
        let holders = self.agents.iter().filter(|agent| agent.work.contains(&slot)).count();
        require(holders == usize::from(!waits), "R4", || what("is held by none or by several agents"))?;
        let timed = |at, due| self.deadlines.iter().any(|deadline| deadline == (at, due));
        match held.stage {
            Stage::Offered { offer, agent, expires_at } => {
                require(!held.excludes(agent), "R11", || what("is offered to an agent it excludes"))?;
                require(self.offers.get(&offer) == Some(slot), "R4", || what("its offer is not live"))?;
                require(timed(expires_at, Due::Offer(offer)), "R6", || what("its offer never ends"))?;
            }
            Stage::WrapUp { until: Some(until), .. } => {
                require(timed(until, Due::WrapUp(held.id)), "R6", || what("its wrap-up never ends"))?;
            }
            Stage::Waiting => {
                if let Some(at) = self.next_look(held) {
                    require(timed(at, Due::Look(held.id)), "R6", || what("is never looked at again"))?;
                }
                let (points, worth) = queue.config.as_ref().map_or((0, 0), |config| {
                    (
                        i64::from(config.priority) + i64::from(held.priority),
                        i64::from(config.priority_worth_ms),
                    )
                });
                let place = held.enqueued_at.as_millis() - points * worth;
                require(held.effective == place, "R5", || what("has lost its place"))?;
                require(
                    held.plan.is_some() || held.not_before.is_some() || queue.config.is_none(),
                    "R3",
                    || what("is not searched for"),
                )?;
            }
            _ => {}
        }
        if !waits || held.plan.is_none() {
            return Ok(());
        }
        let able = (0..self.agents.len() as u32).find(|agent| self.could_take(*agent, held));
        require(able.is_none(), "R3", || {
            what(&format!("waits although {} could take it", self.agents[able.unwrap_or(0) as usize].name))
        })
    }

    /// Whether an agent could be offered a waiting interaction, from first principles.
    fn could_take(&self, agent: u32, held: &Interaction) -> bool {
        let who = &self.agents[agent as usize];
        let Some(config) = &who.config else { return false };
        let Some(rule) = self.rule_of(agent, held.queue, held.channel) else { return false };
        let own = self.queues[held.queue as usize].config.as_ref().map(|config| config.rings.as_slice());
        let rings = if held.rings.is_empty() { own.unwrap_or_default() } else { &held.rings };
        let admitted = usize::from(held.ring) >= rings.len()
            || rings[..=usize::from(held.ring)].iter().any(|ring| ring.expression.holds(&who.name, config));
        let tiers = &self.queues[held.queue as usize].tiers[held.channel];
        let free = free_channels(&who.capacities, who.load).without(used_channels(who.ringing));
        who.takes_work()
            && admitted
            && !held.excludes(agent)
            && tiers[..held.tiers as usize].contains(&rule.delay_ms)
            && free.has(held.channel)
    }

    /// R2: a queue holds exactly what waits in it.
    fn check_queues(&self) -> Result<(), Violation> {
        for (index, queue) in self.queues.iter().enumerate() {
            let stages = |waiting: bool| {
                self.interactions
                    .iter()
                    .filter(|(_, held)| {
                        held.queue as usize == index && (held.stage == Stage::Waiting) == waiting
                    })
                    .count()
            };
            require(queue.places.len() == stages(true), "R2", || {
                format!("queue {} holds a ghost", queue.name)
            })?;
            require(queue.in_hand as usize == stages(false), "R2", || {
                format!("queue {} miscounts what is in hand", queue.name)
            })?;
        }
        Ok(())
    }

    /// R9: the index says what the state says.
    fn check_lines(&self) -> Result<(), Violation> {
        for (index, line) in self.lines.iter() {
            let plan = &self.plans[line.plan];
            for agent in 0..self.agents.len() as u32 {
                let who = &self.agents[agent as usize];
                let rule = self.rule_of(agent, line.queue, line.channel);
                let belongs = rule.is_some_and(|rule| rule.delay_ms == line.delay_ms)
                    && who.config.as_ref().is_some_and(|config| plan.admits(line.ring, &who.name, config));
                let membership = who.memberships.iter().find(|membership| membership.line == index);
                let member = line.members.binary_search(&agent).is_ok();
                require(belongs == member && member == membership.is_some(), "R9", || {
                    format!(
                        "{} stands in a wrong line of {}",
                        who.name, self.queues[line.queue as usize].name
                    )
                })?;
                let Some(membership) = membership else { continue };
                let ready = who.ready_channels().has(line.channel);
                let wanted = ready.then(|| line.strategy.score(&who.facts(membership.skill_sum)));
                let listed = line.ready.iter().find(|(_, listed)| *listed == agent).map(|(score, _)| *score);
                require(wanted == listed && listed == membership.listed, "R9", || {
                    format!("{} is listed wrongly in {}", who.name, self.queues[line.queue as usize].name)
                })?;
            }
            let waiting = self
                .interactions
                .iter()
                .filter(|(_, held)| held.stage == Stage::Waiting && self.lines_of(held).any(|of| of == index))
                .count();
            require(waiting == line.waiting.len(), "R9", || "a line holds a ghost".into())?;
        }
        let users: u32 = self.plans.iter().map(|(_, plan)| plan.users).sum();
        let searched = self.interactions.iter().filter(|(_, held)| held.plan.is_some()).count();
        require(users as usize == searched, "R9", || "a plan miscounts its users".into())
    }
}
