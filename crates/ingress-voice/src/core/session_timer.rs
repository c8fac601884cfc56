//! Session timers (RFC 4028): both ends agree how often one of them shows a sign of life, so that a call whose BYE was
//! lost ends by itself.
//!
//! - V14: a call with a timer ends when its sign of life does not come, and never while it comes.

use std::{fmt::Write as _, time::Duration};

/// Who shows the sign of life, as seen by the request that is being answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresher {
    /// Who sent the request.
    Uac,
    /// Who answers it.
    Uas,
}

/// `Session-Expires`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionExpires {
    /// Until the next sign of life.
    pub seconds: u32,
    /// Whose it is, if that is said.
    pub refresher: Option<Refresher>,
}

impl SessionExpires {
    /// Reads `1800;refresher=uac`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let seconds = parts.next()?.parse().ok()?;
        let refresher = parts.filter_map(|part| part.split_once('=')).find_map(|(key, value)| {
            let is = |wanted: &str, text: &str| text.trim().eq_ignore_ascii_case(wanted);
            match (is("refresher", key), is("uac", value), is("uas", value)) {
                (true, true, _) => Some(Refresher::Uac),
                (true, _, true) => Some(Refresher::Uas),
                _ => None,
            }
        });
        Some(Self { seconds, refresher })
    }

    /// As it is written.
    #[must_use]
    pub fn text(self) -> String {
        let mut text = self.seconds.to_string();
        if let Some(refresher) = self.refresher {
            let _ = write!(text, ";refresher={}", if refresher == Refresher::Uac { "uac" } else { "uas" });
        }
        text
    }
}

/// What was agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionTimer {
    /// Between two signs of life.
    pub seconds: u32,
    /// They are ours to give.
    pub ours: bool,
}

impl SessionTimer {
    /// When to do something: to give a sign of life, or to hang up because none came (§10).
    #[must_use]
    pub fn due(self) -> Duration {
        let seconds = u64::from(self.seconds);
        let millis =
            if self.ours { seconds * 500 } else { seconds * 1_000 - (seconds * 1_000 / 3).min(32_000) };
        Duration::from_millis(millis)
    }
}

/// What to answer to a request that creates or refreshes a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// No timer.
    Without,
    /// The interval is below our minimum: 422.
    TooBrief,
    /// A timer: the header of the answer, and whether it must say `Require: timer`.
    With { header: SessionExpires, timer: SessionTimer, require: bool },
}

/// Decides for the one who answers. `supported`: the other end knows timers; `minimum`: ours, in seconds.
#[must_use]
pub fn answer(wanted: Option<SessionExpires>, supported: bool, minimum: u32) -> Answer {
    let Some(wanted) = wanted else { return Answer::Without };
    if wanted.seconds < minimum {
        return Answer::TooBrief;
    }
    // Whoever does not know timers can't refresh: then we do (§9, table 2).
    let refresher = match (wanted.refresher, supported) {
        (Some(refresher), true) => refresher,
        (None, true) => Refresher::Uac,
        (_, false) => Refresher::Uas,
    };
    let header = SessionExpires { seconds: wanted.seconds, refresher: Some(refresher) };
    let timer = SessionTimer { seconds: wanted.seconds, ours: refresher == Refresher::Uas };
    Answer::With { header, timer, require: refresher == Refresher::Uac }
}

/// What the one who asked reads from the answer. None: the other end has no timer.
#[must_use]
pub fn answered(header: Option<SessionExpires>) -> Option<SessionTimer> {
    let header = header.filter(|header| header.seconds > 0)?;
    Some(SessionTimer { seconds: header.seconds, ours: header.refresher != Some(Refresher::Uas) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "as the callers take it")]
    fn wanted(text: &str) -> Option<SessionExpires> {
        Some(SessionExpires::parse(text).unwrap())
    }

    #[test]
    fn the_header_is_read_and_written() {
        for text in ["1800", "90;refresher=uac", "90;refresher=uas"] {
            assert_eq!(SessionExpires::parse(text).unwrap().text(), text);
        }
        assert_eq!(SessionExpires::parse(" 90 ; Refresher = UAC;x=y").unwrap().text(), "90;refresher=uac");
        assert_eq!(SessionExpires::parse("soon"), None);
    }

    #[test]
    fn whoever_asks_refreshes_unless_they_say_otherwise_or_can_not() {
        let ours = |wanted_text, supported| match answer(wanted(wanted_text), supported, 90) {
            Answer::With { timer, require, .. } => (timer.ours, require),
            other => panic!("{other:?}"),
        };

        assert_eq!(ours("1800", true), (false, true));
        assert_eq!(ours("1800;refresher=uas", true), (true, false));
        assert_eq!(ours("1800", false), (true, false));
        assert_eq!(answer(wanted("30"), true, 90), Answer::TooBrief);
        assert_eq!(answer(None, true, 90), Answer::Without);
    }

    #[test]
    fn we_refresh_at_half_time_and_hang_up_a_little_before_the_end() {
        let due = |seconds, ours| SessionTimer { seconds, ours }.due().as_secs();

        assert_eq!((due(1_800, true), due(1_800, false), due(90, false)), (900, 1_768, 60));
        assert_eq!(answered(wanted("90;refresher=uas")), Some(SessionTimer { seconds: 90, ours: false }));
        assert_eq!(answered(wanted("90")), Some(SessionTimer { seconds: 90, ours: true }));
        assert_eq!(answered(None), None);
    }
}
