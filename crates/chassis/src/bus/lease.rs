//! One holder at a time, without trusting clocks: a lease is over when nobody has seen it renewed for its whole span.

use std::time::{Duration, Instant};

use async_nats::jetstream::kv;
use contract::subject;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Bus, BusError};

/// A lease in the bucket [`subject::LEASES`].
#[derive(Clone)]
pub struct Lease {
    bus: Bus,
    key: String,
    ttl: Duration,
}

/// A lease in our hands. Dropping it stops the renewal, so that another takes over after the span.
pub struct Held {
    epoch: u64,
    lost: CancellationToken,
    store: kv::Store,
    key: String,
    _renewal: DropGuard,
}

impl Lease {
    pub(super) fn new(bus: Bus, key: &str, ttl: Duration) -> Self {
        Self { bus, key: key.to_owned(), ttl }
    }

    /// Waits until the lease is ours.
    ///
    /// A holder of our own instance name is an earlier life of this process: it is dead, and taken over at once.
    pub async fn acquire(&self) -> Held {
        loop {
            match self.wait_for_turn().await {
                Ok(held) => return held,
                Err(error) => {
                    tracing::debug!(
                        key = self.key,
                        error = &error as &dyn std::error::Error,
                        "waiting for a lease"
                    );
                    tokio::time::sleep(self.ttl / 4).await;
                }
            }
        }
    }

    async fn wait_for_turn(&self) -> Result<Held, BusError> {
        let store =
            self.bus.jetstream().get_key_value(subject::LEASES).await.map_err(BusError::unavailable)?;
        let holder = bytes::Bytes::from(self.bus.instance().to_owned());
        let mut seen: Option<(u64, Instant)> = None;
        loop {
            let attempted_at = Instant::now();
            let entry = store.entry(&self.key).await.map_err(BusError::unavailable)?;
            let revision = match entry {
                Some(entry) if entry.operation == kv::Operation::Put => {
                    let unchanged_since = match seen {
                        Some((revision, since)) if revision == entry.revision => since,
                        _ => Instant::now(),
                    };
                    seen = Some((entry.revision, unchanged_since));
                    if entry.value != holder && unchanged_since.elapsed() < self.ttl {
                        tokio::time::sleep(self.ttl / 6).await;
                        continue;
                    }
                    store.update(&self.key, holder.clone(), entry.revision).await.ok()
                }
                Some(entry) => store.update(&self.key, holder.clone(), entry.revision).await.ok(),
                None => store.create(&self.key, holder.clone()).await.ok(),
            };
            if let Some(epoch) = revision {
                tracing::info!(key = self.key, epoch, "lease taken");
                return Ok(self.hold(store, holder, epoch, attempted_at));
            }
        }
    }

    fn hold(&self, store: kv::Store, holder: bytes::Bytes, epoch: u64, since: Instant) -> Held {
        let lost = CancellationToken::new();
        let dropped = CancellationToken::new();
        let renewal = renew(
            store.clone(),
            self.key.clone(),
            holder,
            self.ttl,
            epoch,
            since,
            lost.clone(),
            dropped.clone(),
        );
        tokio::spawn(renewal);
        Held { epoch, lost, store, key: self.key.clone(), _renewal: dropped.drop_guard() }
    }
}

#[expect(clippy::too_many_arguments, reason = "a task's whole state, used once")]
async fn renew(
    store: kv::Store,
    key: String,
    holder: bytes::Bytes,
    ttl: Duration,
    mut revision: u64,
    mut renewed_at: Instant,
    lost: CancellationToken,
    dropped: CancellationToken,
) {
    loop {
        tokio::select! {
            () = dropped.cancelled() => return,
            () = tokio::time::sleep(ttl / 4) => {}
        }
        let attempted_at = Instant::now();
        let attempt = tokio::time::timeout(ttl / 3, store.update(&key, holder.clone(), revision)).await;
        match attempt {
            Ok(Ok(new)) => {
                revision = new;
                renewed_at = attempted_at;
            }
            Ok(Err(error)) if error.kind() == kv::UpdateErrorKind::WrongLastRevision => break,
            Ok(Err(_)) | Err(_) => {
                // An update whose answer was lost has moved the revision: look.
                if let Ok(Ok(Some(entry))) = tokio::time::timeout(ttl / 3, store.entry(&key)).await {
                    if entry.value == holder && entry.operation == kv::Operation::Put {
                        revision = entry.revision;
                    } else {
                        break;
                    }
                }
            }
        }
        if renewed_at.elapsed() > ttl * 4 / 5 {
            break;
        }
    }
    tracing::warn!(key, "lease lost");
    lost.cancel();
}

impl Held {
    /// Grows with every holder: a fencing token.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Resolves when the lease is no longer ours.
    pub async fn lost(&self) {
        self.lost.cancelled().await;
    }

    /// True once the lease is no longer ours.
    pub fn is_lost(&self) -> bool {
        self.lost.is_cancelled()
    }

    /// Gives the lease up, so that another may take it at once.
    pub async fn release(self) {
        if !self.is_lost()
            && let Err(error) = self.store.delete(&self.key).await
        {
            tracing::debug!(key = self.key, %error, "a lease runs out by itself");
        }
    }
}
