//! (Hours) Queues that open and close: by the clock, on holidays, in an emergency, by hand.

use super::*;

/// Monday to Friday, nine to five, in New York; closed on the day before Thanksgiving 2026 from noon.
fn office() -> HoursConfig {
    HoursConfig {
        time_zone: "America/New_York".into(),
        week: (1..=5).map(|day| (day, 540, 1020)).collect(),
        holidays: vec![("2026-11-25".into(), vec![(540, 720)]), ("2026-11-26".into(), vec![])],
        closed: false,
    }
}

/// A centre at that moment, with a queue that keeps office hours.
fn at(moment: &str, on_closed: Alternative, staff: &[&str]) -> Centre {
    let mut centre = Centre::staffed(staff);
    centre.now = moment.parse::<jiff_moment::Moment>().unwrap().0;
    centre.say(Input::HoursConfigured("office".into(), office()));
    centre.configure(BILLING, QueueConfig { hours: Some("office".into()), on_closed, ..queue_with("") });
    centre
}

/// RFC 3339 in UTC, without a library.
mod jiff_moment {
    pub struct Moment(pub i64);

    impl std::str::FromStr for Moment {
        type Err = ();

        fn from_str(text: &str) -> Result<Self, ()> {
            let number = |range: std::ops::Range<usize>| text[range].parse::<i64>().map_err(|_| ());
            let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
            let shifted = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
            let days = 365 * shifted.0 + shifted.0 / 4 - shifted.0 / 100
                + shifted.0 / 400
                + (153 * shifted.1 + 2) / 5
                + day
                - 1
                - 719_468;
            Ok(Self((days * 86_400 + number(11..13)? * 3_600 + number(14..16)? * 60) * 1_000))
        }
    }
}

#[test]
fn who_comes_after_hours_is_sent_elsewhere() {
    let mut centre = at("2026-11-20T22:30Z", Alternative::Voicemail, &[ANN]);

    let effects = centre.queued(FIRST, BILLING);

    assert_eq!(diverted_in(&effects), Some((DivertReason::Closed, Alternative::Voicemail)));
    assert_eq!(offered_to(&effects), Vec::<String>::new());
}

#[test]
fn who_waits_at_closing_time_is_sent_elsewhere_at_that_moment() {
    let mut centre = at("2026-11-20T21:59Z", Alternative::Disconnect, &[]);
    let before = centre.queued(FIRST, BILLING);

    let effects = centre.after(60_000).deadline();

    assert_eq!(diverted_in(&before), None);
    assert_eq!(diverted_in(&effects), Some((DivertReason::Closed, Alternative::Disconnect)));
    assert!(effects.contains(&Effect::QueueOpennessChanged { queue: BILLING.into(), open: false }));
}

#[test]
fn a_queue_that_serves_all_the_same_after_hours_does() {
    let mut centre = at("2026-11-20T22:30Z", Alternative::AnyAgent, &[ANN]);

    assert_eq!(offered_to(&centre.queued(FIRST, BILLING)), [ANN]);
    assert!(!centre.view(BILLING).open);
}

#[test]
fn hours_follow_daylight_saving() {
    // 9:00 in New York is 13:00 UTC before 1 November 2026 and 14:00 after.
    for (moment, open) in [
        ("2026-10-30T13:00Z", true),
        ("2026-11-02T13:30Z", false),
        ("2026-11-02T14:00Z", true),
        ("2026-03-06T13:30Z", false),
        ("2026-03-09T13:30Z", true),
    ] {
        let centre = at(moment, Alternative::Voicemail, &[]);
        assert_eq!(centre.view(BILLING).open, open, "{moment}");
    }
}

#[test]
fn a_holiday_closes_for_the_day_or_for_a_part_of_it() {
    for (moment, open) in
        [("2026-11-25T15:00Z", true), ("2026-11-25T18:00Z", false), ("2026-11-26T15:00Z", false)]
    {
        let centre = at(moment, Alternative::Voicemail, &[]);
        assert_eq!(centre.view(BILLING).open, open, "{moment}");
    }
}

#[test]
fn an_emergency_closure_sends_away_who_waits_at_once() {
    let mut centre = at("2026-11-20T15:00Z", Alternative::Queue(SALES.into()), &[]);
    centre.queued(FIRST, BILLING);

    let effects =
        centre.say(Input::HoursConfigured("office".into(), HoursConfig { closed: true, ..office() }));

    assert_eq!(centre.work(FIRST).queue.as_str(), SALES);
    assert!(diverted_in(&effects).is_some());
}

#[test]
fn a_supervisor_closes_a_queue_at_once_and_opens_it_again() {
    let mut centre = at("2026-11-20T15:00Z", Alternative::Voicemail, &[ANN]);
    centre.answered(THIRD, BILLING);
    centre.queued(FIRST, BILLING);

    let closed = centre.say(Input::SetClosure(BILLING.into(), true));
    let opened = centre.say(Input::SetClosure(BILLING.into(), false));

    assert_eq!(diverted_in(&closed), Some((DivertReason::Closed, Alternative::Voicemail)));
    assert!(opened.contains(&Effect::QueueOpennessChanged { queue: BILLING.into(), open: true }));
    assert_eq!(centre.place(FIRST), 0, "who was sent away does not come back");
    let nowhere = centre.say(Input::SetClosure("nowhere".into(), true));
    assert_eq!(reply_in(&nowhere), Some(Err(Rejection::UnknownQueue)));
}

#[test]
fn other_hours_take_effect_at_once() {
    let mut centre = at("2026-11-20T22:30Z", Alternative::Voicemail, &[ANN]);
    let longer = HoursConfig { week: (1..=5).map(|day| (day, 540, 1200)).collect(), ..office() };

    let effects = centre.say(Input::HoursConfigured("office".into(), longer));

    assert!(effects.contains(&Effect::QueueOpennessChanged { queue: BILLING.into(), open: true }));
    assert_eq!(offered_to(&centre.queued(FIRST, BILLING)), [ANN]);
}

#[test]
fn a_callback_waits_until_its_queue_opens() {
    let mut centre = at("2026-11-20T21:50Z", Alternative::Voicemail, &[]);
    centre.queued(FIRST, BILLING);
    let (callback, phone) = (SECOND, "+15550123".into());
    centre.say(Input::RequestCallback { interaction: FIRST, callback, phone, not_before: None });
    centre.after(600_000).deadline();
    let over_night = centre.status(ANN, Status::Available);

    // Monday, nine in New York.
    centre.now = "2026-11-23T14:00Z".parse::<jiff_moment::Moment>().unwrap().0;
    let in_the_morning = centre.deadline();

    assert_eq!(offered_to(&over_night), Vec::<String>::new());
    assert_eq!(offered_to(&in_the_morning), [ANN]);
}

/// "created Fri 16:30, SLA 1 h, Mon–Fri 9–17 → due Mon 09:30"
#[test]
fn a_service_level_in_business_time_is_due_on_monday_half_past_nine() {
    let mut centre = at("2026-11-20T21:30Z", Alternative::AnyAgent, &[]);
    centre.configure(
        BILLING,
        QueueConfig {
            hours: Some("office".into()),
            service_level_ms: 3_600_000,
            business_time: true,
            ..queue_with("")
        },
    );

    centre.queued(FIRST, BILLING);

    let monday = "2026-11-23T14:30Z".parse::<jiff_moment::Moment>().unwrap().0;
    assert_eq!(centre.work(FIRST).due_at, Some(Timestamp::from_millis(monday)));
}

#[test]
fn hours_survive_a_restart() {
    let mut centre = at("2026-11-20T21:59Z", Alternative::Disconnect, &[]);
    centre.queued(FIRST, BILLING);

    centre.router = Router::restore(&centre.router.snapshot().unwrap()).unwrap();
    let effects = centre.after(60_000).deadline();

    assert_eq!(diverted_in(&effects), Some((DivertReason::Closed, Alternative::Disconnect)));
}
