//! Opening hours as moments: weeks, holidays and emergency closure in a time zone with its daylight-saving shifts.
//!
//! An interval lasts from the first moment at which the local clock shows its beginning, or something later, to the
//! last moment at which it shows its end. So an hour that the clock skips is nobody's, and one that it repeats belongs
//! wholly to the interval around it.

use std::{collections::BTreeMap, sync::LazyLock};

use jiff::{
    ToSpan as _, civil,
    tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase},
};

use crate::{
    Timestamp,
    directory::v1::{Hours, OpenInterval},
};

/// Days searched for the next change; hours that do not change within them count as never changing.
pub const HORIZON_DAYS: i32 = 400;

/// Openings and closings that [`Schedule::after_open`] looks through: more than a year of lunch breaks.
pub const MOST_CHANGES: usize = 2_000;

/// The time zones inside the program: the same on every machine.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Why hours cannot be computed with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// Not in the IANA database.
    #[error("{0:?} is not an IANA time zone like \"Europe/Lisbon\"")]
    UnknownZone(String),
    /// Not a calendar day.
    #[error("{0:?} is not a date like \"2026-12-25\"")]
    Date(String),
}

/// Whether hours are open at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Customers may be let in.
    pub open: bool,
    /// When `open` changes next, `None` when not within [`HORIZON_DAYS`].
    pub changes_at: Option<Timestamp>,
}

/// Minutes after midnight, from < to.
type Minutes = (i32, i32);

/// Hours, ready to be asked.
#[derive(Clone, Debug)]
pub struct Schedule {
    zone: TimeZone,
    week: [Vec<Minutes>; 7],
    holidays: BTreeMap<civil::Date, Vec<Minutes>>,
    closed: bool,
}

/// The time zone of that IANA name.
pub fn zone(name: &str) -> Result<TimeZone, HoursError> {
    ZONES.get(name).map_err(|_| HoursError::UnknownZone(name.to_owned()))
}

/// The day of an ISO date, exactly `YYYY-MM-DD`.
pub fn date(text: &str) -> Result<civil::Date, HoursError> {
    let wrong = || HoursError::Date(text.to_owned());
    let date: civil::Date = text.parse().map_err(|_| wrong())?;
    if date.to_string() == text { Ok(date) } else { Err(wrong()) }
}

impl Schedule {
    /// Reads hours whose zone, when they name none, is the tenant's.
    pub fn of(hours: &Hours, tenant_zone: &str) -> Result<Self, HoursError> {
        let name = if hours.time_zone.is_empty() { tenant_zone } else { &hours.time_zone };
        let mut week: [Vec<Minutes>; 7] = Default::default();
        for (day, intervals) in week.iter_mut().enumerate() {
            *intervals = sorted(hours.intervals.iter().filter(|interval| interval.weekday == day as i32 + 1));
        }
        let mut holidays = BTreeMap::new();
        for holiday in &hours.holidays {
            holidays.insert(date(&holiday.date)?, sorted(holiday.intervals.iter()));
        }
        Ok(Self { zone: zone(name)?, week, holidays, closed: hours.closed })
    }

    /// Whether it is open `at`, and until when that stays so.
    pub fn state(&self, at: Timestamp) -> State {
        if self.closed {
            return State { open: false, changes_at: None };
        }
        let today = self.zone.to_datetime(moment(at)).date();
        let mut open_until: Option<Timestamp> = None;
        let mut end_of_search = at;
        // A day's last interval may end after midnight, when the clock goes back at midnight: begin with yesterday.
        for day in -1..=HORIZON_DAYS {
            let Ok(date) = today.checked_add(day.days()) else { break };
            for &(from, to) in self.minutes_of(date) {
                let (Some((begins, _)), Some((_, ends))) = (self.moments(date, from), self.moments(date, to))
                else {
                    continue;
                };
                match open_until {
                    _ if ends <= at || ends <= begins => {}
                    None if begins > at => return State { open: false, changes_at: Some(begins) },
                    None => open_until = Some(ends),
                    Some(until) if begins <= until => open_until = Some(until.max(ends)),
                    Some(until) => return State { open: true, changes_at: Some(until) },
                }
            }
            end_of_search = self.moments(date, 1440).map_or(end_of_search, |(_, end)| end);
        }
        State { open: open_until.is_some(), changes_at: open_until.filter(|until| *until < end_of_search) }
    }

    /// The moment at which it has been open for `millis` since `from`: when a clock that stands still while it is closed
    /// has run out. `None` when that is not within [`MOST_CHANGES`] openings and closings.
    pub fn after_open(&self, from: Timestamp, millis: i64) -> Option<Timestamp> {
        let (mut at, mut left) = (from, millis.max(0));
        for _ in 0..MOST_CHANGES {
            let state = self.state(at);
            if state.open {
                let end = at.plus_millis(left);
                let Some(until) = state.changes_at.filter(|until| *until < end) else { return Some(end) };
                left -= until - at;
            }
            at = state.changes_at?;
        }
        None
    }

    fn minutes_of(&self, date: civil::Date) -> &[Minutes] {
        self.holidays.get(&date).unwrap_or_else(|| {
            &self.week[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs()) % 7]
        })
    }

    /// The first and the last moment at which the local clock shows that minute of that day, or has just skipped it.
    fn moments(&self, date: civil::Date, minute: i32) -> Option<(Timestamp, Timestamp)> {
        let local = date.at(0, 0, 0, 0).checked_add(i64::from(minute).minutes()).ok()?;
        let shown = |offset: jiff::tz::Offset| offset.to_timestamp(local).ok();
        match self.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => shown(offset).map(|only| (millis(only), millis(only))),
            AmbiguousOffset::Fold { before, after } => Some((millis(shown(before)?), millis(shown(after)?))),
            AmbiguousOffset::Gap { before, .. } => {
                let behind = shown(before)?.checked_add(1.nanosecond()).ok()?;
                let skipped = self.zone.preceding(behind).next()?.timestamp();
                Some((millis(skipped), millis(skipped)))
            }
        }
    }
}

fn sorted<'a>(intervals: impl Iterator<Item = &'a OpenInterval>) -> Vec<Minutes> {
    let mut minutes: Vec<_> = intervals.map(|interval| (interval.from_minute, interval.to_minute)).collect();
    minutes.sort_unstable();
    minutes
}

/// The nearest moment that calendars know.
fn moment(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or(if at.as_millis() < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    })
}

fn millis(moment: jiff::Timestamp) -> Timestamp {
    Timestamp::from_millis(moment.as_millisecond())
}

#[cfg(test)]
mod tests;
