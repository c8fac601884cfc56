//! How each centre stands: kept in memory, always made of the rows, so that every replica and every restart shows the
//! same. Answers `GetLive`.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use chassis::{Clock, Db, TxError};
use contract::Timestamp;
use sqlx::PgConnection;
use tokio::sync::{Mutex, watch};

use super::{day::start_of_day, time_zones::TimeZones};
use crate::{
    core::live::{Live, View},
    metrics,
    store::{agents, interactions, profiles, queues},
};

/// The rows of a centre are read at most this often.
const AT_MOST_EVERY: Duration = Duration::from_millis(100);
/// News that another replica recorded are seen after this long.
const AT_LEAST_EVERY: Duration = Duration::from_millis(900);
/// A centre nobody asked about for this long is forgotten; the next who asks waits for the rows.
const FORGET_AFTER: Duration = Duration::from_mins(10);

/// The live figures of all tenants. Cheap to clone.
#[derive(Clone)]
pub struct Board {
    db: Db,
    clock: Clock,
    zones: TimeZones,
    centres: Arc<std::sync::Mutex<BTreeMap<String, Seat>>>,
    /// Counts batches of facts recorded here.
    news: Arc<watch::Sender<u64>>,
}

struct Seat {
    centre: Arc<Mutex<Centre>>,
    asked_at: Instant,
}

#[derive(Default)]
struct Centre {
    live: Option<Live>,
    /// Newest revisions read.
    seen: Seen,
    read_at: Option<Instant>,
    /// The news known when the rows were read.
    read_news: u64,
}

#[derive(Clone, Copy, Default)]
struct Seen {
    interactions: i64,
    agents: i64,
    queues: i64,
    profiles: i64,
}

impl Board {
    /// A board on the rows of `db`.
    pub fn new(db: Db, clock: Clock, zones: TimeZones) -> Self {
        Self { db, clock, zones, centres: Arc::default(), news: Arc::new(watch::channel(0).0) }
    }

    /// Tells that facts were recorded here.
    pub fn poke(&self) {
        self.news.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Changes when facts were recorded here.
    pub fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// How the centre of `tenant` stands: everything recorded here before the call is in it.
    ///
    /// What was begun is finished, even when the caller has gone: reading a long day again and again for callers
    /// without patience would never end.
    pub async fn view(&self, tenant: &str) -> Result<(Timestamp, View), TxError> {
        let board = self.clone();
        let tenant = tenant.to_owned();
        let reading = tokio::spawn(async move { board.read(&tenant).await });
        reading.await.unwrap_or(Err(TxError::Database(sqlx::Error::WorkerCrashed)))
    }

    async fn read(&self, tenant: &str) -> Result<(Timestamp, View), TxError> {
        let zone = self.zones.of(tenant).await;
        let centre = self.seat(tenant);
        let mut centre = centre.lock().await;
        let age = centre.read_at.map(|read_at| read_at.elapsed());
        let stale = centre.read_news != *self.news.borrow() || age.is_none_or(|age| age >= AT_LEAST_EVERY);
        if stale {
            // Whoever waits for the lock meanwhile gets what is read now.
            tokio::time::sleep(age.map_or(Duration::ZERO, |age| AT_MOST_EVERY.saturating_sub(age))).await;
        }
        let now = self.clock.now();
        let day = start_of_day(now, &zone);
        let moved = centre.live.as_ref().is_none_or(|live| live.day() != day);
        if stale || moved {
            let news = *self.news.borrow();
            let mut tx = self.db.begin(tenant).await?;
            centre.refresh(tx.conn(), tenant, day).await?;
            centre.read_at = Some(Instant::now());
            centre.read_news = news;
        }
        Ok((now, centre.live.as_ref().map(Live::view).unwrap_or_default()))
    }

    fn seat(&self, tenant: &str) -> Arc<Mutex<Centre>> {
        let mut centres = self.centres.lock().unwrap_or_else(PoisonError::into_inner);
        if !centres.contains_key(tenant) {
            centres.retain(|_, seat| seat.asked_at.elapsed() < FORGET_AFTER);
        }
        let seat = centres
            .entry(tenant.to_owned())
            .or_insert_with(|| Seat { centre: Arc::default(), asked_at: Instant::now() });
        seat.asked_at = Instant::now();
        Arc::clone(&seat.centre)
    }
}

impl Centre {
    /// Reads what changed; everything, when it is the first time or the day moved back.
    async fn refresh(
        &mut self,
        rows: &mut PgConnection,
        tenant: &str,
        day: Timestamp,
    ) -> Result<(), TxError> {
        match &mut self.live {
            Some(live) if live.day() == day => {}
            Some(live) if live.day() < day => live.begin_day(day),
            _ => {
                // Left empty on failure, so that the next try starts from the rows again.
                self.live = None;
                self.seen = Seen::default();
                let mut live = Live::new(day);
                self.seen.interactions = interactions::newest_revision(rows, tenant).await?;
                interactions::each_since(rows, tenant, day, |id, figures| live.put_interaction(id, figures))
                    .await?;
                metrics::REBUILDS.with_label_values(&[] as &[&str]).inc();
                tracing::info!(tenant, interactions = live.len(), "live figures rebuilt");
                self.live = Some(live);
            }
        }
        let Some(live) = &mut self.live else { return Ok(()) };
        let (news, newest) = queues::after(rows, tenant, self.seen.queues).await?;
        for (key, queue) in news {
            live.put_queue(&key, queue);
        }
        self.seen.queues = newest;
        let (news, newest) = profiles::after(rows, tenant, self.seen.profiles).await?;
        for (key, queues) in news {
            live.put_profile(&key, queues);
        }
        self.seen.profiles = newest;
        let (news, newest) = agents::after(rows, tenant, self.seen.agents).await?;
        for (key, agent) in news {
            live.put_agent(&key, agent);
        }
        self.seen.agents = newest;
        let after = self.seen.interactions;
        self.seen.interactions =
            interactions::each_after(rows, tenant, after, |id, figures| live.put_interaction(id, figures))
                .await?;
        Ok(())
    }
}
