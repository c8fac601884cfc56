//! What the media threads counted, for metrics and benchmarks.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters shared by all media threads; each thread adds once per round, not once per packet.
#[derive(Debug, Default)]
pub struct EngineStats {
    received: AtomicU64,
    sent: AtomicU64,
    invalid: AtomicU64,
    forged: AtomicU64,
    lost_events: AtomicU64,
    busy_nanos: AtomicU64,
    late_rounds: AtomicU64,
    lost_seconds: AtomicU64,
    legs: AtomicU64,
}

/// One reading.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct StatsSnapshot {
    /// Valid RTP packets from believed sources.
    pub received: u64,
    /// Packets sent.
    pub sent: u64,
    /// Datagrams that were no RTP or came from a stranger.
    pub invalid: u64,
    /// SRTP packets of another key, changed on the way, or repeated.
    pub forged: u64,
    /// Events that a full mailbox swallowed.
    pub lost_events: u64,
    /// CPU time of the threads, in nanoseconds.
    pub busy_nanos: u64,
    /// Rounds that began more than 5 ms late.
    pub late_rounds: u64,
    /// Seconds of recording that the writer had no room for.
    pub lost_seconds: u64,
    /// Legs open now.
    pub legs: u64,
}

impl EngineStats {
    /// Adds what one round of one thread counted; `legs` is the change in the number of legs.
    pub(super) fn add(&self, round: &StatsSnapshot, legs: i64) {
        self.received.fetch_add(round.received, Ordering::Relaxed);
        self.sent.fetch_add(round.sent, Ordering::Relaxed);
        self.invalid.fetch_add(round.invalid, Ordering::Relaxed);
        self.forged.fetch_add(round.forged, Ordering::Relaxed);
        self.lost_events.fetch_add(round.lost_events, Ordering::Relaxed);
        self.busy_nanos.fetch_add(round.busy_nanos, Ordering::Relaxed);
        self.late_rounds.fetch_add(round.late_rounds, Ordering::Relaxed);
        self.lost_seconds.fetch_add(round.lost_seconds, Ordering::Relaxed);
        self.legs.fetch_add(legs as u64, Ordering::Relaxed);
    }

    /// A reading; the counters are not read at one instant.
    #[must_use]
    pub fn snapshot(&self) -> StatsSnapshot {
        StatsSnapshot {
            received: self.received.load(Ordering::Relaxed),
            sent: self.sent.load(Ordering::Relaxed),
            invalid: self.invalid.load(Ordering::Relaxed),
            forged: self.forged.load(Ordering::Relaxed),
            lost_events: self.lost_events.load(Ordering::Relaxed),
            busy_nanos: self.busy_nanos.load(Ordering::Relaxed),
            late_rounds: self.late_rounds.load(Ordering::Relaxed),
            lost_seconds: self.lost_seconds.load(Ordering::Relaxed),
            legs: self.legs.load(Ordering::Relaxed),
        }
    }
}
