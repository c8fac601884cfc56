//! How long it takes until an agent is free: an estimate, what it rests on, and how wrong the last ones were.
//!
//! `AHT × p / c × P`: mean handling time, place in the queue, agents at work for it, and the share of those ahead who
//! stay until they are served. With a configured minimum as Vertical's Wave does it (Contact Center Administrator Guide,
//! "Configuring expected wait time"): six seconds of ringing, the minimum, and the handling of those ahead.

use std::collections::{BTreeMap, VecDeque};

use contract::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a mean handling time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The queue's last 30 minutes.
    Measured,
    /// The same half-hour a week ago.
    LastWeek,
    /// The queue's configuration.
    Configured,
}

/// An estimate with what it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Milliseconds from now; `None`: nobody is at work for it, or no handling time is known.
    pub wait_ms: Option<i64>,
    /// Mean handling time in milliseconds, and where it comes from.
    pub handling: Option<(i64, Basis)>,
    /// Agents at work who could take it.
    pub agents: u32,
    /// Share of those ahead who stay until they are served, thousandths.
    pub staying: u32,
    /// Mean absolute error of the last estimates of the queue, thousandths of the wait.
    pub error: Option<u32>,
}

/// Ringing before anyone answers, in the formula with a minimum.
const RINGING_MS: i64 = 6_000;
/// How far back handling times and abandons count.
const MINUTES: i64 = 30;
/// Fewer handled interactions than this say nothing.
const LEAST_HANDLED: u32 = 3;
/// Half-hours of a week.
const WEEK: i64 = 336;
/// Estimates whose errors are remembered.
const ERRORS: usize = 100;

const MINUTE_MS: i64 = 60_000;
const HALF_HOUR_MS: i64 = 1_800_000;

/// The formula. `staying` in thousandths; `None` without agents.
pub(crate) fn wait_ms(
    handling_ms: i64,
    agents: u32,
    position: u32,
    staying: u32,
    minimum_ms: Option<u32>,
) -> Option<i64> {
    if agents == 0 {
        return None;
    }
    let served = |count: u32| handling_ms * i64::from(count) * i64::from(staying) / 1000 / i64::from(agents);
    Some(match minimum_ms {
        Some(minimum) => RINGING_MS + i64::from(minimum) + served(position.saturating_sub(1)),
        None => served(position),
    })
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Minute {
    minute: i64,
    handled: u32,
    handling_ms: i64,
    answered: u32,
    abandoned: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct HalfHour {
    number: i64,
    handled: u32,
    handling_ms: i64,
}

/// What a queue has measured of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Measured {
    /// Oldest first, only those in which something happened.
    minutes: VecDeque<Minute>,
    /// By half-hour of the week, the last one of each.
    week: BTreeMap<u16, HalfHour>,
    /// Thousandths of the wait, oldest first.
    errors: VecDeque<u32>,
}

impl Measured {
    fn minute(&mut self, now: Timestamp) -> &mut Minute {
        let minute = now.as_millis().div_euclid(MINUTE_MS);
        while self.minutes.front().is_some_and(|oldest| oldest.minute <= minute - MINUTES) {
            self.minutes.pop_front();
        }
        if self.minutes.back().is_none_or(|last| last.minute != minute) {
            self.minutes.push_back(Minute { minute, ..Minute::default() });
        }
        let last = self.minutes.len() - 1;
        &mut self.minutes[last]
    }

    /// An agent was busy with an interaction for so long, paperwork included.
    pub(crate) fn handled(&mut self, now: Timestamp, handling_ms: i64) {
        let minute = self.minute(now);
        minute.handled += 1;
        minute.handling_ms += handling_ms;
        let number = now.as_millis().div_euclid(HALF_HOUR_MS);
        let half_hour = self.week.entry(number.rem_euclid(WEEK) as u16).or_default();
        if half_hour.number != number {
            *half_hour = HalfHour { number, ..HalfHour::default() };
        }
        half_hour.handled += 1;
        half_hour.handling_ms += handling_ms;
    }

    /// An agent took an interaction.
    pub(crate) fn answered(&mut self, now: Timestamp) {
        self.minute(now).answered += 1;
    }

    /// A customer left before an agent took it.
    pub(crate) fn abandoned(&mut self, now: Timestamp) {
        self.minute(now).abandoned += 1;
    }

    /// What was estimated, and what came; the error in thousandths of the wait.
    pub(crate) fn came_true(&mut self, estimated_ms: i64, waited_ms: i64) -> u32 {
        let error = (estimated_ms - waited_ms).abs().saturating_mul(1000) / waited_ms.max(1_000);
        let error = u32::try_from(error).unwrap_or(u32::MAX).min(100_000);
        self.errors.push_back(error);
        if self.errors.len() > ERRORS {
            self.errors.pop_front();
        }
        error
    }

    /// Mean absolute error of the last estimates, thousandths of the wait.
    pub(crate) fn error(&self) -> Option<u32> {
        let sum: u64 = self.errors.iter().map(|error| u64::from(*error)).sum();
        (!self.errors.is_empty()).then(|| (sum / self.errors.len() as u64) as u32)
    }

    fn recent(&self, now: Timestamp) -> impl Iterator<Item = &Minute> {
        let oldest = now.as_millis().div_euclid(MINUTE_MS) - MINUTES;
        self.minutes.iter().filter(move |minute| minute.minute > oldest)
    }

    /// Mean handling time: of the last 30 minutes, of the same half-hour a week ago, as configured.
    pub(crate) fn handling(&self, now: Timestamp, configured_ms: Option<u32>) -> Option<(i64, Basis)> {
        let (handled, sum) = self
            .recent(now)
            .fold((0, 0), |(handled, sum), minute| (handled + minute.handled, sum + minute.handling_ms));
        if handled >= LEAST_HANDLED {
            return Some((sum / i64::from(handled), Basis::Measured));
        }
        let number = now.as_millis().div_euclid(HALF_HOUR_MS);
        let last_week = self.week.get(&(number.rem_euclid(WEEK) as u16));
        if let Some(then) =
            last_week.filter(|then| then.number == number - WEEK && then.handled >= LEAST_HANDLED)
        {
            return Some((then.handling_ms / i64::from(then.handled), Basis::LastWeek));
        }
        configured_ms.map(|configured| (i64::from(configured), Basis::Configured))
    }

    /// Share of customers of the last 30 minutes who stayed until an agent took them, thousandths.
    pub(crate) fn staying(&self, now: Timestamp) -> u32 {
        let (answered, abandoned) = self.recent(now).fold((0_u32, 0_u32), |(answered, abandoned), minute| {
            (answered + minute.answered, abandoned + minute.abandoned)
        });
        if answered + abandoned < LEAST_HANDLED { 1000 } else { answered * 1000 / (answered + abandoned) }
    }
}
