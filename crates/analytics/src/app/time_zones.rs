//! The time zone of each tenant, asked of the directory and remembered.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use chassis::Peers;
use contract::directory::v1::{GetCentreRequest, directory_service_client::DirectoryServiceClient};
use jiff::tz::TimeZone;

use crate::config::Config;

/// How long the directory may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long to leave the directory alone after it did not answer.
const AGAIN_AFTER: Duration = Duration::from_secs(20);
/// Tenants remembered; more are asked for each time.
const MOST_TENANTS: usize = 10_000;

/// Knows time zones. Cheap to clone.
#[derive(Clone)]
pub struct TimeZones {
    peers: Peers,
    default: TimeZone,
    keeps: Duration,
    known: Arc<Mutex<BTreeMap<String, Known>>>,
}

#[derive(Clone)]
struct Known {
    zone: TimeZone,
    until: Instant,
}

impl TimeZones {
    /// Asks `peers`; what they do not know is as `config` says.
    pub fn new(peers: Peers, config: &Config) -> Self {
        Self {
            peers,
            default: config.time_zone.clone(),
            keeps: config.time_zone_keeps.0,
            known: Arc::default(),
        }
    }

    /// The time zone of `tenant`: the directory's word, else the last one it gave, else the default.
    pub async fn of(&self, tenant: &str) -> TimeZone {
        let known = self.lock().get(tenant).cloned();
        if let Some(known) = &known
            && known.until > Instant::now()
        {
            return known.zone.clone();
        }
        let (zone, keeps) = match self.ask(tenant).await {
            Some(zone) => (zone, self.keeps),
            None => {
                (known.map_or_else(|| self.default.clone(), |known| known.zone), AGAIN_AFTER.min(self.keeps))
            }
        };
        let mut all = self.lock();
        if all.len() < MOST_TENANTS || all.contains_key(tenant) {
            all.insert(tenant.to_owned(), Known { zone: zone.clone(), until: Instant::now() + keeps });
        }
        zone
    }

    async fn ask(&self, tenant: &str) -> Option<TimeZone> {
        let mut directory = DirectoryServiceClient::new(self.peers.of("directory", tenant))
            .max_decoding_message_size(64 << 20);
        let answer = tokio::time::timeout(PATIENCE, directory.get_centre(GetCentreRequest {})).await;
        let centre = match answer {
            Ok(Ok(answer)) => answer.into_inner().centre,
            Ok(Err(error)) => {
                tracing::debug!(%error, "the directory does not tell the time zone");
                None
            }
            Err(_) => None,
        };
        let name = centre?.tenant?.time_zone;
        if name.is_empty() {
            return Some(self.default.clone());
        }
        TimeZone::get(&name).inspect_err(|error| tracing::warn!(%error, "unknown time zone")).ok()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
