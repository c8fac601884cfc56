//! `WhatIf`: a span of the log is played again with other people, priorities and handling times.
//!
//! Customers arrive as they did. Who gave up does so after as long again; how long those who were answered would have waited
//! is drawn from what was seen (Kaplan and Meier), how long conversations of those who gave up would have lasted likewise, each
//! draw named by seed and interaction: the same request gives the same figures. The router that decides is the real core.

mod chance;
mod changes;
mod figures;
mod outcome;
mod patience;
mod play;
mod seen;
#[cfg(test)]
mod tests;

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use chassis::{Caller, Start};
use contract::{Event, Name, Timestamp, millis_of_duration, router::v1 as proto, subject};
use tokio::sync::mpsc;
use tonic::Status;

use super::{
    App, RequestError,
    past::{Facts, Past, PastError, UNREADABLE},
};
use changes::Changes;
use seen::Seen;

/// Span that is played when none is said, and the longest, milliseconds.
const A_DAY: i64 = 86_400_000;
const LONGEST: i64 = 31 * A_DAY;
/// Read before the span, so that it does not begin with empty queues.
const WARM_UP: i64 = 3_600_000;
/// Read after it, for how conversations that began in it ended.
const AFTERWARDS: i64 = 2 * 3_600_000;
/// Messages between two words of progress, and how far reading and each play count.
const TELL_EVERY: u64 = 5_000;
const TELL_AFTER: std::time::Duration = std::time::Duration::from_millis(300);
/// Share of reading the log in the progress.
const READING: f64 = 0.4;

/// Told to whoever asked.
type Told = Result<proto::WhatIfResponse, Status>;

/// One request on its way.
struct WhatIf {
    app: App,
    past: Past,
    from: Timestamp,
    to: Timestamp,
    changes: Changes,
    sender: mpsc::Sender<Told>,
    tenant: Name,
}

impl App {
    /// Begins to read and play; the last word has the figures.
    pub(crate) async fn what_if(
        &self,
        caller: &Caller,
        request: proto::WhatIfRequest,
        facts: Facts,
    ) -> Result<mpsc::Receiver<Told>, PastError> {
        let place = self.replays.clone().try_acquire_owned().map_err(|_| PastError::Busy)?;
        let to = request.to.map_or_else(|| self.clock.now(), Timestamp::from);
        let from = request.from.map_or_else(|| to.plus_millis(-A_DAY), Timestamp::from);
        if from >= to || to - from > LONGEST {
            let problem = "must be after `from`, at most 31 days";
            return Err(RequestError::Field { field: "to", problem }.into());
        }
        let changes = Changes::read(&request)?;
        let warm = from.plus_millis(-WARM_UP);
        let past = match self.past(&caller.tenant, Some(warm), facts).await {
            // A young centre has nothing before the span: it begins with what there is.
            Err(PastError::Incomplete { .. }) => self.past(&caller.tenant, None, facts).await?,
            past => past?,
        };
        let (sender, receiver) = mpsc::channel(4);
        let tenant = caller.tenant.as_str().into();
        let what_if = WhatIf { app: self.clone(), past, from, to, changes, sender: sender.clone(), tenant };
        tokio::spawn(async move {
            let _place = place;
            if let Err(status) = what_if.run().await {
                let _ = sender.send(Err(status)).await;
            }
        });
        Ok(receiver)
    }

    /// What counts as in time, by queue: as the log says last.
    async fn service_levels(&self, tenant: &str) -> Vec<(Name, i64)> {
        let subject = subject::event("directory", "queue_configured", tenant);
        let mut tail = self.bus.past(vec![subject], Start::Beginning);
        tail.ready().await;
        let mut levels = Vec::new();
        while tail.pending() != Some(0) {
            let Ok(received) = tokio::time::timeout(UNREADABLE, tail.next()).await else {
                break;
            };
            if let Event::QueueConfigured(configured) = &received.envelope.event
                && let Some(queue) = &configured.queue
                && let Some(within) = &queue.service_level_within
            {
                levels.push((queue.key.as_str().into(), millis_of_duration(within)));
            }
        }
        levels
    }
}

impl WhatIf {
    /// Reads the log, then plays the span twice.
    async fn run(mut self) -> Result<(), Status> {
        let levels = self.app.service_levels(&self.tenant).await;
        let warm = self.from.plus_millis(-WARM_UP);
        let router = self.past.take_router();
        let mut seen = Seen::new(self.tenant.clone(), router, warm, self.from, self.to, levels);
        let mut read = 0;
        while let Some(received) = self.past.next().await {
            if received.stored_at >= self.to.plus_millis(AFTERWARDS) {
                break;
            }
            seen.take(&received).map_err(|error| Status::resource_exhausted(error.to_string()))?;
            read += 1;
            if read % TELL_EVERY == 0 {
                let part = (received.stored_at - warm) as f64 / (self.to - warm) as f64;
                if !self.tell(part.clamp(0.0, 1.0) * READING).await {
                    return Ok(());
                }
                tokio::task::yield_now().await;
            }
        }
        let seen = Arc::new(seen.finish());
        let changes = self.changes.resolve(&seen).map_err(Status::invalid_argument)?;
        let gone = Arc::new(AtomicBool::new(false));
        let played = Arc::new(AtomicU64::new(0));
        let (span, stop, counter) = (Arc::clone(&seen), Arc::clone(&gone), Arc::clone(&played));
        let seed = self.changes.seed;
        let mut plays = tokio::task::spawn_blocking(move || {
            let baseline = play::play(&span, &Changes::none(seed), &stop, &counter)?;
            Some((baseline, play::play(&span, &changes, &stop, &counter)?))
        });
        let expected = 2 * seen.customers.len().max(1) as u64;
        let (baseline, changed) = loop {
            if let Ok(done) = tokio::time::timeout(TELL_AFTER, &mut plays).await {
                let done = done.map_err(|_| Status::internal("the play broke off"))?;
                let Some(both) = done else { return Ok(()) };
                break both;
            }
            let part = played.load(Ordering::Relaxed) as f64 / expected as f64;
            if !self.tell(READING + part.min(1.0) * (1.0 - READING)).await {
                gone.store(true, Ordering::Relaxed);
            }
        };
        let last = proto::WhatIfResponse {
            progress: 1.0,
            done: true,
            from: Some(self.from.to_proto()),
            to: Some(self.to.to_proto()),
            seen: Some(seen.outcome()),
            baseline: Some(baseline),
            changed: Some(changed),
            remarks: seen.remarks(),
        };
        let _ = self.sender.send(Ok(last)).await;
        Ok(())
    }

    /// Tells how far it is; false when nobody reads any more.
    fn tell(&self, progress: f64) -> impl Future<Output = bool> + Send + use<> {
        let word = proto::WhatIfResponse {
            progress,
            from: Some(self.from.to_proto()),
            to: Some(self.to.to_proto()),
            ..proto::WhatIfResponse::default()
        };
        let sender = self.sender.clone();
        async move { sender.send(Ok(word)).await.is_ok() }
    }
}
