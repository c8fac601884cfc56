//! Which case an interaction belongs to.

use contract::Timestamp;

/// An open case of the customer, as far as the choice needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCase {
    /// UUIDv7.
    pub case_id: String,
    /// When something last happened in it.
    pub last_activity_at: Timestamp,
}

/// The open case that an interaction started at `started_at` continues: the one with the latest activity, if that is
/// at most `quiet` milliseconds old. `None`: it opens a new one. An older case stays open for people to resolve.
pub fn continued(open: &[OpenCase], started_at: Timestamp, quiet: i64) -> Option<&OpenCase> {
    open.iter()
        .max_by(|a, b| (a.last_activity_at, &a.case_id).cmp(&(b.last_activity_at, &b.case_id)))
        .filter(|case| started_at - case.last_activity_at <= quiet)
}

#[cfg(test)]
mod tests {
    use contract::Timestamp;

    use super::{OpenCase, continued};

    const DAY: i64 = 24 * 60 * 60 * 1000;

    fn case(id: &str, day: i64) -> OpenCase {
        OpenCase { case_id: id.to_owned(), last_activity_at: Timestamp::from_millis(day * DAY) }
    }

    fn chosen(open: &[OpenCase], day: i64) -> Option<&str> {
        continued(open, Timestamp::from_millis(day * DAY), 7 * DAY).map(|case| case.case_id.as_str())
    }

    #[test]
    fn the_case_with_the_latest_activity_goes_on() {
        assert_eq!(chosen(&[case("old", 1), case("new", 3)], 9), Some("new"));
    }

    #[test]
    fn after_a_quiet_week_a_new_case_begins() {
        assert_eq!(chosen(&[case("a", 1)], 8), Some("a"));
        assert_eq!(chosen(&[case("a", 1)], 9), None);
        assert_eq!(chosen(&[], 9), None);
    }
}
