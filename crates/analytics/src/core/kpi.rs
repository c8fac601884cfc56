//! Every KPI, defined once: live pages, reports and exports all call these.
//!
//! A figure over nothing is `None`, never 0 and never 100 %. Times are milliseconds. Shares are 0 to 1.

/// What happened to the interactions that were offered to a queue in some span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Put in the queue.
    pub offered: u64,
    /// Reached an agent.
    pub answered: u64,
    /// Reached an agent within the queue's limit.
    pub answered_in_time: u64,
    /// Left while waiting.
    pub abandoned: u64,
    /// Left while waiting, within the queue's limit.
    pub abandoned_in_time: u64,
    /// Left so soon that it counts as a mistake of theirs.
    pub abandoned_short: u64,
    /// Left the queue by another route: to another queue, a callback, voicemail.
    pub flowed_out: u64,
    /// The same, within the queue's limit.
    pub flowed_out_in_time: u64,
}

/// The definitions of service level in use. They differ by fourteen points on the same day: a number is shown with
/// the name of its definition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServiceLevel {
    /// Of those who reached an agent (Asterisk).
    Answered,
    /// Who left in time counts as well served (Asterisk's second).
    AnsweredOrAbandoned,
    /// Of those who reached an agent or gave up (Genesys).
    #[default]
    Standard,
    /// Who left by another route counts as not served.
    WithFlowOuts,
    /// Who left at once does not count.
    WithoutShortAbandons,
    /// Whoever left the queue in time by any route, of all who entered it (Amazon Connect).
    LeftInTime,
}

impl ServiceLevel {
    /// All definitions.
    pub const ALL: [Self; 6] = [
        Self::Answered,
        Self::AnsweredOrAbandoned,
        Self::Standard,
        Self::WithFlowOuts,
        Self::WithoutShortAbandons,
        Self::LeftInTime,
    ];

    /// The formula, for people.
    pub const fn definition(self) -> &'static str {
        match self {
            Self::Answered => "answered in time / answered",
            Self::AnsweredOrAbandoned => "(answered in time + abandoned in time) / (answered + abandoned)",
            Self::Standard => "answered in time / (answered + abandoned)",
            Self::WithFlowOuts => "answered in time / (answered + abandoned + flowed out)",
            Self::WithoutShortAbandons => "answered in time / (answered + abandoned - short abandoned)",
            Self::LeftInTime => "left the queue in time / offered",
        }
    }

    /// The share, 0 to 1.
    pub fn of(self, counts: &Counts) -> Option<f64> {
        let Counts { offered, answered, answered_in_time, abandoned, .. } = *counts;
        let ended = answered + abandoned;
        match self {
            Self::Answered => share(answered_in_time, answered),
            Self::AnsweredOrAbandoned => share(answered_in_time + counts.abandoned_in_time, ended),
            Self::Standard => share(answered_in_time, ended),
            Self::WithFlowOuts => share(answered_in_time, ended + counts.flowed_out),
            Self::WithoutShortAbandons => {
                share(answered_in_time, ended.saturating_sub(counts.abandoned_short))
            }
            Self::LeftInTime => {
                share(answered_in_time + counts.abandoned_in_time + counts.flowed_out_in_time, offered)
            }
        }
    }
}

/// Average handling time (AHT): talk, hold and wrap-up of the handled, per handled interaction.
pub fn average_handling(talk: u64, hold: u64, wrap_up: u64, handled: u64) -> Option<f64> {
    share(talk + hold + wrap_up, handled)
}

/// Average speed of answer (ASA): the wait of those who reached an agent, per answered interaction.
pub fn average_speed_of_answer(waits: u64, answered: u64) -> Option<f64> {
    share(waits, answered)
}

/// Who gave up, of those offered; who left to be called back is neither.
pub fn abandon_rate(abandoned: u64, offered: u64, callbacks: u64) -> Option<f64> {
    share(abandoned, offered.saturating_sub(callbacks))
}

/// Share of the time available for work that went into work, by the clock: two chats at once are one hour an hour.
pub fn occupancy(handling: u64, idle: u64) -> Option<f64> {
    share(handling, handling + idle)
}

/// Share of the scheduled time spent in the state that was scheduled.
pub fn adherence(in_scheduled_state: u64, scheduled: u64) -> Option<f64> {
    share(in_scheduled_state, scheduled)
}

/// Time worked against time scheduled, whenever it was; may exceed 1.
pub fn conformance(worked: u64, scheduled: u64) -> Option<f64> {
    share(worked, scheduled)
}

/// How many to schedule so that `needed` are at work when the share `shrinkage` of paid time goes elsewhere.
/// `None` when nobody would be left.
pub fn scheduled_for(needed: f64, shrinkage: f64) -> Option<f64> {
    (0.0..1.0).contains(&shrinkage).then(|| needed / (1.0 - shrinkage))
}

/// Net promoter score, -100 to 100: percent of 9 and 10 minus percent of 0 to 6, of answers 0 to 10. Other answers
/// do not count.
pub fn net_promoter_score(answers: &[u8]) -> Option<f64> {
    let answers = answers.iter().filter(|answer| **answer <= 10);
    let (all, promoters, detractors) = answers.fold((0_u32, 0_i32, 0_i32), |(all, up, down), answer| {
        (all + 1, up + i32::from(*answer >= 9), down + i32::from(*answer <= 6))
    });
    (all > 0).then(|| f64::from(promoters - detractors) * 100.0 / f64::from(all))
}

/// Customer satisfaction (CSAT): share of 4 and 5 among answers 1 to 5. Other answers do not count.
pub fn customer_satisfaction(answers: &[u8]) -> Option<f64> {
    let valid = answers.iter().filter(|answer| (1..=5).contains(*answer));
    let (all, satisfied) =
        valid.fold((0, 0), |(all, good), answer| (all + 1, good + u64::from(*answer >= 4)));
    share(satisfied, all)
}

/// Customer effort score (CES): mean of answers 1 to 7. Other answers do not count.
pub fn customer_effort(answers: &[u8]) -> Option<f64> {
    let valid = answers.iter().filter(|answer| (1..=7).contains(*answer));
    let (all, sum) = valid.fold((0, 0), |(all, sum), answer| (all + 1, sum + u64::from(*answer)));
    share(sum, all)
}

/// How a case went on, for [`first_contact_resolution`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseOutcome {
    /// When it was resolved, if it was.
    pub resolved_at: Option<i64>,
    /// When the customer next came back about it, if they did.
    pub came_back_at: Option<i64>,
}

/// First-contact resolution (FCR): cases resolved without a further interaction within `quiet` milliseconds, of all
/// cases.
pub fn first_contact_resolution(cases: &[CaseOutcome], quiet: i64) -> Option<f64> {
    let kept = cases.iter().filter(|case| match (case.resolved_at, case.came_back_at) {
        (Some(resolved), Some(back)) => back - resolved > quiet,
        (Some(_), None) => true,
        (None, _) => false,
    });
    share(kept.count() as u64, cases.len() as u64)
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
#[path = "kpi_tests.rs"]
mod tests;
