//! Least occupied: the smallest share of slots in use, in thousandths; ties by longest idle.

use super::{Facts, then_longest_idle};

pub(super) const fn score(facts: &Facts) -> i64 {
    let slots = if facts.slots == 0 { 1 } else { facts.slots };
    then_longest_idle((facts.load as i64 * 1000) / slots as i64, facts)
}

#[cfg(test)]
mod tests {
    use super::super::{Facts, Strategy::LeastOccupied, tests::*};

    #[test]
    fn one_of_four_slots_is_less_than_one_of_two() {
        let of_four = Facts { load: 1, ..IDLE };
        let of_two = Facts { load: 1, slots: 2, idle_since: IDLE.idle_since.plus_millis(-5), ..IDLE };

        assert_eq!(first_of(LeastOccupied, [of_two, of_four]), 1);
    }
}
