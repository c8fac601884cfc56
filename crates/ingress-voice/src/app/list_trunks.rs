//! How the trunks stand, as every instance sees them: each tells the others every two seconds, and whoever is asked knows.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use contract::{subject, voice::v1 as wire};
use futures::StreamExt as _;
use prost::Message as _;
use tokio::time::Instant;

use super::{Voice, trunk_registration::Standing};

/// Between two words.
const EVERY: Duration = Duration::from_secs(2);
/// An instance that says nothing for so long is left out.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(10);
/// Instances remembered at once; words of more are not heard.
const MOST: usize = 1_000;
/// Trunks belong to no tenant.
const EVERYBODY: &str = "_";

/// What other instances said last, and when that was heard here: clocks are not compared.
#[derive(Default)]
pub struct Elsewhere(Mutex<BTreeMap<String, (Instant, Vec<wire::Trunk>)>>);

impl Elsewhere {
    fn heard(&self, word: wire::ListTrunksResponse, now: Instant) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (at, _)| now.duration_since(*at) < FORGOTTEN_AFTER);
        if known.len() < MOST || known.contains_key(&word.instance) {
            known.insert(word.instance, (now, word.trunks));
        }
    }

    /// By instance, without those that are silent.
    fn all(&self, now: Instant) -> BTreeMap<String, Vec<wire::Trunk>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = known.iter().filter(|(_, (at, _))| now.duration_since(*at) < FORGOTTEN_AFTER);
        lately.map(|(instance, (_, trunks))| (instance.clone(), trunks.clone())).collect()
    }
}

impl Voice {
    /// The trunks of all instances that live, by instance; those of one as configured.
    #[must_use]
    pub fn list_trunks(&self) -> Vec<wire::Trunk> {
        let mut all = self.elsewhere.all(Instant::now());
        all.insert(self.instance.clone(), self.own_trunks());
        all.into_values().flatten().collect()
    }

    fn own_trunks(&self) -> Vec<wire::Trunk> {
        let count = |calls: usize| u32::try_from(calls).unwrap_or(u32::MAX);
        let trunk = |trunk: &std::sync::Arc<super::trunks::Trunk>| {
            let registered = trunk.registered();
            let registration = match registered.standing {
                Standing::None => wire::TrunkRegistration::None,
                Standing::Pending => wire::TrunkRegistration::Pending,
                Standing::SignedIn => wire::TrunkRegistration::SignedIn,
                Standing::Refused => wire::TrunkRegistration::Refused,
                Standing::Unreachable => wire::TrunkRegistration::Unreachable,
            };
            wire::Trunk {
                name: trunk.config.name.clone(),
                address: trunk.config.address.clone(),
                up: trunk.answers(),
                calls: count(trunk.live()),
                max_calls: count(trunk.config.max_calls),
                registration: registration.into(),
                detail: registered.detail,
                signed_in_until: registered.until.map(contract::Timestamp::to_proto),
                instance: self.instance.clone(),
            }
        };
        self.trunks.all.iter().map(trunk).collect()
    }

    /// Says how the own trunks stand, and hears of the others', until the process ends.
    pub async fn compare_trunks(&self) -> anyhow::Result<()> {
        let place = subject::live("voice", "trunks", EVERYBODY);
        let mut words = self.bus.nats().subscribe(place.clone()).await?;
        let mut round = tokio::time::interval(EVERY);
        loop {
            tokio::select! {
                _ = round.tick() => {
                    let own = wire::ListTrunksResponse { trunks: self.own_trunks(), instance: self.instance.clone() };
                    if !own.trunks.is_empty()
                        && let Err(error) = self.bus.nats().publish(place.clone(), own.encode_to_vec().into()).await
                    {
                        tracing::debug!(%error, "nobody is told how the trunks stand");
                    }
                }
                word = words.next() => {
                    let Some(word) = word else { anyhow::bail!("the subscription to trunks ended") };
                    match wire::ListTrunksResponse::decode(word.payload) {
                        Ok(word) if word.instance != self.instance => self.elsewhere.heard(word, Instant::now()),
                        Ok(_) => {}
                        Err(error) => tracing::debug!(%error, "a word about trunks makes no sense"),
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(instance: &str, names: &[&str]) -> wire::ListTrunksResponse {
        let trunk = |name: &&str| wire::Trunk { name: (*name).to_owned(), ..wire::Trunk::default() };
        wire::ListTrunksResponse { trunks: names.iter().map(trunk).collect(), instance: instance.to_owned() }
    }

    #[tokio::test(start_paused = true)]
    async fn an_instance_that_falls_silent_is_left_out() {
        let elsewhere = Elsewhere::default();
        elsewhere.heard(word("voice-1", &["one", "two"]), Instant::now());
        elsewhere.heard(word("voice-2", &["one"]), Instant::now());

        tokio::time::advance(Duration::from_secs(6)).await;
        elsewhere.heard(word("voice-2", &["one", "three"]), Instant::now());
        tokio::time::advance(Duration::from_secs(6)).await;

        let all = elsewhere.all(Instant::now());
        assert_eq!(all.keys().collect::<Vec<_>>(), ["voice-2"]);
        assert_eq!(all["voice-2"].len(), 2);
    }

    #[tokio::test]
    async fn no_more_instances_are_remembered_than_there_is_room_for() {
        let elsewhere = Elsewhere::default();
        for number in 0..=MOST {
            elsewhere.heard(word(&format!("voice-{number}"), &[]), Instant::now());
        }

        assert_eq!(elsewhere.all(Instant::now()).len(), MOST);
    }
}
