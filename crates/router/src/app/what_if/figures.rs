//! What one customer and one agent came to, and the sums of it.

use std::collections::BTreeMap;

use contract::{Name, duration_from_millis, router::v1 as proto};

use crate::core::AgentState;

/// What counts as in time where the queue does not say, milliseconds.
pub(super) const WITHIN: i64 = 20_000;

/// How a customer's wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Reached an agent after this long.
    Answered(i64),
    /// Gave up after this long.
    Abandoned(i64),
    /// Neither, as far as is known.
    Open,
}

#[derive(Clone, Debug, Default)]
struct Queue {
    waits: Vec<i64>,
    in_time: u64,
    abandoned: u64,
    open: u64,
    handled: u64,
    handling: i64,
}

/// Sums of one way the span went.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    queues: BTreeMap<Name, Queue>,
    busy: i64,
    idle: i64,
}

impl Sums {
    pub fn customer(&mut self, queue: &Name, fate: Fate, within: i64) {
        let queue = self.queues.entry(queue.clone()).or_default();
        match fate {
            Fate::Answered(wait) => {
                queue.waits.push(wait);
                queue.in_time += u64::from(wait <= within);
            }
            Fate::Abandoned(_) => queue.abandoned += 1,
            Fate::Open => queue.open += 1,
        }
    }

    /// Milliseconds of talk and paperwork of one interaction.
    pub fn handled(&mut self, queue: &Name, handling: i64) {
        let queue = self.queues.entry(queue.clone()).or_default();
        queue.handled += 1;
        queue.handling += handling;
    }

    pub fn agents(&mut self, busy: i64, idle: i64) {
        self.busy += busy;
        self.idle += idle;
    }

    /// All queues first, then each by key. `span` is its length in milliseconds.
    pub fn outcome(mut self, span: i64) -> proto::WhatIfOutcome {
        let mut all = Queue::default();
        for queue in self.queues.values() {
            all.waits.extend(&queue.waits);
            all.in_time += queue.in_time;
            all.abandoned += queue.abandoned;
            all.open += queue.open;
            all.handled += queue.handled;
            all.handling += queue.handling;
        }
        let mut total = figures("", &mut all);
        let at_work = self.busy + self.idle;
        total.occupancy = (at_work > 0).then(|| self.busy as f64 / at_work as f64);
        total.agents = at_work as f64 / span.max(1) as f64;
        let queues = self.queues.iter_mut().map(|(key, queue)| figures(key.as_str(), queue));
        proto::WhatIfOutcome { figures: std::iter::once(total).chain(queues).collect() }
    }
}

fn figures(key: &str, queue: &mut Queue) -> proto::WhatIfFigures {
    queue.waits.sort_unstable();
    let answered = queue.waits.len() as u64;
    let ended = answered + queue.abandoned;
    let some = |millis: i64| Some(duration_from_millis(millis));
    let mean =
        |sum: i64, count: u64| i64::try_from(count).ok().filter(|count| *count > 0).map(|count| sum / count);
    proto::WhatIfFigures {
        queue: key.to_owned(),
        offered: ended + queue.open,
        answered,
        abandoned: queue.abandoned,
        open: queue.open,
        service_level: (ended > 0).then(|| queue.in_time as f64 / ended as f64),
        mean_wait: mean(queue.waits.iter().sum(), answered).and_then(some),
        p90_wait: nearest_rank(&queue.waits, 0.9).and_then(some),
        longest_wait: queue.waits.last().copied().and_then(some),
        mean_handling: mean(queue.handling, queue.handled).and_then(some),
        ..proto::WhatIfFigures::default()
    }
}

/// The quantile by nearest rank.
fn nearest_rank(sorted: &[i64], quantile: f64) -> Option<i64> {
    let rank = (quantile * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

/// Time of agents at work, by state.
#[derive(Clone, Debug, Default)]
pub(super) struct Clockwork {
    now: BTreeMap<Name, (AgentState, i64)>,
    busy: i64,
    idle: i64,
    from: i64,
    to: i64,
}

impl Clockwork {
    /// Counts between two moments, milliseconds since 1970.
    pub fn new(from: i64, to: i64) -> Self {
        Self { from, to, ..Self::default() }
    }

    pub fn becomes(&mut self, agent: &Name, state: AgentState, at: i64) {
        if let Some((was, since)) = self.now.insert(agent.clone(), (state, at)) {
            self.count(was, since, at);
        }
    }

    fn count(&mut self, state: AgentState, since: i64, until: i64) {
        let time = (until.min(self.to) - since.max(self.from)).max(0);
        match state {
            AgentState::Busy | AgentState::WrapUp => self.busy += time,
            AgentState::Ready | AgentState::Offered => self.idle += time,
            AgentState::Offline | AgentState::Away | AgentState::NotResponding => {}
        }
    }

    /// Busy and idle milliseconds of all agents.
    pub fn finish(mut self) -> (i64, i64) {
        let last = std::mem::take(&mut self.now);
        for (state, since) in last.into_values() {
            self.count(state, since, self.to);
        }
        (self.busy, self.idle)
    }
}

#[cfg(test)]
mod tests {
    use super::{AgentState, Clockwork, Fate, Sums};

    #[test]
    fn the_service_level_is_answered_in_time_of_answered_and_abandoned() {
        let mut sums = Sums::default();
        let queue = "sales".into();
        for wait in [0, 10_000, 20_000, 20_001] {
            sums.customer(&queue, Fate::Answered(wait), 20_000);
        }
        sums.customer(&queue, Fate::Abandoned(50_000), 20_000);
        sums.customer(&queue, Fate::Open, 20_000);

        let outcome = sums.outcome(1);

        let [all, sales] = &outcome.figures[..] else { panic!("all and one queue") };
        assert_eq!((all.offered, all.answered, all.abandoned, all.open), (6, 4, 1, 1));
        assert_eq!(sales.service_level, Some(0.6));
        assert_eq!(all.occupancy, None);
    }

    #[test]
    fn occupancy_is_time_by_the_clock_within_the_span() {
        let mut clockwork = Clockwork::new(1_000, 2_000);
        let ann = "ann".into();
        clockwork.becomes(&ann, AgentState::Ready, 0);
        clockwork.becomes(&ann, AgentState::Busy, 1_250);
        clockwork.becomes(&ann, AgentState::Away, 1_750);
        clockwork.becomes(&ann, AgentState::Ready, 1_900);

        assert_eq!(clockwork.finish(), (500, 350));
    }
}
