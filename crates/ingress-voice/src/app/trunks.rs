//! Trunks at work: who carries a call, which of them answer, and who may call in.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use rsipstack::sip::Transport;
use thiserror::Error;
use tokio_util::task::TaskTracker;

use super::{
    Voice,
    trunk_registration::{Registered, Standing},
};
use crate::{
    config::TrunkConfig,
    core::{
        srtp::Terms,
        trunk::{Candidate, Health, Rate, caller_id as shown, is_failover, may_call, order},
    },
    metrics,
    sip::{
        digest::{Authorization, DigestError, Ha1},
        ring::PickedUp,
        signalling::Signalling,
        trunk::{Invite, Refused},
    },
};

/// Longest time somebody's phone rings.
const RING_LIMIT: Duration = Duration::from_secs(90);
/// Agents whose calls are counted at once.
const COUNTED: usize = 100_000;
const MINUTE_MS: i64 = 60_000;
const SECOND_MS: i64 = 1_000;

/// A trunk and what it does now.
pub struct Trunk {
    pub config: TrunkConfig,
    live: AtomicUsize,
    health: Mutex<Health>,
    rate: Mutex<Rate>,
    registered: Mutex<Registered>,
}

/// A call's place on a trunk; free again when dropped.
pub struct TrunkPlace(Arc<Trunk>);

impl Drop for TrunkPlace {
    fn drop(&mut self) {
        self.0.live.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Trunk {
    fn new(config: TrunkConfig) -> Self {
        let standing = if config.register { Standing::Pending } else { Standing::None };
        Self {
            config,
            live: AtomicUsize::new(0),
            health: Mutex::default(),
            rate: Mutex::default(),
            registered: Mutex::new(Registered { standing, ..Registered::default() }),
        }
    }

    /// One that refuses to sign us in does not take our calls either, most likely.
    fn is_up(&self) -> bool {
        self.answers() && matches!(lock(&self.registered).standing, Standing::None | Standing::SignedIn)
    }

    /// Whether it answers its pings, or is not pinged.
    #[must_use]
    pub fn answers(&self) -> bool {
        lock(&self.health).is_up()
    }

    /// Calls it carries now.
    #[must_use]
    pub fn live(&self) -> usize {
        self.live.load(Ordering::Relaxed)
    }

    /// How its registration stands.
    #[must_use]
    pub fn registered(&self) -> Registered {
        lock(&self.registered).clone()
    }

    /// Changes that; how it stood before, and how it stands now.
    pub(super) fn change_registered(&self, change: impl FnOnce(&mut Registered)) -> (Standing, Standing) {
        let mut registered = lock(&self.registered);
        let before = registered.standing;
        change(&mut registered);
        (before, registered.standing)
    }

    /// Whether its calls come from there: from its networks, or from where we are signed in.
    fn owns(&self, address: IpAddr) -> bool {
        self.config.owns(address) || lock(&self.registered).address == Some(address)
    }

    /// Takes a ping's outcome.
    pub fn pinged(&self, answered: bool) {
        let mut health = lock(&self.health);
        if health.pinged(answered) {
            tracing::warn!(trunk = self.config.name, up = health.is_up(), "a trunk changed its health");
        }
        metrics::TRUNK_UP.with_label_values(&[self.config.name.as_str()]).set(i64::from(health.is_up()));
    }

    /// Takes a place, unless all are taken.
    fn place(self: &Arc<Self>) -> Option<TrunkPlace> {
        let more = |live| (live < self.config.max_calls).then_some(live + 1);
        self.live.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(TrunkPlace(Arc::clone(self)))
    }

    fn takes(&self, number: &str) -> bool {
        let prefixes = &self.config.prefixes;
        prefixes.is_empty() || prefixes.iter().any(|prefix| number.starts_with(prefix.as_str()))
    }
}

/// All trunks, and how often agents call out.
pub struct Trunks {
    pub all: Vec<Arc<Trunk>>,
    /// Those that keep registrations; they end by giving them up.
    pub signed_in: TaskTracker,
    dialled: Mutex<HashMap<String, Rate>>,
}

impl Trunks {
    /// The configured ones.
    #[must_use]
    pub fn new(configs: &[TrunkConfig]) -> Self {
        let all = configs.iter().cloned().map(|config| Arc::new(Trunk::new(config))).collect();
        Self { all, signed_in: TaskTracker::new(), dialled: Mutex::default() }
    }
}

/// Why a number is not called.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DialRefusal {
    /// V9.
    #[error("calls to this number are not allowed")]
    NotAllowed,
    /// The agent calls too often.
    #[error("too many calls within a minute")]
    TooMany,
}

/// Why a call did not come about.
#[derive(Debug, Error)]
pub enum TrunkError {
    /// V9.
    #[error("{0}")]
    Refusal(#[from] DialRefusal),
    /// No trunk takes it, or all are full.
    #[error("no trunk takes the call now")]
    NoTrunk,
    /// The last answer.
    #[error("{0}")]
    Refused(Refused),
}

/// Why somebody may not call in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum StrangerError {
    /// Neither the address nor a password is known.
    #[error("the caller must sign in")]
    Challenge {
        /// The password may be right, the nonce is too old.
        stale: bool,
    },
    /// The trunk has as many calls as it may.
    #[error("the trunk is full")]
    Full,
}

impl Voice {
    /// Whether `actor` may have this number called now; counts it if so.
    pub fn may_dial(&self, tenant: &str, actor: &str, number: &str) -> Result<(), DialRefusal> {
        if !may_call(number, &self.config.dial_allowed, &self.config.dial_denied) {
            metrics::DIALS.with_label_values(&["not_allowed"]).inc();
            return Err(DialRefusal::NotAllowed);
        }
        let now = self.clock.now().as_millis();
        let mut dialled = lock(&self.trunks.dialled);
        if dialled.len() >= COUNTED {
            dialled.retain(|_, rate| !rate.is_idle(now, MINUTE_MS));
        }
        let rate = dialled.entry(format!("{tenant} {actor}")).or_default();
        if rate.take(now, self.config.dial_per_minute, MINUTE_MS) {
            return Ok(());
        }
        metrics::DIALS.with_label_values(&["too_many"]).inc();
        Err(DialRefusal::TooMany)
    }

    /// The trunks for a number, in the order they are tried.
    fn route(&self, number: &str) -> Vec<Arc<Trunk>> {
        let takers: Vec<&Arc<Trunk>> = self.trunks.all.iter().filter(|trunk| trunk.takes(number)).collect();
        let candidates: Vec<Candidate> = takers
            .iter()
            .map(|trunk| Candidate {
                priority: trunk.config.priority,
                weight: trunk.config.weight,
                up: trunk.is_up(),
            })
            .collect();
        let tried = order(&candidates, |below| rand::random_range(0..below));
        tried.into_iter().map(|index| Arc::clone(takers[index])).collect()
    }

    /// Calls a number over the first trunk that can. `offer` describes our audio, encrypted or plain, as the trunk at an address
    /// reaches it.
    pub async fn call_number(
        &self,
        number: &str,
        caller_id: &str,
        interaction_id: &str,
        mut offer: impl FnMut(IpAddr, bool) -> Result<String, String>,
    ) -> Result<(PickedUp, TrunkPlace), TrunkError> {
        if !may_call(number, &self.config.dial_allowed, &self.config.dial_denied) {
            return Err(DialRefusal::NotAllowed.into());
        }
        let mut last = TrunkError::NoTrunk;
        for trunk in self.route(number) {
            let now = self.clock.now().as_millis();
            let Some(place) = trunk.place() else { continue };
            if !lock(&trunk.rate).take(now, trunk.config.calls_per_second, SECOND_MS) {
                continue;
            }
            let invite = Invite {
                stack: &self.stack,
                trunk: &trunk.config,
                number,
                caller_id: shown(caller_id, number, &trunk.config.caller_ids),
                interaction_id,
                session_seconds: self.config.session_seconds(),
                terms: self.terms_with_trunk(&trunk.config),
                no_answer: self.config.trunk_patience.0,
            };
            let outcome = tokio::time::timeout(RING_LIMIT, invite.send(&mut offer)).await;
            let outcome = outcome.unwrap_or_else(|_| Err(Refused::new(Some(408), "nobody picked up")));
            match outcome {
                Ok(picked_up) => {
                    metrics::DIALS.with_label_values(&["answered"]).inc();
                    return Ok((picked_up, place));
                }
                Err(refused) => {
                    tracing::info!(
                        trunk = trunk.config.name,
                        detail = refused.detail,
                        "a trunk did not connect"
                    );
                    if refused.code.is_none() {
                        trunk.pinged(false);
                    }
                    let next = is_failover(refused.code) && !refused.rang;
                    last = TrunkError::Refused(refused);
                    if !next {
                        break;
                    }
                    metrics::DIALS.with_label_values(&["failover"]).inc();
                }
            }
        }
        metrics::DIALS.with_label_values(&["failed"]).inc();
        Err(last)
    }

    /// What audio may be agreed on with whoever calls from there: by the trunk's word if it is one, else as with phones.
    #[must_use]
    pub fn terms(&self, address: IpAddr, transport: Transport) -> Terms {
        let tls = transport == Transport::Tls;
        let trunk = self.trunks.all.iter().find(|trunk| trunk.owns(address));
        match trunk {
            Some(trunk) => Terms { tls, ..self.terms_with_trunk(&trunk.config) },
            None => Terms { tls, ..self.terms_with_phones() },
        }
    }

    /// The same for phones, but for what each of them is rung over.
    #[must_use]
    pub fn terms_with_phones(&self) -> Terms {
        Terms { srtp: self.config.srtp, tls: false, keys_in_clear: self.config.srtp_keys_in_clear }
    }

    fn terms_with_trunk(&self, trunk: &TrunkConfig) -> Terms {
        let tls = trunk.transport == Signalling::Tls;
        Terms { srtp: trunk.srtp, tls, keys_in_clear: self.config.srtp_keys_in_clear }
    }

    /// Whether a call from `address` may come in; with its place on the trunk it came by, if it came by one.
    pub fn let_in(
        &self,
        address: IpAddr,
        authorization: Option<&str>,
    ) -> Result<Option<TrunkPlace>, StrangerError> {
        let by_address = self.trunks.all.iter().find(|trunk| trunk.owns(address));
        if let Some(trunk) = by_address {
            return trunk.place().map(Some).ok_or(StrangerError::Full);
        }
        if self.config.calls_from_anywhere {
            return Ok(None);
        }
        let challenge = StrangerError::Challenge { stale: false };
        let authorization = authorization.ok_or(challenge)?;
        let authorization = Authorization::parse(authorization).map_err(|_| challenge)?;
        let named = |trunk: &&Arc<Trunk>| {
            !trunk.config.username.is_empty() && trunk.config.username == authorization.username
        };
        let trunk = self.trunks.all.iter().find(named).ok_or(challenge)?;
        let password = trunk.config.password_file.as_ref().ok_or(challenge)?;
        let ha1 = Ha1::of(&trunk.config.username, password.reveal());
        let now = self.clock.now().as_millis();
        match self.challenger.verify(&authorization, "INVITE", &ha1, now) {
            Ok(()) => trunk.place().map(Some).ok_or(StrangerError::Full),
            Err(DigestError::Stale) => Err(StrangerError::Challenge { stale: true }),
            Err(_) => Err(challenge),
        }
    }

    /// Signs in with the trunks that want it and pings those that are to be pinged, until the process ends.
    pub async fn keep_trunks(self: Arc<Self>) -> anyhow::Result<()> {
        for trunk in &self.trunks.all {
            metrics::TRUNK_UP.with_label_values(&[trunk.config.name.as_str()]).set(1);
            if trunk.config.register {
                self.trunks.signed_in.spawn(Arc::clone(&self).keep_signed_in(Arc::clone(trunk)));
            }
            if trunk.config.ping_every.0 > Duration::ZERO {
                let (voice, trunk) = (Arc::clone(&self), Arc::clone(trunk));
                tokio::spawn(async move {
                    while !voice.stopping.is_cancelled() {
                        trunk.pinged(crate::sip::trunk::ping(&voice.stack, &trunk.config).await);
                        tokio::time::sleep(trunk.config.ping_every.0).await;
                    }
                });
            }
        }
        // Held until the process ends, so that the task does not count as ended.
        std::future::pending().await
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
