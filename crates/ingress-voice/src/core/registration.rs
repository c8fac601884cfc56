//! When to sign in with a trunk again. Pure: chance is an argument.
//!
//! - V15: a registration is renewed before it ends, and a trunk that refuses or is silent is asked again, ever more seldom
//!   up to a bound.

/// Longest pause after a trunk was silent or had trouble of its own, in milliseconds.
pub const SILENT_AT_MOST_MS: u64 = 60_000;
/// First and longest pause after a trunk refused us: too many wrong passwords lock accounts.
pub const REFUSED_AT_FIRST_MS: u64 = 30_000;
/// See [`REFUSED_AT_FIRST_MS`].
pub const REFUSED_AT_MOST_MS: u64 = 600_000;
/// Longest registration that is asked for, in seconds.
const LONGEST: u32 = 86_400;

/// What a REGISTER came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Signed in for so many seconds.
    Granted(u32),
    /// 423: at least so many seconds must be asked for.
    Brief(u32),
    /// Refused for what we are; the pause it asks for, in seconds.
    Refused(Option<u32>),
    /// No answer, or trouble of its own (5xx); the pause it asks for, in seconds.
    Silent(Option<u32>),
}

/// How long is asked for, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    seconds: u32,
    failures: u32,
}

impl Plan {
    /// Asks for so many seconds, until the trunk wants more.
    #[must_use]
    pub fn new(seconds: u32) -> Self {
        Self { seconds: seconds.clamp(1, LONGEST), failures: 0 }
    }

    /// How long to ask for, in seconds.
    #[must_use]
    pub const fn seconds(&self) -> u32 {
        self.seconds
    }

    /// Takes what came of it; milliseconds to the next request. `draw(n)` is a random number below n.
    pub fn next(&mut self, outcome: Outcome, draw: impl FnOnce(u64) -> u64) -> u64 {
        let pause = match outcome {
            Outcome::Granted(seconds) => {
                self.failures = 0;
                // At two thirds to three quarters: many lines of one trunk do not come all at once.
                let all = u64::from(seconds.max(1)) * 1_000;
                return (all * 3 / 4).saturating_sub(draw(all / 12 + 1)).max(500);
            }
            Outcome::Brief(seconds) if seconds > self.seconds && seconds <= LONGEST => {
                self.seconds = seconds;
                return 0;
            }
            Outcome::Brief(_) | Outcome::Refused(None) => {
                (REFUSED_AT_FIRST_MS << self.failures.min(8)).min(REFUSED_AT_MOST_MS)
            }
            Outcome::Silent(None) => (1_000 << self.failures.min(8)).min(SILENT_AT_MOST_MS),
            Outcome::Refused(Some(seconds)) | Outcome::Silent(Some(seconds)) => {
                (u64::from(seconds) * 1_000).clamp(1_000, REFUSED_AT_MOST_MS)
            }
        };
        self.failures = self.failures.saturating_add(1);
        pause - draw(pause / 5 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v15_a_registration_is_renewed_before_it_ends() {
        let mut plan = Plan::new(600);
        assert_eq!(plan.next(Outcome::Granted(600), |_| 0), 450_000);
        assert_eq!(plan.next(Outcome::Granted(600), |most| most - 1), 400_000);
        assert_eq!(plan.next(Outcome::Granted(0), |_| 0), 750);
    }

    #[test]
    fn v15_pauses_grow_to_a_bound_and_begin_anew_after_a_success() {
        let mut plan = Plan::new(600);
        let silent: Vec<u64> = (0..8).map(|_| plan.next(Outcome::Silent(None), |_| 0)).collect();
        assert_eq!(silent, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
        plan.next(Outcome::Granted(600), |_| 0);
        let refused: Vec<u64> = (0..6).map(|_| plan.next(Outcome::Refused(None), |_| 0)).collect();
        assert_eq!(refused, [30_000, 60_000, 120_000, 240_000, 480_000, 600_000]);
        assert_eq!(plan.next(Outcome::Silent(Some(90)), |most| most - 1), 72_000, "spread by a fifth");
        assert_eq!(plan.next(Outcome::Refused(Some(u32::MAX)), |_| 0), 600_000);
    }

    #[test]
    fn too_brief_a_wish_is_mended_at_once_and_a_mad_answer_is_a_refusal() {
        let mut plan = Plan::new(60);
        assert_eq!((plan.next(Outcome::Brief(300), |_| 0), plan.seconds()), (0, 300));
        assert_eq!(plan.next(Outcome::Brief(300), |_| 0), 30_000, "the same again would never end");
        assert_eq!(plan.next(Outcome::Brief(u32::MAX), |_| 0), 60_000);
        assert_eq!(plan.seconds(), 300);
    }
}
