//! What sign-in, renewal and sign-out share: the way to the directory, limits, and renewals of a moment ago.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chassis::{Clock, Peers};
use contract::directory::v1::{Session, session_service_client::SessionServiceClient};
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;
use tonic::transport::Channel;

use crate::core::{rate_limit::RateLimit, recent::Recent};

/// Addresses and logins remembered for limits.
const REMEMBERED: usize = 20_000;
/// A renewal is answered again for this long: pages that load twice, and tabs that renew at once, show the same old token.
const REPEAT_MS: i64 = 20_000;
const REPEATS: usize = 10_000;

/// A renewal under way or done.
pub type Renewal = Arc<OnceCell<Session>>;

/// The edge's side of sessions.
#[derive(Clone)]
pub struct Sessions {
    pub peers: Peers,
    pub clock: Clock,
    limits: Arc<Mutex<Limits>>,
    renewals: Arc<Mutex<Recent<Renewal>>>,
}

/// Failed sign-ins a minute.
pub struct Limits {
    pub per_address: RateLimit,
    pub per_login: RateLimit,
}

impl Sessions {
    /// Allows so many failed sign-ins a minute.
    pub fn new(peers: Peers, clock: Clock, per_address: u32, per_login: u32) -> Self {
        let limits = Limits {
            per_address: RateLimit::new(per_address, REMEMBERED),
            per_login: RateLimit::new(per_login, REMEMBERED),
        };
        Self {
            peers,
            clock,
            limits: Arc::new(Mutex::new(limits)),
            renewals: Arc::new(Mutex::new(Recent::new(REPEAT_MS, REPEATS))),
        }
    }

    /// The directory's own service; it decides.
    pub fn directory(&self) -> SessionServiceClient<Channel> {
        SessionServiceClient::new(self.peers.channel("directory"))
    }

    /// The limits, for the moment.
    pub fn limits(&self) -> MutexGuard<'_, Limits> {
        self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The renewal of this refresh token: the one of a moment ago, or a new one.
    pub fn renewal(&self, refresh_token: &str) -> Renewal {
        let now = self.clock.now();
        let key = digest(refresh_token);
        let mut renewals = self.renewals.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(renewal) = renewals.get(now, &key) {
            return Arc::clone(renewal);
        }
        let renewal = Renewal::default();
        renewals.put(now, &key, Arc::clone(&renewal));
        renewal
    }

    /// The session of this refresh token is over: it is not renewed from memory.
    pub fn forget(&self, refresh_token: &str) {
        self.renewals.lock().unwrap_or_else(PoisonError::into_inner).remove(&digest(refresh_token));
    }
}

/// Tokens are remembered by their SHA-256 only.
fn digest(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().fold(String::new(), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}
