//! What always holds, checked against the plain meaning of the state, by looking at everything.

use super::{Tenant, deadlines::Due};
use crate::core::{
    capacity::{free_channels, used_channels},
    channel::{Channel, PerChannel},
    config::{Alternative, Proficiency},
    expression::agents::{OfAgents, level},
    ids::Name,
    state::{Interaction, Rung, Stage},
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
            let rings = matches!(interaction.stage, Stage::Offered { .. });
            ringing += usize::from(rings) + interaction.also.len();
        }
        require(self.offers.len() == ringing, "R4", || {
            "an offer names an interaction that is not offered".into()
        })?;
        let at_all: usize = self.queues.iter().map(|queue| queue.ringing.len()).sum();
        require(self.at_all as usize == at_all, "R2", || "what rings at everyone is miscounted".into())?;
        self.check_queues()?;
        self.check_blending()?;
        self.check_lines()
    }

    /// R13: the agents of a profile are where the thresholds want them, or on their way.
    fn check_blending(&self) -> Result<(), Violation> {
        for profile in &self.blended {
            let on_time = self.wants_to_move(*profile).is_none_or(|at| {
                self.deadlines.iter().any(|deadline| deadline == (at, Due::Blend(*profile)))
            });
            require(on_time, "R13", || {
                format!("the agents of {} are never moved", self.profiles[*profile as usize].name)
            })?;
        }
        Ok(())
    }

    /// R1: at most one offer per channel, and no work is offered beyond capacity; R2: load and work agree.
    fn check_agent(&self, agent: u32) -> Result<(), Violation> {
        let who = &self.agents[agent as usize];
        let (mut load, mut ringing) = (PerChannel::<u8>::default(), PerChannel::<u8>::default());
        let mut paper = PerChannel::<u8>::default();
        let (mut handling, mut connecting, mut wanted) = (0, 0, 0);
        for slot in &who.work {
            let held = &self.interactions[*slot];
            let theirs = held.stage.agent() == Some(agent) || held.offer_to(agent).is_some();
            require(theirs, "R2", || format!("{} holds what is not theirs", who.name))?;
            match held.stage {
                Stage::Offered { .. } => {
                    load[held.channel] += 1;
                    ringing[held.channel] += 1;
                }
                Stage::Assigned { connected_at, .. } => {
                    load[held.channel] += 1;
                    handling += 1;
                    connecting += u32::from(connected_at.is_none());
                }
                Stage::Parked { wanted: back, .. } => {
                    wanted += u32::from(back);
                    let comes = back && who.takes_work() && who.has_room(held.channel);
                    require(!comes, "R12", || format!("{} has room for what they parked", who.name))?;
                    require(!back || who.takes_work(), "R12", || {
                        format!("{} has left what they parked", who.name)
                    })?;
                }
                Stage::WrapUp { holds, .. } => {
                    load[held.channel] += u8::from(holds);
                    paper[held.channel] += u8::from(holds);
                }
                Stage::Waiting | Stage::Diverted { .. } => {}
            }
        }
        let counted = (who.load, who.ringing, who.handling, who.connecting, who.wanted);
        require((load, ringing, handling, connecting, wanted) == counted, "R2", || {
            format!("{}'s load is miscounted", who.name)
        })?;
        require(paper == who.paper, "R2", || format!("{}'s paperwork is miscounted", who.name))?;
        require(who.counted == who.is_staffed(), "R9", || format!("{} is miscounted as staff", who.name))?;
        for key in &who.direct {
            let held = &self.interactions[key.slot];
            require(held.reserved == Some(agent) && held.key(key.slot) == *key, "R9", || {
                format!("a ghost waits for {}", who.name)
            })?;
        }
        let total = who.total_load();
        require(total == 0 || !who.takes_nothing_at_all(), "R7", || {
            format!("{} works while offline", who.name)
        })?;
        let rings = who.ringing.0.iter().any(|count| *count > 0);
        require(who.next.is_none() || !rings, "R7", || format!("{} is leaving and is rung", who.name))?;
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
        require(self.slot_under(held.id) == Some(slot), "R2", || what("is not found by its id"))?;
        let at_its_place = queue.places.iter().nth(queue.places.rank(&key)) == Some(key);
        require(at_its_place == (waits && !held.early), "R2", || what("place and stage disagree"))?;
        require(queue.early.contains(&key) == (waits && held.early), "R2", || {
            what("waits for its time and does not")
        })?;
        let direct = held.reserved.is_none_or(|agent| self.agents[agent as usize].direct.contains(&key));
        require(direct && (waits || held.reserved.is_none()), "R9", || {
            what("waits for an agent who does not know")
        })?;
        let holders = self.agents.iter().filter(|agent| agent.work.contains(&slot)).count();
        let wanted = match held.stage {
            Stage::Waiting | Stage::Diverted { .. } => 0,
            _ => 1 + held.also.len(),
        };
        require(holders == wanted, "R4", || what("is held by none or by several agents"))?;
        let rings = matches!(held.stage, Stage::Offered { .. });
        require(held.at_all == queue.ringing.contains(&key), "R2", || {
            what("cannot be joined, or should not be")
        })?;
        require(rings || !held.at_all, "R2", || what("may be joined though it does not ring"))?;
        require(rings || held.also.is_empty(), "R4", || what("rings at someone though it is held"))?;
        let timed = |at, due| self.deadlines.iter().any(|deadline| deadline == (at, due));
        match held.stage {
            Stage::Offered { offer, agent, expires_at } => {
                for rung in held.also.iter().chain([&Rung { offer, agent, expires_at }]) {
                    let Rung { offer, agent, expires_at } = *rung;
                    require(!held.excludes(agent), "R11", || what("is offered to an agent it excludes"))?;
                    require(self.slot_rung_by(offer) == Some(slot), "R4", || what("its offer is not live"))?;
                    require(timed(expires_at, Due::Offer(offer)), "R6", || what("its offer never ends"))?;
                }
            }
            Stage::WrapUp { until: Some(until), .. } => {
                require(timed(until, Due::WrapUp(held.id)), "R6", || what("its wrap-up never ends"))?;
            }
            Stage::Waiting => {
                if let Some(at) = self.next_look(held) {
                    require(timed(at, Due::Look(held.id)), "R6", || what("is never looked at again"))?;
                }
                require(held.effective == self.effective(slot), "R5", || what("has lost its place"))?;
                let may_rest = held.not_before.is_some() || held.callback.is_some();
                require(
                    held.plan.is_some()
                        || held.reserved.is_some()
                        || (held.early && may_rest)
                        || queue.config.is_none(),
                    "R3",
                    || what("is not searched for"),
                )?;
                require(!self.stays_for_nothing(held), "R15", || what("waits where nobody serves it"))?;
                let asked_alone = held.preferred.is_none()
                    || held.reserved.is_some()
                    || held.early
                    || queue.config.is_none();
                require(asked_alone, "R14", || what("does not wait for its preferred agent alone"))?;
                let reserved = held.reserved.is_none_or(|agent| self.agents[agent as usize].takes_work());
                require(reserved, "R3", || what("waits for an agent who has left"))?;
            }
            _ => {}
        }
        if !waits || held.early || queue.config.is_none() {
            return Ok(());
        }
        if let Some(agent) = held.reserved {
            let able = self.agents[agent as usize].ready_channels().has(held.channel);
            return require(!able, "R3", || what("waits although the agent it waits for could take it"));
        }
        let able = (0..self.agents.len() as u32).find(|agent| self.could_take(*agent, held));
        require(able.is_none(), "R3", || {
            what(&format!("waits although {} could take it", self.agents[able.unwrap_or(0) as usize].name))
        })
    }

    /// Whether a waiting interaction should be with its ingress: its queue is closed or its rings are over, and the queue
    /// says what to do then.
    fn stays_for_nothing(&self, held: &Interaction) -> bool {
        let Some(config) = &self.queues[held.queue as usize].config else { return false };
        let ingress = |to: &Alternative| !matches!(to, Alternative::AnyAgent | Alternative::Queue(_));
        let rings = self.rings_of(held);
        let over = held.plan.is_some() && !rings.is_empty() && usize::from(held.ring) >= rings.len();
        let closed = !self.is_open(held.queue) && ingress(&config.on_closed);
        !held.early && held.callback.is_none() && (closed || (over && ingress(&config.on_exhausted)))
    }

    /// R1 of an offer just made: within the slots of the channel, interrupting only what may be interrupted, and paced.
    pub(crate) fn check_offer(&self, agent: &Name, channel: Channel, by_hand: bool) -> Result<(), Violation> {
        let Some(agent) = self.agent_under(agent) else { return Ok(()) };
        let who = &self.agents[agent as usize];
        let what = |problem: &str| format!("{} is offered {} {problem}", who.name, channel.name());
        let slots = who.capacities[channel].slots;
        require(who.load[channel] <= slots, "R1", || what("beyond their slots"))?;
        for busy in Channel::ALL.into_iter().filter(|busy| *busy != channel && who.load[*busy] > 0) {
            let may = who.capacities[busy].interruptible_by.has(channel)
                || who.capacities[channel].interruptible_by.has(busy);
            require(may, "R1", || what("in the middle of something else"))?;
        }
        let paced = if who.max_offers > 0 {
            who.at_once() <= u32::from(who.max_offers)
        } else {
            who.ringing[channel] <= 1
        };
        require(paced || by_hand, "R1", || what("faster than their pace"))
    }

    /// Whether an agent could be offered a waiting interaction, from first principles.
    fn could_take(&self, agent: u32, held: &Interaction) -> bool {
        let who = &self.agents[agent as usize];
        let Some(config) = &who.config else { return false };
        let Some(rule) = self.rule_of(agent, held.queue, held.channel) else { return false };
        let rings = self.rings_of(held);
        let mode = self.queues[held.queue as usize].config.as_ref().map(|config| config.proficiency);
        let every_skill = mode != Some(Proficiency::All)
            || held.skills.iter().all(|(skill, least)| level(config, skill) >= (*least).max(1));
        let past_the_last = usize::from(held.ring) >= rings.len();
        let met =
            || rings[..=usize::from(held.ring)].iter().any(|ring| ring.expression.holds(&who.name, config));
        let admitted =
            if past_the_last && !rings.is_empty() { true } else { every_skill && (past_the_last || met()) };
        let tiers = &self.queues[held.queue as usize].tiers[held.channel];
        let mut free = free_channels(&who.capacities, who.load);
        if who.max_offers == 0 {
            free = free.without(used_channels(who.ringing));
        }
        let paced = who.max_offers > 0 && who.at_once() >= u32::from(who.max_offers);
        who.takes_work()
            && !paced
            && admitted
            && !held.excludes(agent)
            && tiers[..held.tiers as usize].contains(&rule.delay_ms)
            && free.has(held.channel)
    }

    /// R2: a queue holds exactly what waits in it.
    fn check_queues(&self) -> Result<(), Violation> {
        for (index, queue) in self.queues.iter().enumerate() {
            let count = |counts: fn(&Interaction) -> bool| {
                self.interactions
                    .iter()
                    .filter(|(_, held)| held.queue as usize == index && counts(held))
                    .count()
            };
            let waits = |held: &Interaction| held.stage == Stage::Waiting && !held.early;
            require(queue.places.len() == count(waits), "R2", || {
                format!("queue {} holds a ghost", queue.name)
            })?;
            let early = |held: &Interaction| held.stage == Stage::Waiting && held.early;
            require(queue.early.len() == count(early), "R2", || {
                format!("queue {} keeps a ghost for later", queue.name)
            })?;
            require(queue.ringing.len() == count(|held| held.at_all), "R2", || {
                format!("a ghost rings at everyone of {}", queue.name)
            })?;
            let parked = |held: &Interaction| matches!(held.stage, Stage::Parked { .. });
            require(queue.parked as usize == count(parked), "R2", || {
                format!("what is parked of {} is miscounted", queue.name)
            })?;
            let in_hand = |held: &Interaction| held.stage.agent().is_some();
            require(queue.in_hand as usize == count(in_hand), "R2", || {
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
            let staffed = line.members.iter().filter(|agent| self.agents[**agent as usize].is_staffed());
            require(staffed.count() == line.staffed as usize, "R9", || {
                "a line miscounts who is at work".into()
            })?;
        }
        let users: u32 = self.plans.iter().map(|(_, plan)| plan.users).sum();
        let searched = self.interactions.iter().filter(|(_, held)| held.plan.is_some()).count();
        require(users as usize == searched, "R9", || "a plan miscounts its users".into())
    }
}
