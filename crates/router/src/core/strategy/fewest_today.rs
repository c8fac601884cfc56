//! Fewest today: who has accepted the fewest interactions since midnight UTC; ties by longest idle.

use super::{Facts, then_longest_idle};

pub(super) const fn score(facts: &Facts) -> i64 {
    then_longest_idle((facts.accepted_today & 0xf_ffff) as i64, facts)
}

#[cfg(test)]
mod tests {
    use super::super::{Facts, Strategy::FewestToday, tests::*};

    #[test]
    fn who_has_done_less_comes_first() {
        let less = Facts { accepted_today: 2, idle_since: IDLE.idle_since.plus_millis(9_000), ..IDLE };

        assert_eq!(first_of(FewestToday, [IDLE, less]), 1);
    }
}
