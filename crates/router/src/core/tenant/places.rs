//! Waiting: taking a place in the queue, keeping it, and being found there by more and more agents.

use contract::Timestamp;

use super::{Tenant, deadlines::Due};
use crate::core::state::{Interaction, Stage};

impl Tenant {
    /// Puts a waiting interaction at its place and into the lines it belongs to now. The place depends on when it was
    /// enqueued and on its priority, never on how often it was offered.
    pub(super) fn place(&mut self, slot: u32, now: Timestamp) {
        let interaction = &mut self.interactions[slot];
        interaction.stage = Stage::Waiting;
        interaction.excluded.retain(|(_, until)| *until > now);
        let queue = &self.queues[interaction.queue as usize];
        let (priority, worth) = queue
            .config
            .as_ref()
            .map_or((0, 0), |config| (config.priority, i64::from(config.priority_worth_ms)));
        let points = i64::from(priority) + i64::from(interaction.priority);
        interaction.effective = interaction.enqueued_at.as_millis() - points * worth;
        let searched = queue.config.is_some() && interaction.not_before.is_none_or(|moment| moment <= now);
        let elapsed_ms = now - interaction.search_began();
        interaction.tiers =
            queue.tiers[interaction.channel].partition_point(|delay| i64::from(*delay) <= elapsed_ms) as u32;
        if searched {
            let (queue, rings) = (interaction.queue, interaction.rings.clone());
            let plan = self.acquire_plan(queue, &rings);
            let ring = self.plans[plan].ring_at(elapsed_ms);
            let interaction = &mut self.interactions[slot];
            interaction.plan = Some(plan);
            interaction.ring = ring;
        }
        self.enter(slot);
        self.schedule_look(slot);
    }

    /// Enters the queue and the lines as plan, ring and tiers of the interaction say.
    pub(super) fn enter(&mut self, slot: u32) {
        let interaction = &self.interactions[slot];
        let key = interaction.key(slot);
        let queue = interaction.queue;
        self.queues[queue as usize].places.insert(key);
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
        let (queue, channel) = (interaction.queue, interaction.channel);
        let (ring, tiers) = (interaction.ring, interaction.tiers as usize);
        self.queues[queue as usize].places.remove(&key);
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

    /// When something about a waiting interaction changes by itself: it may be offered at all, its next ring or the next
    /// group of agents comes in, an excluded agent may be asked again.
    pub(super) fn next_look(&self, interaction: &Interaction) -> Option<Timestamp> {
        let mut next = interaction.excluded.iter().map(|(_, until)| *until).min();
        let mut also =
            |moment: Timestamp| next = Some(next.map_or(moment, |so_far: Timestamp| so_far.min(moment)));
        let Some(plan) = interaction.plan else {
            let configured = self.queues[interaction.queue as usize].config.is_some();
            if let Some(moment) = interaction.not_before.filter(|_| configured) {
                also(moment);
            }
            return next;
        };
        let began = interaction.search_began();
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
        if let Some(at) = self.next_look(interaction) {
            self.deadlines.push(at, Due::Look(interaction.id));
        }
    }
}

impl Interaction {
    /// When the clock of rings and delays began.
    pub(super) fn search_began(&self) -> Timestamp {
        self.not_before.map_or(self.search_from, |moment| moment.max(self.search_from))
    }
}
