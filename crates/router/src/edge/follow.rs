//! Follows the log, on every replica: from the last snapshot, in order, for ever. Nothing is acknowledged, nothing written.

use std::time::Duration;

use chassis::{Health, Start, Tail};
use contract::{Timestamp, subject};
use tokio::{task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{
    app::{App, SILENCE, save},
    store::{closings, history, offers, snapshots},
};

/// What the router reads: context and name.
pub(super) const FACTS: &[(&str, &str)] = &[
    ("interaction", "interaction_queued"),
    ("interaction", "interaction_connected"),
    ("interaction", "interaction_ended"),
    ("directory", "agent_configured"),
    ("directory", "agent_removed"),
    ("directory", "queue_configured"),
    ("directory", "queue_removed"),
    ("directory", "routing_profile_configured"),
    ("directory", "routing_profile_removed"),
    ("routing_command", "routing_command"),
    ("router", "*"),
];

/// Name under which the follower reports its health.
const PART: &str = "router log";

/// Follows for as long as the process runs, saves now and then, and when `stop` says that the end is near: the services
/// beside this one still finish what they have at hand.
pub(crate) async fn follow(
    app: App,
    snapshot_every: Duration,
    health: Health,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    health.ill(PART, "is being read");
    let start = begin(&app).await?;
    let filters = FACTS.iter().map(|(context, name)| subject::events_named(context, name)).collect();
    let mut tail = app.bus.tail(filters, start);
    tail.ready().await;
    catch_up(&app, &mut tail, &stop).await?;
    health.well(PART);
    tracing::info!(position = app.replica.position(), "the router's log is read");
    let mut save_at = Instant::now() + snapshot_every;
    let mut saving: Option<JoinHandle<()>> = None;
    let mut stopping = false;
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                save_at = Instant::now();
            }
            () = tokio::time::sleep_until(save_at) => {
                save_at = Instant::now() + snapshot_every;
                if saving.as_ref().is_none_or(JoinHandle::is_finished)
                    && let Some(frozen) = app.replica.freeze()
                {
                    saving = Some(tokio::spawn(save_and_tell(app.clone(), frozen)));
                }
            }
            received = tail.next() => app.replica.fold(&received),
        }
    }
}

/// Takes up the last snapshot, if it belongs to this stream and this build.
async fn begin(app: &App) -> anyhow::Result<Start> {
    let mut tx = app.db.begin_for_every_tenant().await?;
    match save::load(&mut tx).await {
        Ok(Some((partitions, position))) if position <= app.bus.last_sequence().await? => {
            tracing::info!(position, partitions = partitions.len(), "beginning from a snapshot");
            app.replica.restore(partitions, position);
            Ok(Start::After(position))
        }
        Ok(Some((_, position))) => {
            tracing::warn!(
                position,
                "the stream is younger than the snapshot, and is read from its beginning"
            );
            snapshots::clear(&mut tx).await?;
            history::clear(&mut tx).await?;
            tx.commit().await?;
            Ok(Start::Beginning)
        }
        Ok(None) => Ok(Start::Beginning),
        Err(error @ save::SaveError::Store(_)) => Err(error.into()),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "reading the log from its beginning");
            Ok(Start::Beginning)
        }
    }
}

/// Reads what the log holds already.
async fn catch_up(app: &App, tail: &mut Tail, stop: &CancellationToken) -> anyhow::Result<()> {
    let last = app.bus.last_sequence().await?;
    while app.replica.position() < last && !stop.is_cancelled() {
        match tokio::time::timeout(SILENCE, tail.next()).await {
            Ok(received) => app.replica.fold(&received),
            Err(_) => return Ok(()),
        }
    }
    Ok(())
}

async fn save_and_tell(app: App, frozen: save::Frozen) {
    let (position, began) = (frozen.position, Instant::now());
    match app.save(frozen).await {
        Ok(()) => tracing::debug!(position, took = ?began.elapsed(), "state saved"),
        Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "the state was not saved"),
    }
}

/// Deletes decisions that are older than they are kept, every hour.
pub(crate) async fn trim(app: App, keep: Duration, stop: CancellationToken) -> anyhow::Result<()> {
    loop {
        let keep_ms = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
        let before: Timestamp = app.clock.now().plus_millis(-keep_ms);
        loop {
            let mut tx = app.db.begin_for_every_tenant().await?;
            let more = offers::trim(&mut tx, before).await? | closings::trim(&mut tx, before).await?;
            tx.commit().await?;
            if !more {
                break;
            }
        }
        let mut tx = app.db.begin_for_every_tenant().await?;
        history::trim(&mut tx, before).await?;
        tx.commit().await?;
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(Duration::from_hours(1)) => {}
        }
    }
}
