//! Which trunk an outgoing call takes, and whether it may be made at all. Pure: time and chance are arguments.
//!
//! - V9: no number is called that the list of destinations does not allow; an empty list allows none.
//! - V10: a trunk carries no more calls, at once or in a second, than it may.

use std::collections::VecDeque;

/// Failed pings in a row after which a trunk counts as down.
pub const DOWN_AFTER: u32 = 2;

/// A trunk, as far as the choice depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Lowest first.
    pub priority: u16,
    /// Share among those of the same priority; 0 only when nobody else is left.
    pub weight: u16,
    /// Answers its pings, or is not pinged.
    pub up: bool,
}

/// The order in which to try them: by health, by priority, and among equals by weight. `draw(n)` is a random number below n.
pub fn order(trunks: &[Candidate], mut draw: impl FnMut(u64) -> u64) -> Vec<usize> {
    let mut rest: Vec<usize> = (0..trunks.len()).collect();
    let mut ordered = Vec::with_capacity(rest.len());
    // One that is down is tried last: it may be the pings alone that are lost.
    let rank = |index: usize| (!trunks[index].up, trunks[index].priority);
    while let Some(best) = rest.iter().map(|index| rank(*index)).min() {
        let equals: Vec<usize> = rest.iter().copied().filter(|index| rank(*index) == best).collect();
        let total: u64 = equals.iter().map(|index| u64::from(trunks[*index].weight)).sum();
        let mut drawn = if total == 0 { 0 } else { draw(total) };
        let chosen = equals.iter().copied().find(|index| {
            let weight = u64::from(trunks[*index].weight);
            let hit = drawn < weight;
            drawn = drawn.saturating_sub(weight);
            hit
        });
        let chosen = chosen.unwrap_or(equals[0]);
        rest.retain(|index| *index != chosen);
        ordered.push(chosen);
    }
    ordered
}

/// Whether another trunk may do better after this answer. None: no answer at all. What the called says (busy, unknown,
/// declined) holds on every trunk.
#[must_use]
pub const fn is_failover(code: Option<u16>) -> bool {
    match code {
        None | Some(408 | 401 | 403 | 407 | 488) => true,
        Some(code) => code >= 500 && code < 600,
    }
}

/// The number that the called sees: the one that is wanted if the trunk may show it, else the nearest it may show (of the
/// same country, then with the most leading digits in common), else its first. A trunk without a list shows what is wanted.
#[must_use]
pub fn caller_id<'a>(wanted: &'a str, called: &str, known: &'a [String]) -> &'a str {
    let Some(first) = known.first() else { return wanted };
    if known.iter().any(|one| one == wanted) {
        return wanted;
    }
    let alike =
        |one: &str| one.bytes().zip(called.bytes()).take_while(|(ours, theirs)| ours == theirs).count();
    let country = calling_code(called);
    let of_country = known.iter().filter(|one| country.is_some() && calling_code(one) == country);
    // Of equals the last is the greatest: turned round, the first.
    of_country.rev().max_by_key(|one| alike(one)).unwrap_or(first)
}

fn calling_code(number: &str) -> Option<u16> {
    phonenumber::parse(None, number).ok().map(|number| number.country().code())
}

/// Whether a number may be called: the longest prefix that fits decides, and one that is forbidden wins over itself allowed.
#[must_use]
pub fn may_call(number: &str, allowed: &[String], denied: &[String]) -> bool {
    let longest = |prefixes: &[String]| {
        let fits = prefixes.iter().filter(|prefix| !prefix.is_empty() && number.starts_with(prefix.as_str()));
        fits.map(String::len).max()
    };
    match (longest(allowed), longest(denied)) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(allowed), Some(denied)) => allowed > denied,
    }
}

/// Health of a trunk by its pings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Health {
    failures: u32,
}

impl Health {
    /// Whether it counts as up.
    #[must_use]
    pub const fn is_up(self) -> bool {
        self.failures < DOWN_AFTER
    }

    /// Takes a ping's outcome; `true` when that changed anything.
    pub fn pinged(&mut self, answered: bool) -> bool {
        let before = self.is_up();
        self.failures = if answered { 0 } else { (self.failures + 1).min(DOWN_AFTER) };
        before != self.is_up()
    }
}

/// At most so many in a span of time.
#[derive(Debug, Clone, Default)]
pub struct Rate {
    taken: VecDeque<i64>,
}

impl Rate {
    /// Takes one at `now` (milliseconds) unless `most` were taken in the last `span_ms`.
    pub fn take(&mut self, now: i64, most: usize, span_ms: i64) -> bool {
        while self.taken.front().is_some_and(|taken| now - taken >= span_ms) {
            self.taken.pop_front();
        }
        if self.taken.len() >= most {
            return false;
        }
        self.taken.push_back(now);
        true
    }

    /// Nothing was taken lately.
    #[must_use]
    pub fn is_idle(&self, now: i64, span_ms: i64) -> bool {
        self.taken.back().is_none_or(|taken| now - taken >= span_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trunk(priority: u16, weight: u16, up: bool) -> Candidate {
        Candidate { priority, weight, up }
    }

    #[test]
    fn the_called_sees_a_number_of_their_region_unless_another_is_wanted() {
        let known = ["+442079460000", "+15125550100", "+12125550100", "+351211140000"].map(str::to_owned);
        let shown = |wanted: &str, called: &str| caller_id(wanted, called, &known).to_owned();

        assert_eq!(shown("", "+12125550177"), "+12125550100", "the same area");
        assert_eq!(shown("", "+13105550177"), "+15125550100", "the same country, no area: the first of it");
        assert_eq!(shown("", "+351912345678"), "+351211140000");
        assert_eq!(shown("", "+34911234567"), "+442079460000", "no number there: the first");
        assert_eq!(shown("+442079460000", "+12125550177"), "+442079460000", "as wanted");
        assert_eq!(shown("+33123456789", "+12125550177"), "+12125550100", "not one of ours");
        assert_eq!(caller_id("+33123456789", "+12125550177", &[]), "+33123456789");
    }

    #[test]
    fn health_comes_before_priority_and_priority_before_weight() {
        let trunks = [trunk(1, 1, false), trunk(2, 1, true), trunk(1, 100, true), trunk(1, 0, true)];

        assert_eq!(order(&trunks, |_| 0), [2, 3, 1, 0]);
    }

    #[test]
    fn equals_share_by_weight() {
        let trunks = [trunk(1, 1, true), trunk(1, 3, true)];
        let first = |drawn| {
            order(&trunks, |total| {
                assert!(total <= 4);
                drawn % total
            })[0]
        };

        assert_eq!([0, 1, 2, 3].map(first), [0, 1, 1, 1]);
    }

    #[test]
    fn what_the_called_says_is_final_and_what_the_trunk_says_is_not() {
        for code in [486, 603, 404, 480, 600] {
            assert!(!is_failover(Some(code)), "{code}");
        }
        for code in [Some(503), Some(500), Some(408), Some(403), None] {
            assert!(is_failover(code), "{code:?}");
        }
    }

    #[test]
    fn v9_only_listed_destinations_are_called() {
        let list = |prefixes: &[&str]| prefixes.iter().map(|&prefix| prefix.to_owned()).collect::<Vec<_>>();
        let (allowed, denied) = (list(&["+44", "+1", "+1900555"]), list(&["+449", "+1900"]));

        assert!(may_call("+442079460018", &allowed, &denied));
        assert!(!may_call("+4490012345", &allowed, &denied), "premium numbers");
        assert!(may_call("+19005550100", &allowed, &denied), "the longer prefix decides");
        assert!(!may_call("+19001230100", &allowed, &denied));
        assert!(!may_call("+33123456789", &allowed, &denied));
        assert!(!may_call("+442079460018", &[], &[]), "an empty list allows none");
        assert!(!may_call("+4490012345", &list(&["+449"]), &list(&["+449"])), "forbidden wins");
    }

    #[test]
    fn a_trunk_is_down_after_two_lost_pings_and_up_after_one_answer() {
        let mut health = Health::default();
        assert!(!health.pinged(false) && health.is_up());
        assert!(health.pinged(false) && !health.is_up());
        assert!(health.pinged(true) && health.is_up());
    }

    #[test]
    fn v10_a_rate_is_kept() {
        let mut rate = Rate::default();
        assert!(rate.take(0, 2, 1_000) && rate.take(500, 2, 1_000));
        assert!(!rate.take(999, 2, 1_000));
        assert!(rate.take(1_000, 2, 1_000));
        assert!(rate.is_idle(2_000, 1_000) && !rate.is_idle(1_999, 1_000));
    }
}
