//! What the service counts. No ids in labels.

use std::sync::LazyLock;

use chassis::metrics::{counter, gauge};
use prometheus::{IntCounterVec, IntGaugeVec};

/// Calls that ended, by reason.
pub static CALLS: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_voice_calls_total", "Calls that ended", &["reason"]));
/// Calls held now.
pub static LIVE_CALLS: LazyLock<IntGaugeVec> =
    LazyLock::new(|| gauge("switchboard_voice_live_calls", "Calls held now", &[]));
/// INVITEs refused before a call began, by status code.
pub static REFUSED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_voice_refused_calls_total", "Calls refused before they began", &["code"])
});
/// SIP requests taken, by method.
pub static REQUESTS: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_voice_sip_requests_total", "SIP requests taken", &["method"]));
/// Requests dropped because too many were being handled.
pub static DROPPED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_voice_sip_dropped_total", "SIP requests dropped under overload", &[])
});
/// Requests refused before the stack saw them, because they break the grammar, by status code.
pub static MALFORMED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_voice_sip_malformed_total", "Malformed SIP requests refused", &["code"])
});
/// Connections that carry SIP now.
pub static STREAMS: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    gauge("switchboard_voice_sip_connections", "Connections that carry SIP now", &["signalling"])
});
/// Connections that ended, by why: closed, idle, slow (a message did not end), too_large, unreadable, stuck (does not read),
/// write (does not read our answers), handshake, full (was not taken).
pub static STREAMS_ENDED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter(
        "switchboard_voice_sip_connections_ended_total",
        "Connections that carried SIP, by how they ended",
        &["signalling", "end"],
    )
});
/// Registrations by outcome: registered, removed, listed, challenged, unknown, wrong, limited, invalid, failed.
pub static REGISTRATIONS: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_voice_registrations_total", "REGISTER requests", &["outcome"]));
/// Agents rung, by outcome: answered, refused, unreachable, cancelled.
pub static RINGS: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_voice_rings_total", "Agents rung", &["outcome"]));
/// Browsers that asked for audio, by what for (answer, move, echo, customer) and outcome.
pub static BROWSERS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_voice_browsers_total", "Browsers that asked for audio", &["what", "outcome"])
});
/// Facts that could not be queued for the bus.
pub static LOST_FACTS: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_voice_lost_facts_total", "Facts that found no room", &[]));
/// Prompts by where they came from: recorded, cached, spoken, missing.
pub static PROMPTS: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_voice_prompts_total", "Prompts played", &["source"]));
/// Spoken answers: understood, unclear, noise (too long to be an answer), busy, failed.
pub static UTTERANCES: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_voice_utterances_total", "Spoken answers", &["outcome"]));
/// Whether menus may be answered by speaking.
pub static LISTENS: LazyLock<IntGaugeVec> =
    LazyLock::new(|| gauge("switchboard_voice_listens", "1 while a recogniser of speech is ready", &[]));
/// Calls closed for a process that died.
pub static ORPHANS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_voice_orphaned_calls_total", "Calls closed for a dead process", &[])
});
/// What was found at the other end of lines: human, machine, fax, busy, sit, `not_sure`.
pub static FAR_ENDS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_voice_far_ends_total", "What was found at the other end", &["far_end"])
});
/// Customers whose calls died with a process: noted, served.
pub static CUT_OFF: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_voice_cut_off_total", "Customers whose calls died with a process", &["what"])
});
/// What the media threads did; refreshed every few seconds.
pub static MEDIA: LazyLock<IntGaugeVec> =
    LazyLock::new(|| gauge("switchboard_voice_media", "Counters of the media threads", &["what"]));
/// Outgoing calls, by what came of them: answered, failed, failover, not_allowed, too_many.
pub static DIALS: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_voice_dials_total", "Outgoing calls over trunks", &["outcome"]));
/// Whether a trunk answers.
pub static TRUNK_UP: LazyLock<IntGaugeVec> =
    LazyLock::new(|| gauge("switchboard_voice_trunk_up", "1 while a trunk answers its pings", &["trunk"]));
/// Whether we are signed in with a trunk.
pub static TRUNK_SIGNED_IN: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    gauge("switchboard_voice_trunk_signed_in", "1 while we are signed in with a trunk", &["trunk"])
});
/// REGISTERs to trunks, by outcome: signed_in, left, too_brief, refused, silent.
pub static TRUNK_REGISTRATIONS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter(
        "switchboard_voice_trunk_registrations_total",
        "REGISTER requests to trunks",
        &["trunk", "outcome"],
    )
});
/// Call-backs: wanted, not_allowed; and attempts: reached, no_answer, busy, failed.
pub static CALLBACKS: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_voice_callbacks_total", "Call-backs and attempts", &["what"]));
/// Messages that customers left: kept, empty.
pub static MESSAGES: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_voice_messages_total", "Voicemail messages", &["what"]));
/// Recordings: begun, ended, failed, broken, deleted.
pub static RECORDINGS: LazyLock<IntCounterVec> =
    LazyLock::new(|| counter("switchboard_voice_recordings_total", "Recordings of calls", &["what"]));
