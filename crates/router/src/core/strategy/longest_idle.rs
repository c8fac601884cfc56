//! Longest idle: agents with nothing to do before agents with work, then by that
//! time, or by the time since their last offer.

use super::{Facts, then_longest_idle};

pub(super) const fn score(facts: &Facts) -> i64 {
    then_longest_idle((facts.load > 0) as i64, facts)
}

#[cfg(test)]
mod tests {
    use super::super::{Facts, Strategy::LongestIdle, tests::*};

    #[test]
    fn who_has_been_idle_longer_comes_first() {
        let longer = Facts { idle_since: IDLE.idle_since.plus_millis(-1), ..IDLE };

        assert_eq!(first_of(LongestIdle, [IDLE, longer]), 1);
    }

    #[test]
    fn who_has_nothing_to_do_comes_before_who_has_a_chat() {
        let chatting = Facts { idle_since: IDLE.idle_since.plus_millis(-60_000), load: 1, ..IDLE };

        assert_eq!(first_of(LongestIdle, [chatting, IDLE]), 1);
    }
}
