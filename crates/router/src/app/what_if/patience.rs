//! How long customers wait, from those who gave up and those who were answered before they would have.

/// The estimate of Kaplan and Meier (1958): which part of the customers is still there after some time, if nobody is
/// answered. Who was answered after a while tells that they had at least that much patience.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Patience {
    /// Milliseconds and the part that is still there after them, by time.
    steps: Vec<(i64, f64)>,
}

impl Patience {
    /// From waits in milliseconds, and whether the customer gave up at the end of it.
    pub fn of(mut waits: Vec<(i64, bool)>) -> Self {
        waits.sort_unstable();
        let mut steps = Vec::new();
        let mut left = 1.0;
        let mut at = 0;
        while at < waits.len() {
            let time = waits[at].0;
            let same = waits[at..].iter().take_while(|(wait, _)| *wait == time).count();
            let gave_up = waits[at..at + same].iter().filter(|(_, gave_up)| *gave_up).count();
            if gave_up > 0 {
                left *= 1.0 - gave_up as f64 / (waits.len() - at) as f64;
                steps.push((time, left));
            }
            at += same;
        }
        Self { steps }
    }

    /// How long a customer waits who has waited `already`, for a draw from 0 to 1; none: longer than was ever seen.
    pub fn draw(&self, draw: f64, already: i64) -> Option<i64> {
        let at = self.steps.partition_point(|(time, _)| *time <= already);
        let now = if at == 0 { 1.0 } else { self.steps[at - 1].1 };
        let wanted = now * (1.0 - draw);
        let later = &self.steps[at..];
        later.get(later.partition_point(|(_, left)| *left > wanted)).map(|(time, _)| *time)
    }
}

#[cfg(test)]
mod tests {
    use super::Patience;

    #[test]
    fn who_was_answered_counts_for_as_long_as_they_waited() {
        // The textbook's way: at 10 s one of four gives up, at 20 s one is answered, at 30 s one of two gives up.
        let patience = Patience::of(vec![(30_000, true), (10_000, true), (20_000, false), (40_000, false)]);

        assert_eq!(patience, Patience { steps: vec![(10_000, 0.75), (30_000, 0.375)] });
    }

    #[test]
    fn a_customer_waits_at_least_as_long_as_they_did() {
        let patience = Patience::of(vec![(30_000, true), (10_000, true), (20_000, false), (40_000, false)]);

        assert_eq!(patience.draw(0.2, 0), Some(10_000));
        assert_eq!(patience.draw(0.3, 0), Some(30_000));
        assert_eq!(patience.draw(0.2, 10_000), Some(30_000));
        assert_eq!(patience.draw(0.9, 0), None, "longer than anybody gave up");
        assert_eq!(Patience::of(Vec::new()).draw(0.5, 0), None);
    }
}
