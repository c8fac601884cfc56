//! Whether hours are open, as the directory said: remembered until it says that they change, or that it has changed.
//!
//! While the directory is away its last answer is followed through its next change: a menu that keeps its hours beats
//! one that does not answer.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chassis::{ErrorKind, Failure, Peers};
use contract::{
    Envelope, Event, Timestamp,
    directory::v1::{CheckHoursRequest, directory_service_client::DirectoryServiceClient},
};
use tonic::{Code, Status};

use crate::{config::Config, metrics::HOURS};

/// Most answers remembered.
const MAX_ANSWERS: usize = 65_536;

/// Why it is not known whether hours are open.
#[derive(Debug, thiserror::Error)]
pub enum HoursError {
    /// They were removed from the directory, but a flow still asks for them.
    #[error("there are no hours {0:?}")]
    NotFound(String),
    /// The directory is away, and never said.
    #[error("the opening hours can't be told now")]
    Unavailable(#[source] Box<Status>),
}

impl Failure for HoursError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound(_) => ErrorKind::Precondition { reason: "HOURS_GONE" },
            Self::Unavailable(_) => ErrorKind::Unavailable,
        }
    }
}

/// An answer of the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Answer {
    open: bool,
    changes_at: Option<Timestamp>,
    asked_at: Timestamp,
    /// Something in the directory has changed since.
    doubtful: bool,
}

impl Answer {
    /// The answer, while it is taken for granted.
    fn fresh(&self, now: Timestamp, ttl_ms: i64) -> Option<bool> {
        let changed = self.changes_at.is_some_and(|change| change <= now);
        (!self.doubtful && !changed && now - self.asked_at < ttl_ms).then_some(self.open)
    }

    /// What it says about a later moment, as far as it goes: to its next change, and `for_ms` beyond.
    fn followed(&self, now: Timestamp, for_ms: i64) -> Option<bool> {
        match self.changes_at {
            Some(change) if change <= now => (now - change < for_ms).then_some(!self.open),
            Some(_) => Some(self.open),
            None => (now - self.asked_at < for_ms).then_some(self.open),
        }
    }
}

/// The answers so far.
pub struct HoursCache {
    peers: Peers,
    ttl_ms: i64,
    stale_for_ms: i64,
    answers: Mutex<BTreeMap<(String, String), Answer>>,
}

impl HoursCache {
    /// Knows nothing yet.
    pub fn new(config: &Config, peers: Peers) -> Self {
        Self {
            peers,
            ttl_ms: config.hours_ttl.as_millis(),
            stale_for_ms: config.hours_stale_for.as_millis(),
            answers: Mutex::default(),
        }
    }

    /// Whether these hours of `tenant` are open.
    pub async fn is_open(&self, now: Timestamp, tenant: &str, hours: &str) -> Result<bool, HoursError> {
        let key = (tenant.to_owned(), hours.to_owned());
        let known = self.answers().get(&key).copied();
        if let Some(open) = known.and_then(|answer| answer.fresh(now, self.ttl_ms)) {
            HOURS.with_label_values(&["cache"]).inc();
            return Ok(open);
        }
        let request = CheckHoursRequest { hours: hours.to_owned(), at: Some(now.to_proto()) };
        let mut directory = DirectoryServiceClient::new(self.peers.of("directory", tenant));
        match directory.check_hours(request).await {
            Ok(response) => {
                let response = response.into_inner();
                let changes_at = response.changes_at.map(Timestamp::from);
                self.put(key, Answer { open: response.open, changes_at, asked_at: now, doubtful: false });
                HOURS.with_label_values(&["directory"]).inc();
                Ok(response.open)
            }
            Err(status) if status.code() == Code::NotFound => {
                self.answers().remove(&key);
                Err(HoursError::NotFound(hours.to_owned()))
            }
            Err(status) => {
                let open = known.and_then(|answer| answer.followed(now, self.stale_for_ms));
                let open = open.ok_or_else(|| HoursError::Unavailable(Box::new(status)))?;
                HOURS.with_label_values(&["stale"]).inc();
                tracing::warn!(
                    tenant.id = tenant,
                    hours,
                    "the directory is away, its last answer is followed"
                );
                Ok(open)
            }
        }
    }

    /// Doubts what a change of the directory may have changed.
    pub fn heard(&self, envelope: &Envelope) {
        let Event::DirectoryChanged(changed) = &envelope.event else { return };
        let of_all = changed.paths.iter().any(|path| path.starts_with("tenant/"));
        for ((tenant, hours), answer) in self.answers().iter_mut() {
            let named = || changed.paths.iter().any(|path| path.strip_prefix("hours/") == Some(hours));
            if *tenant == envelope.tenant_id && (of_all || named()) {
                answer.doubtful = true;
            }
        }
    }

    fn put(&self, key: (String, String), answer: Answer) {
        let mut answers = self.answers();
        if answers.len() >= MAX_ANSWERS {
            answers.clear();
        }
        answers.insert(key, answer);
    }

    fn answers(&self) -> MutexGuard<'_, BTreeMap<(String, String), Answer>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use contract::Timestamp;

    use super::Answer;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn open_until(change: i64) -> Answer {
        Answer { open: true, changes_at: Some(at(change)), asked_at: at(0), doubtful: false }
    }

    #[test]
    fn an_answer_is_good_until_it_changes_grows_old_or_is_doubted() {
        assert_eq!(open_until(50).fresh(at(49), 1_000), Some(true));
        assert_eq!(open_until(50).fresh(at(50), 1_000), None);
        assert_eq!(open_until(5_000).fresh(at(1_000), 1_000), None);
        assert_eq!(Answer { doubtful: true, ..open_until(50) }.fresh(at(1), 1_000), None);
    }

    #[test]
    fn the_last_answer_is_followed_through_its_change_for_a_while() {
        assert_eq!(open_until(50).followed(at(49), 1_000), Some(true));
        assert_eq!(open_until(50).followed(at(50), 1_000), Some(false));
        assert_eq!(open_until(50).followed(at(1_050), 1_000), None);
        let always = Answer { changes_at: None, ..open_until(0) };
        assert_eq!(always.followed(at(999), 1_000), Some(true));
        assert_eq!(always.followed(at(1_000), 1_000), None);
    }
}
