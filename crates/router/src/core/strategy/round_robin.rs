//! Round robin: who was asked the longest ago.

use super::Facts;

pub(super) const fn score(facts: &Facts) -> i64 {
    facts.last_offer as i64
}

#[cfg(test)]
mod tests {
    use super::super::{Facts, Strategy::RoundRobin, tests::*};

    #[test]
    fn who_was_asked_earlier_is_asked_first() {
        let earlier = Facts { last_offer: 9, ..IDLE };

        assert_eq!(first_of(RoundRobin, [IDLE, earlier]), 1);
    }
}
