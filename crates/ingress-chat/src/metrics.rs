//! Counters of the chat ingress.

use std::sync::LazyLock;

use chassis::metrics::{counter, gauge, histogram};
use prometheus::{HistogramVec, IntCounterVec, IntGaugeVec};

/// Messages made durable, by author: customer, agent, flow, system.
pub static MESSAGES: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_ingress_chat_messages_total", "Messages made durable", &["author"])
});
/// Messages that came again and were already there.
pub static DUPLICATES: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_ingress_chat_duplicates_total", "Messages sent twice", &["author"])
});
/// What was refused, by code of the protocol.
pub static REFUSED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_ingress_chat_refused_total", "Frames and requests refused", &["code"])
});
/// Conversations begun, by outcome: started, resumed.
pub static HELLOS: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_ingress_chat_hellos_total", "Visitors welcomed", &["outcome"]));
/// Conversations ended, by reason.
pub static ENDED: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_ingress_chat_ended_total", "Conversations ended", &["reason"]));
/// Connected visitors.
pub static CONNECTIONS: LazyLock<IntGaugeVec> =
    LazyLock::new(|| gauge("switchboard_ingress_chat_connections", "Visitors' connections", &[]));
/// Connections closed by this side, by why: slow, silent, hello, garbage, too_fast, unavailable, stopping.
pub static CLOSED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_ingress_chat_closed_total", "Connections closed by the server", &["why"])
});
/// Time of one group commit, from its first statement to durable.
pub static COMMIT: LazyLock<HistogramVec> = LazyLock::new(|| {
    histogram("switchboard_ingress_chat_commit_seconds", "Duration of group commits", &["outcome"])
});
/// Commands in group commits.
pub static COMMITTED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_ingress_chat_committed_total", "Commands in group commits", &["outcome"])
});
/// Answers of the flow service, by outcome: answered, away, refused.
pub static FLOW: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_ingress_chat_flow_total", "Questions to the flow service", &["outcome"])
});
