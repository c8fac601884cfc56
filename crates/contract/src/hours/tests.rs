use proptest::prelude::*;

use super::{Schedule, State, zone};
use crate::{
    Timestamp,
    directory::v1::{Holiday, Hours, OpenInterval},
};

fn at(local: &str, zone_name: &str) -> Timestamp {
    let moment = local.parse::<jiff::civil::DateTime>().unwrap().to_zoned(zone(zone_name).unwrap()).unwrap();
    Timestamp::from_millis(moment.timestamp().as_millisecond())
}

fn utc(text: &str) -> Timestamp {
    Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

fn interval(weekday: i32, from: i32, to: i32) -> OpenInterval {
    OpenInterval { weekday, from_minute: from * 60, to_minute: to * 60 }
}

/// Monday to Friday, 9 to 17.
fn office(zone: &str) -> Hours {
    Hours {
        key: "office".into(),
        time_zone: zone.into(),
        intervals: (1..=5).map(|day| interval(day, 9, 17)).collect(),
        ..Hours::default()
    }
}

fn state(hours: &Hours, moment: Timestamp) -> State {
    Schedule::of(hours, "UTC").unwrap().state(moment)
}

const LISBON: &str = "Europe/Lisbon";

#[test]
fn an_office_opens_in_the_morning_and_closes_in_the_evening() {
    let hours = office(LISBON);

    let night = state(&hours, at("2026-11-20T03:00", LISBON));
    let day = state(&hours, at("2026-11-20T09:00", LISBON));
    let evening = state(&hours, at("2026-11-20T17:00", LISBON));

    assert_eq!(night, State { open: false, changes_at: Some(at("2026-11-20T09:00", LISBON)) });
    assert_eq!(day, State { open: true, changes_at: Some(at("2026-11-20T17:00", LISBON)) });
    // Friday evening: Monday is next.
    assert_eq!(evening, State { open: false, changes_at: Some(at("2026-11-23T09:00", LISBON)) });
}

#[test]
fn an_office_keeps_its_local_hours_across_daylight_saving() {
    let hours = office("America/New_York");

    // The Friday before and the Monday after the clocks go back on 1 November 2026.
    let friday = state(&hours, utc("2026-10-30T13:00:00Z"));
    let monday = state(&hours, utc("2026-11-02T13:30:00Z"));

    assert!(friday.open);
    assert_eq!(monday, State { open: false, changes_at: Some(utc("2026-11-02T14:00:00Z")) });
}

#[test]
fn an_hour_that_the_clock_skips_belongs_to_nobody() {
    // New York, 8 March 2026, a Sunday: 2:00 becomes 3:00.
    let mut hours = office("America/New_York");
    hours.intervals = vec![OpenInterval { weekday: 7, from_minute: 150, to_minute: 300 }];

    let before = state(&hours, utc("2026-03-08T06:59:00Z"));

    assert_eq!(before, State { open: false, changes_at: Some(utc("2026-03-08T07:00:00Z")) });
    assert_eq!(state(&hours, utc("2026-03-08T07:00:00Z")).changes_at, Some(utc("2026-03-08T09:00:00Z")));
}

#[test]
fn an_hour_that_the_clock_repeats_is_open_twice() {
    // New York, 1 November 2026, a Sunday: 2:00 becomes 1:00.
    let mut hours = office("America/New_York");
    hours.intervals = vec![OpenInterval { weekday: 7, from_minute: 0, to_minute: 90 }];

    let open = state(&hours, utc("2026-11-01T05:45:00Z"));

    assert_eq!(open, State { open: true, changes_at: Some(utc("2026-11-01T06:30:00Z")) });
}

#[test]
fn a_night_shift_is_one_span() {
    let mut hours = office(LISBON);
    hours.intervals = vec![interval(1, 22, 24), interval(2, 0, 6)];

    let monday_night = state(&hours, at("2026-11-23T23:00", LISBON));

    assert_eq!(monday_night.changes_at, Some(at("2026-11-24T06:00", LISBON)));
}

#[test]
fn a_holiday_replaces_its_day_fully_partly_or_opens_it() {
    let mut hours = office(LISBON);
    let holiday = |date: &str, intervals| Holiday { date: date.into(), name: "x".into(), intervals };
    hours.holidays = vec![
        holiday("2026-12-25", vec![]),
        holiday("2026-12-24", vec![interval(0, 9, 12)]),
        holiday("2026-12-26", vec![interval(0, 10, 11)]),
    ];

    let eve = state(&hours, at("2026-12-24T10:00", LISBON));
    let after_lunch = state(&hours, at("2026-12-24T13:00", LISBON));
    let saturday = state(&hours, at("2026-12-26T10:30", LISBON));

    assert_eq!(eve, State { open: true, changes_at: Some(at("2026-12-24T12:00", LISBON)) });
    assert_eq!(after_lunch, State { open: false, changes_at: Some(at("2026-12-26T10:00", LISBON)) });
    assert!(saturday.open);
}

#[test]
fn an_emergency_closure_closes_whatever_the_intervals_say() {
    let mut hours = office(LISBON);
    hours.closed = true;

    assert_eq!(state(&hours, at("2026-11-20T10:00", LISBON)), State { open: false, changes_at: None });
}

#[test]
fn hours_around_the_clock_never_change() {
    let mut hours = office(LISBON);
    hours.intervals = (1..=7).map(|day| interval(day, 0, 24)).collect();

    assert_eq!(state(&hours, at("2026-11-20T10:00", LISBON)), State { open: true, changes_at: None });
    hours.intervals.clear();
    assert_eq!(state(&hours, at("2026-11-20T10:00", LISBON)), State { open: false, changes_at: None });
}

#[test]
fn moments_no_calendar_knows_do_no_harm() {
    let hours = office(LISBON);

    state(&hours, Timestamp::from_millis(i64::MAX));
    state(&hours, Timestamp::from_millis(i64::MIN));
}

fn any_hours() -> impl Strategy<Value = Hours> {
    let interval = (1..=7, 0..1440_i32, 1..=1440_i32).prop_map(|(weekday, from, length)| OpenInterval {
        weekday,
        from_minute: from,
        to_minute: (from + length).min(1440),
    });
    let holiday = (0..800_i32, prop::collection::vec(interval.clone(), 0..3)).prop_map(|(day, intervals)| {
        let first = jiff::civil::date(2026, 1, 1);
        let date = first.checked_add(jiff::Span::new().days(day)).unwrap();
        Holiday { date: date.to_string(), name: String::new(), intervals }
    });
    let zones = prop::sample::select(vec![
        "UTC",
        LISBON,
        "America/New_York",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "America/Havana",
        "Africa/Cairo",
    ]);
    (zones, prop::collection::vec(interval, 0..10), prop::collection::vec(holiday, 0..10)).prop_map(
        |(zone, intervals, holidays)| Hours {
            time_zone: zone.into(),
            intervals,
            holidays,
            ..Hours::default()
        },
    )
}

proptest! {
    /// `changes_at` is the first moment at which the answer differs.
    #[test]
    fn nothing_changes_before_the_next_change(
        hours in any_hours(),
        offset in 0..700_i64 * 1440,
        part in 0.0..1.0_f64,
    ) {
        let now = utc("2026-01-02T00:00:00Z").plus_millis(offset * 60_000);
        let schedule = Schedule::of(&hours, "UTC").unwrap();

        let found = schedule.state(now);

        if let Some(then) = found.changes_at {
            prop_assert!(then > now);
            let between = now.plus_millis(((then - now) as f64 * part) as i64);
            let before = if between == then { then.plus_millis(-1) } else { between };
            prop_assert_eq!(schedule.state(before), found);
            prop_assert_eq!(schedule.state(then.plus_millis(-1)), found);
            prop_assert_eq!(schedule.state(then).open, !found.open);
        }
    }

    /// Away from the shifts of the clock, open means that the local clock stands inside an interval of its day.
    #[test]
    fn open_is_what_the_local_clock_says(hours in any_hours(), offset in 0..700_i64 * 1440) {
        let now = utc("2026-01-02T00:00:00Z").plus_millis(offset * 60_000);
        let zone = zone(&hours.time_zone).unwrap();
        let stamp = jiff::Timestamp::from_millisecond(now.as_millis()).unwrap();
        let shift_is_near = zone
            .following(stamp - jiff::SignedDuration::from_hours(26))
            .next()
            .is_some_and(|shift| shift.timestamp() < stamp + jiff::SignedDuration::from_hours(26));
        prop_assume!(!shift_is_near);

        let open = Schedule::of(&hours, "UTC").unwrap().state(now).open;

        let local = zone.to_datetime(stamp);
        let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
        let inside = |interval: &&OpenInterval| interval.from_minute <= minute && minute < interval.to_minute;
        let date = local.date().to_string();
        let weekday = i32::from(local.date().weekday().to_monday_one_offset());
        let expected = match hours.holidays.iter().rfind(|holiday| holiday.date == date) {
            Some(holiday) => holiday.intervals.iter().find(inside).is_some(),
            None => hours.intervals.iter().filter(|i| i.weekday == weekday).any(|i| inside(&i)),
        };
        prop_assert_eq!(open, expected);
    }
}

/// (Hours) "created Fri 16:30, SLA 1 h, Mon–Fri 9–17 → due Mon 09:30".
#[test]
fn an_hour_of_business_time_from_friday_half_past_four_ends_on_monday_half_past_nine() {
    let schedule = Schedule::of(&office(LISBON), "UTC").unwrap();

    let due = schedule.after_open(at("2026-11-20T16:30", LISBON), 3_600_000);

    assert_eq!(due, Some(at("2026-11-23T09:30", LISBON)));
}

#[test]
fn business_time_stands_still_over_night_and_on_holidays() {
    let mut hours = office(LISBON);
    hours.holidays.push(Holiday { date: "2026-11-23".into(), name: "Fair".into(), intervals: vec![] });
    let schedule = Schedule::of(&hours, "UTC").unwrap();

    let from_night = schedule.after_open(at("2026-11-20T03:00", LISBON), 8 * 3_600_000);
    let over_holiday = schedule.after_open(at("2026-11-20T16:30", LISBON), 3_600_000);

    assert_eq!(from_night, Some(at("2026-11-20T17:00", LISBON)));
    assert_eq!(over_holiday, Some(at("2026-11-24T09:30", LISBON)));
}

#[test]
fn a_day_that_loses_an_hour_holds_one_hour_less_of_business_time() {
    let zone = "America/New_York";
    let mut hours = Hours { time_zone: zone.into(), ..Hours::default() };
    hours.intervals = vec![OpenInterval { weekday: 7, from_minute: 0, to_minute: 1440 }];
    let schedule = Schedule::of(&hours, "UTC").unwrap();

    // 8 March 2026: two o'clock never comes.
    let due = schedule.after_open(at("2026-03-08T00:00", zone), 23 * 3_600_000 + 1);

    assert_eq!(due, Some(at("2026-03-15T00:00", zone).plus_millis(1)));
}

#[test]
fn what_never_opens_is_never_due() {
    let schedule = Schedule::of(&Hours { closed: true, ..office(LISBON) }, "UTC").unwrap();

    assert_eq!(schedule.after_open(at("2026-11-20T16:30", LISBON), 1), None);
}

proptest! {
    /// Open time passes as open time: what is due after two spans one after the other is due after both at once.
    #[test]
    fn business_time_adds_up(hour in 0_i64..24 * 400, first in 0_i64..100 * 3_600_000, second in 1_i64..100 * 3_600_000) {
        let schedule = Schedule::of(&office("America/New_York"), "UTC").unwrap();
        let from = utc("2026-01-01T00:00:00Z").plus_millis(hour * 3_600_000);

        let at_once = schedule.after_open(from, first + second).unwrap();
        let in_two = schedule.after_open(schedule.after_open(from, first).unwrap(), second).unwrap();

        prop_assert_eq!(at_once, in_two);
        prop_assert!(at_once - from >= first + second);
    }
}
