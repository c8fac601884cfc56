//! Entry points, asked from the directory and remembered for a while.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use chassis::Peers;
use contract::{
    directory::v1::{EntryPoint, ResolveAddressRequest, directory_service_client::DirectoryServiceClient},
    interaction::v1::Channel,
};
use tonic::Code;

/// How long an answer is good; a change is told by an event and forgets it at once.
const GOOD_FOR: Duration = Duration::from_secs(30);
/// How long a "there is no such entry point" is good.
const ABSENT_FOR: Duration = Duration::from_secs(3);
/// Answers remembered at once.
const MAX_REMEMBERED: usize = 1_000;

/// Why an entry point can't be entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryPointError {
    /// Nobody owns it, or it is not for chats.
    #[error("there is no such chat entry point")]
    Unknown,
    /// The page that embeds the widget is not among the allowed ones.
    #[error("this page may not open chats here")]
    Origin,
    /// The directory is away.
    #[error("the centre can't be reached at the moment")]
    Away,
}

/// An entry point and its tenant.
#[derive(Clone, Debug)]
pub struct Entry {
    pub tenant: Arc<str>,
    pub entry_point: Arc<EntryPoint>,
}

struct Remembered {
    until: Instant,
    entry: Option<Entry>,
}

/// What is remembered.
#[derive(Default)]
pub struct EntryPoints(Mutex<HashMap<(String, String), Remembered>>);

impl EntryPoints {
    /// Finds an entry point by its key; `tenant` empty: of the only tenant that has it.
    pub async fn resolve(&self, peers: &Peers, tenant: &str, key: &str) -> Result<Entry, EntryPointError> {
        let name = (tenant.to_owned(), key.to_owned());
        let now = Instant::now();
        if let Some(known) = self.remembered(&name, now) {
            return known;
        }
        let request = ResolveAddressRequest {
            channel: Channel::Chat.into(),
            address: key.to_owned(),
            tenant_id: tenant.to_owned(),
        };
        let entry =
            match DirectoryServiceClient::new(peers.of("directory", tenant)).resolve_address(request).await {
                Ok(answer) => {
                    let answer = answer.into_inner();
                    let tenant: Arc<str> = answer.tenant_id.into();
                    answer
                        .entry_point
                        .filter(|entry_point| entry_point.channel() == Channel::Chat)
                        .map(|entry_point| Entry { tenant, entry_point: Arc::new(entry_point) })
                }
                Err(status) if matches!(status.code(), Code::NotFound | Code::InvalidArgument) => None,
                Err(status) => {
                    tracing::warn!(code = ?status.code(), "the directory does not answer");
                    return Err(EntryPointError::Away);
                }
            };
        self.remember(name, now, entry.clone());
        entry.ok_or(EntryPointError::Unknown)
    }

    /// Forgets everything of a tenant, and what was found without naming one.
    pub fn forget(&self, tenant: &str) {
        self.lock().retain(|(named, _), remembered| {
            let owner = remembered.entry.as_ref().map(|entry| &*entry.tenant);
            !(named == tenant || owner == Some(tenant) || remembered.entry.is_none())
        });
    }

    fn remembered(&self, name: &(String, String), now: Instant) -> Option<Result<Entry, EntryPointError>> {
        let remembered = self.lock();
        let found = remembered.get(name).filter(|found| found.until > now)?;
        Some(found.entry.clone().ok_or(EntryPointError::Unknown))
    }

    fn remember(&self, name: (String, String), now: Instant, entry: Option<Entry>) {
        let mut remembered = self.lock();
        if remembered.len() >= MAX_REMEMBERED {
            remembered.retain(|_, found| found.until > now);
            if remembered.len() >= MAX_REMEMBERED {
                remembered.clear();
            }
        }
        let until = now + if entry.is_some() { GOOD_FOR } else { ABSENT_FOR };
        remembered.insert(name, Remembered { until, entry });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(String, String), Remembered>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// Checks the page a browser names. Apps name none, and could name any.
    pub fn admit(&self, origin: Option<&str>) -> Result<(), EntryPointError> {
        let allowed = &self.entry_point.allowed_origins;
        let fits = |origin: &str| allowed.iter().any(|other| other.trim_end_matches('/') == origin);
        match origin {
            Some(origin) if !allowed.is_empty() && !fits(origin) => Err(EntryPointError::Origin),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use contract::directory::v1::EntryPoint;

    use super::{Entry, EntryPointError};

    #[test]
    fn a_page_that_is_not_allowed_may_not_open_chats() {
        let allowed_origins = vec!["https://shop.example".to_owned()];
        let entry = Entry {
            tenant: "demo".into(),
            entry_point: EntryPoint { allowed_origins, ..EntryPoint::default() }.into(),
        };

        assert_eq!(entry.admit(Some("https://shop.example")), Ok(()));
        assert_eq!(entry.admit(Some("https://shop.example.evil.test")), Err(EntryPointError::Origin));
        assert_eq!(entry.admit(Some("null")), Err(EntryPointError::Origin));
        assert_eq!(entry.admit(None), Ok(()));
    }
}
