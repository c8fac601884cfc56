//! Customers whose calls died with a process go first when they call back. Every instance knows them within a sweep; a call
//! never waits for the database.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use chassis::TxError;
use contract::Timestamp;

use super::{Voice, call::Note};
use crate::{
    metrics,
    store::cut_off::{self, CutOff},
};

/// Most customers that are remembered.
const REMEMBERED: i64 = 10_000;

/// Since when a customer waits whose call was cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waits {
    /// When the call that died had begun.
    pub since: Timestamp,
    /// When it died, as far as anyone noticed.
    pub at: Timestamp,
}

/// Those who were cut off lately, by tenant and number.
#[derive(Default)]
pub struct CutOffs(Mutex<BTreeMap<(String, String), Waits>>);

impl CutOffs {
    /// Whether this customer was.
    pub fn get(&self, tenant: &str, phone: &str) -> Option<Waits> {
        self.lock().get(&(tenant.to_owned(), phone.to_owned())).copied()
    }

    fn forget(&self, tenant: &str, phone: &str) {
        self.lock().remove(&(tenant.to_owned(), phone.to_owned()));
    }

    /// Takes what is known now; those that are news.
    fn learn(&self, all: Vec<CutOff>) -> Vec<CutOff> {
        let mut known = self.lock();
        let key = |one: &CutOff| (one.tenant_id.clone(), one.phone.clone());
        let now: BTreeMap<_, _> =
            all.iter().map(|one| (key(one), Waits { since: one.since, at: one.at })).collect();
        let news = all.into_iter().filter(|one| known.get(&key(one)) != now.get(&key(one))).collect();
        *known = now;
        news
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<(String, String), Waits>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Voice {
    /// Learns who was cut off since the last look, and tells those of their calls that are here already: a customer may
    /// call back before anyone has noticed that the process died.
    pub async fn learn_cut_off(&self) -> Result<(), TxError> {
        let lasts = i64::try_from(self.config.cut_off_for.0.as_millis()).unwrap_or(i64::MAX);
        let since = self.clock.now().plus_millis(-lasts);
        let all = cut_off::since(&self.db, since, REMEMBERED).await?;
        for news in self.cut_off.learn(all) {
            let waits = Waits { since: news.since, at: news.at };
            for call in self.calls.of_phone(&news.tenant_id, &news.phone) {
                let _ = call.mailbox.try_send(Note::CutOff(waits));
            }
        }
        Ok(())
    }

    /// Deletes what is too long ago.
    pub async fn delete_outdated_cut_off(&self) -> Result<(), TxError> {
        let lasts = i64::try_from(self.config.cut_off_for.0.as_millis()).unwrap_or(i64::MAX);
        cut_off::remove_before(&self.db, self.clock.now().plus_millis(-lasts)).await
    }

    /// The customer was served: the next call is one like any other.
    pub(super) fn was_served(self: &std::sync::Arc<Self>, tenant: &str, phone: &str) {
        self.cut_off.forget(tenant, phone);
        metrics::CUT_OFF.with_label_values(&["served"]).inc();
        let (voice, tenant, phone) = (std::sync::Arc::clone(self), tenant.to_owned(), phone.to_owned());
        tokio::spawn(async move {
            if let Err(error) = cut_off::remove(&voice.db, &tenant, &phone).await {
                tracing::warn!(%error, "a served customer is still noted as cut off");
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_off(phone: &str, since: i64) -> CutOff {
        CutOff {
            tenant_id: "demo".to_owned(),
            phone: phone.to_owned(),
            interaction_id: "i".to_owned(),
            since: Timestamp::from_millis(since),
            at: Timestamp::from_millis(since + 60_000),
        }
    }

    #[test]
    fn only_what_is_new_is_news_and_what_is_gone_is_forgotten() {
        let known = CutOffs::default();
        let (zoe, max) = (cut_off("+15550123", 1), cut_off("+15550124", 2));

        assert_eq!(known.learn(vec![zoe.clone(), max.clone()]).len(), 2);
        assert_eq!(known.learn(vec![zoe.clone(), max.clone()]), []);
        assert_eq!(known.learn(vec![cut_off("+15550124", 3)]), [cut_off("+15550124", 3)]);
        assert_eq!(known.get("demo", "+15550123"), None);
        assert_eq!(known.get("other", "+15550124"), None, "another tenant's customer");
        assert_eq!(known.get("demo", "+15550124").map(|waits| waits.since.as_millis()), Some(3));
    }
}
