//! Most skilled (`BEST`): the highest sum of proficiency in the skills that the requirements name; ties by longest idle.

use super::{Facts, then_longest_idle};

/// More hundredths than the largest requirement can ask for.
const CEILING: u32 = 1 << 18;

pub(super) const fn score(facts: &Facts) -> i64 {
    then_longest_idle(CEILING.saturating_sub(facts.skill_sum) as i64, facts)
}

#[cfg(test)]
mod tests {
    use super::super::{Facts, Strategy::MostSkilled, tests::*};

    #[test]
    fn the_higher_sum_comes_first() {
        let better = Facts { skill_sum: 301, idle_since: IDLE.idle_since.plus_millis(9_000), ..IDLE };

        assert_eq!(first_of(MostSkilled, [IDLE, better]), 1);
    }
}
