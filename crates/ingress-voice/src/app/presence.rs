//! Signs of life: each instance keeps a key of the bus fresh, and notices whose key is not.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use async_nats::jetstream::kv;
use chassis::Bus;
use contract::subject;

/// Between two signs of life.
pub const EVERY: Duration = Duration::from_secs(1);
/// An instance whose key nobody has seen change for this long is dead.
const DEAD_AFTER: Duration = Duration::from_secs(6);

/// What this instance has seen of the others. Clocks are not compared: only whether a key changes while we watch.
#[derive(Default)]
pub struct Watch {
    seen: HashMap<String, (u64, Instant)>,
}

/// What is known of an instance's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// That life is over: another has begun, or there has been no sign for too long.
    Over,
    /// Alive, or not watched for long enough to tell.
    MayGoOn,
}

fn key(instance: &str) -> String {
    format!(
        "voice.{}",
        instance.replace(|character: char| !character.is_ascii_alphanumeric() && character != '-', "_")
    )
}

/// Gives a sign of life.
pub async fn beat(
    bus: &Bus,
    instance: &str,
    life: &str,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let store = bus.jetstream().get_key_value(subject::INSTANCES).await?;
    store.put(key(instance), life.to_owned().into()).await?;
    Ok(())
}

impl Watch {
    /// Whether that life of that instance is over.
    pub async fn look(
        &mut self,
        store: &kv::Store,
        instance: &str,
        life: &str,
    ) -> Result<Life, Box<dyn std::error::Error + Send + Sync>> {
        let entry = store.entry(key(instance)).await?;
        let revision = match &entry {
            Some(entry) if entry.value.as_ref() != life.as_bytes() => return Ok(Life::Over),
            Some(entry) => entry.revision,
            None => 0,
        };
        let now = Instant::now();
        let (known, since) = self.seen.entry(instance.to_owned()).or_insert((revision, now));
        if *known != revision {
            (*known, *since) = (revision, now);
        }
        Ok(if now.duration_since(*since) > DEAD_AFTER { Life::Over } else { Life::MayGoOn })
    }
}
