//! Waiting: taking a place in the queue, keeping it, and being found there by more and more agents.

use contract::Timestamp;

use super::{Tenant, deadlines::Due};
use crate::core::{
    mutation::{Guard, stands},
    state::{Interaction, Stage},
};

impl Tenant {
    /// Puts a waiting interaction at its place and into the lines it belongs to now. The place depends on when it was
    /// enqueued and on its priority, never on how often it was offered. Look for an agent afterwards.
    pub(super) fn place(&mut self, slot: u32, now: Timestamp) {
        let effective = self.effective(slot);
        let interaction = &mut self.interactions[slot];
        interaction.stage = Stage::Waiting;
        interaction.excluded.retain(|(_, until)| *until > now);
        interaction.effective = effective;
        let interaction = &self.interactions[slot];
        let queue = &self.queues[interaction.queue as usize];
        let asleep = interaction.callback.is_some() && !self.is_open(interaction.queue);
        let too_early = interaction.not_before.is_some_and(|moment| moment > now) && stands(Guard::NotBefore);
        let early = asleep || too_early;
        let open = queue.config.is_some() && !early && self.alternative_of(slot, now).is_none();
        let prefers = open && stands(Guard::Preference);
        let reserved = if prefers { self.reserved_for(slot, now) } else { None };
        let interaction = &mut self.interactions[slot];
        interaction.early = early;
        if prefers && reserved.is_none() && interaction.preferred.take().is_some() {
            // From now on everyone is searched for.
            interaction.search_from = now;
        }
        interaction.reserved = reserved;
        let interaction = &self.interactions[slot];
        let elapsed_ms = now - interaction.search_began();
        let tiers = &self.queues[interaction.queue as usize].tiers[interaction.channel];
        let tiers = tiers.partition_point(|delay| i64::from(*delay) <= elapsed_ms) as u32;
        let interaction = &mut self.interactions[slot];
        interaction.tiers = tiers;
        if open && reserved.is_none() {
            let plan = self.acquire_plan(slot);
            let ring = self.plans[plan].ring_at(elapsed_ms);
            let interaction = &mut self.interactions[slot];
            interaction.plan = Some(plan);
            interaction.ring = ring;
        }
        self.enter(slot);
        self.schedule_look(slot);
    }

    /// What decides on the place: enqueue time minus what the priority is worth, milliseconds.
    pub(super) fn effective(&self, slot: u32) -> i64 {
        let interaction = &self.interactions[slot];
        let (priority, worth) = self.queues[interaction.queue as usize]
            .config
            .as_ref()
            .map_or((0, 0), |config| (config.priority, i64::from(config.priority_worth_ms)));
        let points = i64::from(priority) + i64::from(interaction.priority);
        interaction.enqueued_at.as_millis() - points * worth
    }

    /// The agent for whom alone it waits now: the preferred one, while they are at work, could ever take it, and their
    /// time is not over.
    fn reserved_for(&self, slot: u32, now: Timestamp) -> Option<u32> {
        let interaction = &self.interactions[slot];
        let preferred = interaction.preferred?;
        let over = preferred
            .for_ms
            .is_some_and(|for_ms| interaction.search_began().plus_millis(i64::from(for_ms)) <= now);
        let who = &self.agents[preferred.agent as usize];
        let serves = preferred.any_agent
            || self.rule_of(preferred.agent, interaction.queue, interaction.channel).is_some();
        let able = who.takes_work()
            && who.capacities[interaction.channel].slots > 0
            && serves
            && !interaction.excludes(preferred.agent);
        (able && !over).then_some(preferred.agent)
    }

    /// Whether what waits for one agent alone may go on doing so.
    pub(super) fn still_reserved(&self, slot: u32, now: Timestamp) -> bool {
        self.reserved_for(slot, now).is_some()
    }

    /// Enters the queue and the lines as plan, ring and tiers of the interaction say.
    pub(super) fn enter(&mut self, slot: u32) {
        let interaction = &self.interactions[slot];
        let key = interaction.key(slot);
        let queue = interaction.queue;
        if interaction.early {
            self.queues[queue as usize].early.insert(key);
        } else {
            self.queues[queue as usize].places.insert(key);
        }
        if let Some(agent) = interaction.reserved {
            self.agents[agent as usize].direct.insert(key);
        }
        let Some(plan) = interaction.plan else { return };
        let (channel, ring, tiers) = (interaction.channel, interaction.ring, interaction.tiers);
        for tier in 0..tiers as usize {
            let delay_ms = self.queues[queue as usize].tiers[channel][tier];
            let line = self.line_at(plan, channel, ring, delay_ms);
            self.lines[line].waiting.insert(key);
        }
    }

    /// Takes a waiting interaction out of its queue and lines.
    pub(super) fn unplace(&mut self, slot: u32) {
        let interaction = &mut self.interactions[slot];
        let key = interaction.key(slot);
        let plan = interaction.plan.take();
        let reserved = interaction.reserved.take();
        let (queue, channel) = (interaction.queue, interaction.channel);
        let (ring, tiers) = (interaction.ring, interaction.tiers as usize);
        if std::mem::take(&mut interaction.early) {
            self.queues[queue as usize].early.remove(&key);
        } else {
            self.queues[queue as usize].places.remove(&key);
        }
        if let Some(agent) = reserved {
            self.agents[agent as usize].direct.remove(&key);
        }
        let Some(plan) = plan else { return };
        for tier in 0..tiers {
            let delay_ms = self.queues[queue as usize].tiers[channel][tier];
            if let Some(line) = self.existing_line(plan, channel, ring, delay_ms) {
                self.lines[line].waiting.remove(&key);
            }
        }
        self.release_plan(plan);
    }

    /// The lines in which a waiting interaction stands.
    pub(super) fn lines_of<'a>(&'a self, interaction: &'a Interaction) -> impl Iterator<Item = u32> + 'a {
        let tiers = &self.queues[interaction.queue as usize].tiers[interaction.channel];
        interaction.plan.into_iter().flat_map(move |plan| {
            tiers[..interaction.tiers as usize].iter().filter_map(move |delay| {
                self.existing_line(plan, interaction.channel, interaction.ring, *delay)
            })
        })
    }

    /// When something about a waiting interaction changes by itself: it may be offered at all, everyone is asked and not
    /// the preferred agent alone, its next ring or the next group of agents comes in, an excluded agent may be asked
    /// again.
    pub(super) fn next_look(&self, interaction: &Interaction) -> Option<Timestamp> {
        let mut next = interaction.excluded.iter().map(|(_, until)| *until).min();
        let mut also =
            |moment: Timestamp| next = Some(next.map_or(moment, |so_far: Timestamp| so_far.min(moment)));
        if interaction.early {
            if let Some(moment) = interaction.not_before.filter(|_| self.is_open(interaction.queue)) {
                also(moment);
            }
            return next;
        }
        let began = interaction.search_began();
        if let (Some(_), Some(preferred)) = (interaction.reserved, interaction.preferred) {
            if let Some(for_ms) = preferred.for_ms {
                also(began.plus_millis(i64::from(for_ms)));
            }
            return next;
        }
        let Some(plan) = interaction.plan else { return next };
        let ends_ms = self.plans[plan].steps[usize::from(interaction.ring)].ends_ms;
        if ends_ms != i64::MAX {
            also(began.plus_millis(ends_ms));
        }
        let tiers = &self.queues[interaction.queue as usize].tiers[interaction.channel];
        if let Some(delay) = tiers.get(interaction.tiers as usize) {
            also(began.plus_millis(i64::from(*delay)));
        }
        next
    }

    pub(super) fn schedule_look(&mut self, slot: u32) {
        let interaction = &self.interactions[slot];
        if let Some(at) = self.next_look(interaction)
            && stands(Guard::Look)
        {
            self.deadlines.push(at, Due::Look(interaction.id));
        }
    }

    /// Everything that waits in a queue, in order of service, then what waits for its time.
    pub(super) fn waiting_in(&self, queue: u32) -> Vec<u32> {
        let queue = &self.queues[queue as usize];
        queue.places.iter().chain(queue.early.iter().copied()).map(|key| key.slot).collect()
    }
}

impl Interaction {
    /// When the clock of preference, rings and delays began.
    pub(super) fn search_began(&self) -> Timestamp {
        self.not_before.map_or(self.search_from, |moment| moment.max(self.search_from))
    }
}
