//! Streams how a centre stands: at once, then after every change, at most four times a second.

use std::time::Duration;

use contract::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::board::Board;
use crate::{core::live::View, metrics};

/// Snapshots are at least this far apart.
const APART: Duration = Duration::from_millis(250);
/// How long news of another replica, or a new day, may take to be noticed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Sends snapshots to `watcher` until it goes or `stop`. A slow watcher gets fewer, never old ones.
pub async fn watch_live(
    board: Board,
    tenant: String,
    watcher: mpsc::Sender<(Timestamp, View)>,
    stop: CancellationToken,
) {
    let watching = metrics::WATCHERS.with_label_values(&[] as &[&str]);
    watching.inc();
    let mut news = board.news();
    let mut shown = None;
    loop {
        news.mark_unchanged();
        match board.view(&tenant).await {
            Ok((at, view)) if shown.as_ref() != Some(&view) => {
                shown = Some(view.clone());
                tokio::select! {
                    sent = watcher.send((at, view)) => if sent.is_err() { break },
                    () = stop.cancelled() => break,
                }
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "live figures are late"),
        }
        tokio::select! {
            () = tokio::time::sleep(APART) => {}
            () = watcher.closed() => break,
            () = stop.cancelled() => break,
        }
        tokio::select! {
            _ = news.changed() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = watcher.closed() => break,
            () = stop.cancelled() => break,
        }
    }
    watching.dec();
}
