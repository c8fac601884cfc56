//! When a day begins, where the tenant is.

use contract::Timestamp;
use jiff::tz::TimeZone;

/// The first moment of the day of `now` in `zone`; where a clock change skips midnight, the first moment there is.
pub fn start_of_day(now: Timestamp, zone: &TimeZone) -> Timestamp {
    let start = jiff::Timestamp::from_millisecond(now.as_millis())
        .and_then(|moment| moment.to_zoned(zone.clone()).start_of_day())
        .map(|start| start.timestamp().as_millisecond());
    // Only a moment outside the calendar has no day.
    Timestamp::from_millis(start.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use contract::Timestamp;
    use jiff::tz::TimeZone;

    use super::start_of_day;

    fn day(now: &str, zone: &str) -> String {
        let now = Timestamp::from_millis(now.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        start_of_day(now, &TimeZone::get(zone).unwrap()).to_string()
    }

    #[test]
    fn a_day_begins_at_the_tenants_midnight() {
        assert_eq!(day("2026-11-21T21:00:00Z", "UTC"), "2026-11-21T00:00:00Z");
        assert_eq!(day("2026-11-21T21:00:00Z", "Asia/Tokyo"), "2026-11-21T15:00:00Z");
        assert_eq!(day("2026-11-21T03:00:00Z", "America/New_York"), "2026-11-20T05:00:00Z");
    }

    #[test]
    fn a_day_may_have_23_or_25_hours() {
        assert_eq!(day("2026-03-29T22:30:00Z", "Europe/Berlin"), "2026-03-29T22:00:00Z");
        assert_eq!(day("2026-03-29T21:30:00Z", "Europe/Berlin"), "2026-03-28T23:00:00Z");
        assert_eq!(day("2026-10-25T22:30:00Z", "Europe/Berlin"), "2026-10-24T22:00:00Z");
    }
}
