//! Hours: intervals, holidays and time zones.

use std::collections::BTreeSet;

use contract::directory::v1::{Centre, OpenInterval};

use super::Found;
use crate::core::{describe, hours};

/// Most hours of a tenant.
const MAX_HOURS: usize = 1_000;
/// Most intervals of a week.
const MAX_INTERVALS: usize = 200;
/// Most holidays of one calendar.
const MAX_HOLIDAYS: usize = 1_000;

pub(super) fn check(centre: &Centre, found: &mut Found) {
    for (path, calendar) in found.keyed("hours", &centre.hours, MAX_HOURS, |hours| &hours.key) {
        found.name(format!("{path}.name"), &calendar.name);
        if !calendar.time_zone.is_empty()
            && let Err(error) = hours::zone(&calendar.time_zone)
        {
            found.add(format!("{path}.time_zone"), error.to_string());
        }
        check_intervals(&path, &calendar.intervals, true, found);
        found.count(format!("{path}.holidays"), calendar.holidays.len(), MAX_HOLIDAYS);
        let mut seen = BTreeSet::new();
        for (place, holiday) in calendar.holidays.iter().take(MAX_HOLIDAYS).enumerate() {
            let field = match holiday.date.as_str() {
                "" => format!("{path}.holidays[{place}]"),
                date => format!("{path}.holidays[{date}]"),
            };
            if let Err(error) = hours::date(&holiday.date) {
                found.add(format!("{field}.date"), error.to_string());
            }
            found.when(!seen.insert(&holiday.date), format!("{field}.date"), "is given more than once");
            found.name(format!("{field}.name"), &holiday.name);
            check_intervals(&field, &holiday.intervals, false, found);
        }
    }
}

fn check_intervals(path: &str, intervals: &[OpenInterval], weekly: bool, found: &mut Found) {
    found.count(format!("{path}.intervals"), intervals.len(), MAX_INTERVALS);
    let mut taken: Vec<OpenInterval> = Vec::new();
    for (place, interval) in intervals.iter().take(MAX_INTERVALS).enumerate() {
        let field = format!("{path}.intervals[{place}]");
        found.when(
            weekly && !(1..=7).contains(&interval.weekday),
            format!("{field}.weekday"),
            "must be 1 (Monday) to 7 (Sunday)",
        );
        let in_a_day = 0..=1_440;
        if !in_a_day.contains(&interval.from_minute) || !in_a_day.contains(&interval.to_minute) {
            found.add(field, "must lie between 00:00 and 24:00");
            continue;
        }
        if interval.from_minute >= interval.to_minute {
            found.add(field, "must begin before it ends; a night is two intervals, cut at 24:00");
            continue;
        }
        let overlaps = taken.iter().any(|other| {
            (!weekly || other.weekday == interval.weekday)
                && interval.from_minute < other.to_minute
                && other.from_minute < interval.to_minute
        });
        if overlaps {
            let interval = describe::open_interval(interval, weekly);
            found.add(field, format!("overlaps another interval of its day: {interval}"));
        }
        taken.push(*interval);
    }
}
