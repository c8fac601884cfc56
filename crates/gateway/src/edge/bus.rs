//! Follows the bus for all desktops of this process.

use anyhow::Context as _;
use chassis::{Bus, Start};
use contract::subject;
use futures::StreamExt as _;

use crate::app::hub::Hub;

/// Facts that desktops need, and the end of sessions.
const NEEDED: [(&str, &str); 21] = [
    ("router", "offer_made"),
    ("router", "offer_ended"),
    ("router", "interaction_assigned"),
    ("router", "wrap_up_started"),
    ("router", "interaction_closed"),
    ("router", "agent_state_changed"),
    ("router", "interaction_transferred"),
    ("router", "interaction_parked"),
    ("router", "interaction_unparked"),
    ("router", "wrap_up_extended"),
    ("router", "callback_due"),
    ("router", "callback_attempt_ended"),
    ("interaction", "interaction_queued"),
    ("interaction", "interaction_connected"),
    ("interaction", "interaction_ended"),
    ("interaction", "message_added"),
    ("interaction", "call_parked"),
    ("interaction", "call_retrieved"),
    ("crm", "customer_recognised"),
    ("crm", "note_added"),
    ("directory", "session_revoked"),
];

/// Hands facts and signals to the hub until it is dropped or the bus fails.
pub async fn follow(bus: Bus, hub: Hub) -> anyhow::Result<()> {
    let filters = NEEDED.iter().map(|(context, name)| subject::events_named(context, name)).collect();
    let mut tail = bus.tail(filters, Start::Now);
    tail.ready().await;
    let mut signals = bus.signals(subject::live_of_all("chat", "signal")).await?;
    let mut guests = bus.signals(subject::live_of_all("voice", "guest")).await?;
    hub.following(true);
    let _gone = Gone(hub.clone());
    loop {
        tokio::select! {
            received = tail.next() => hub.pass(&received),
            signal = signals.next() => {
                let signal = signal.context("the signals of chats ended")?;
                hub.pass(&signal);
            }
            guest = guests.next() => hub.pass(&guest.context("the signals of calls ended")?),
        }
    }
}

/// Says that nobody follows any more, however it came to that.
struct Gone(Hub);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.following(false);
    }
}
