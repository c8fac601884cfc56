//! Which people of the centre are asked into which calls, or are in them, on any instance: every instance says so every two seconds
//! (`CallGuestSignal`), and each remembers it. So a browser that comes to one instance gets a call that another holds, also
//! one that nobody writes down: that of two colleagues.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use contract::{Envelope, Event, subject, voice::v1::CallGuestSignal};
use futures::StreamExt as _;
use tokio::time::Instant;

use super::Voice;

/// Said every two seconds while it lasts.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(6);
/// People remembered at once; words of more are not heard.
const MOST: usize = 10_000;

/// Tenant, interaction, agent.
type Key = (String, String, String);

/// What was said last, and when that was heard here: clocks are not compared.
#[derive(Default)]
pub struct Talks(Mutex<BTreeMap<Key, (Instant, CallGuestSignal)>>);

impl Talks {
    fn heard(&self, envelope: Envelope, now: Instant) {
        let Event::CallGuestSignal(word) = envelope.event else { return };
        let key = (envelope.tenant_id, envelope.interaction_id, word.agent_id.clone());
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if word.over {
            known.remove(&key);
            return;
        }
        if known.len() >= MOST {
            known.retain(|_, (at, _)| now.duration_since(*at) < FORGOTTEN_AFTER);
        }
        if known.len() < MOST || known.contains_key(&key) {
            known.insert(key, (now, word));
        }
    }

    /// The instance that holds this call.
    fn holder(&self, tenant: &str, interaction_id: &str, now: Instant) -> Option<String> {
        self.find(now, |key, _| key.0 == tenant && key.1 == interaction_id).map(|word| word.instance)
    }

    /// Somebody speaks in a call that is another's.
    fn speaks(&self, tenant: &str, agent: &str, now: Instant) -> bool {
        self.find(now, |key, word| key.0 == tenant && key.2 == agent && word.answered).is_some()
    }

    fn find(&self, now: Instant, is: impl Fn(&Key, &CallGuestSignal) -> bool) -> Option<CallGuestSignal> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = known.iter().filter(|(_, (at, _))| now.duration_since(*at) < FORGOTTEN_AFTER);
        lately
            .map(|(key, (_, word))| (key, word))
            .find(|(key, word)| is(key, word))
            .map(|(_, word)| word.clone())
    }
}

impl Voice {
    /// Another instance that holds this call, as far as was heard lately.
    #[must_use]
    pub fn heard_holder(&self, tenant: &str, interaction_id: &str) -> Option<String> {
        let holder = self.talks.holder(tenant, interaction_id, Instant::now())?;
        (!holder.is_empty() && holder != self.instance).then_some(holder)
    }

    /// Whether somebody speaks in a call that is another's.
    #[must_use]
    pub fn speaks_as_guest(&self, tenant: &str, agent: &str) -> bool {
        self.talks.speaks(tenant, agent, Instant::now())
    }

    /// Hears of them until the process ends.
    pub async fn hear_talks(&self) -> anyhow::Result<()> {
        let mut words = self.bus.signals(subject::live_of_all("voice", "guest")).await?;
        while let Some(word) = words.next().await {
            self.talks.heard(word.envelope, Instant::now());
        }
        anyhow::bail!("the subscription to talks ended")
    }
}

#[cfg(test)]
mod tests {
    use contract::Timestamp;

    use super::*;

    fn word(interaction: &str, agent: &str, answered: bool, over: bool) -> Envelope {
        let (agent_id, instance) = (agent.to_owned(), "voice-1".to_owned());
        Envelope {
            message_id: String::new(),
            tenant_id: "demo".to_owned(),
            interaction_id: interaction.to_owned(),
            causation_id: String::new(),
            occurred_at: Timestamp::from_millis(0),
            producer: String::new(),
            traceparent: String::new(),
            event: CallGuestSignal { agent_id, instance, answered, over, ..CallGuestSignal::default() }
                .into(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_known_who_holds_a_call_until_it_is_over_or_nobody_says_so_any_more() {
        let talks = Talks::default();
        let holder = |tenant: &str, call: &str| talks.holder(tenant, call, Instant::now());
        talks.heard(word("c1", "bob", false, false), Instant::now());
        talks.heard(word("c2", "cy", true, false), Instant::now());

        assert_eq!(holder("demo", "c1").as_deref(), Some("voice-1"));
        assert_eq!((holder("acme", "c1"), holder("demo", "c3")), (None, None));
        assert!(!talks.speaks("demo", "bob", Instant::now()) && talks.speaks("demo", "cy", Instant::now()));

        talks.heard(word("c1", "bob", false, true), Instant::now());
        assert_eq!(holder("demo", "c1"), None);
        tokio::time::advance(FORGOTTEN_AFTER).await;
        assert_eq!(holder("demo", "c2"), None);
    }
}
