//! Finds out what a flow needs to know: from memory, the directory, the customers, the backends.

use std::time::Duration;

use contract::crm::v1::{IdentityKind, SearchCustomersRequest, crm_service_client::CrmServiceClient};
use tokio::time::Instant;

use super::{
    App,
    advance::{AdvanceError, latest, version},
};
use crate::{
    core::advance::{Facts, Need, Outcome},
    metrics::LOOKUPS,
    store,
};

/// How long all of it together may take: a channel waits for its next verbs for 5 s.
const BUDGET: Duration = Duration::from_millis(4_200);
/// Longest identity that is looked up, characters.
const MAX_IDENTITY: usize = 200;

/// What is outside, for one call.
pub struct Outside<'a> {
    app: &'a App,
    tenant: &'a str,
    /// Names this call, and every repetition of it, to backends.
    attempt: String,
    until: Instant,
}

impl<'a> Outside<'a> {
    /// Begins now.
    pub fn new(app: &'a App, tenant: &'a str, attempt: String) -> Self {
        Self { app, tenant, attempt, until: Instant::now() + BUDGET }
    }

    /// Adds what is needed to the facts.
    pub async fn find_out(&mut self, need: Need, facts: &mut Facts) -> Result<(), AdvanceError> {
        let Self { app, tenant, .. } = *self;
        match need {
            Need::Hours(hours) => {
                let open = app.hours.is_open(app.clock.now(), tenant, &hours).await?;
                facts.hours.insert(hours, open);
            }
            Need::Flow { key, version: None } => {
                let plan = latest(app, tenant, &key).await?;
                facts.flows.insert((key, None), plan);
            }
            Need::Flow { key, version: Some(number) } => {
                let plan = version(app, tenant, &key, number).await?;
                facts.flows.insert((key, Some(number)), plan);
            }
            Need::Prompt { key, language } => {
                let audio = self.prompt(&key, &language).await?;
                facts.prompts.insert((key, language), audio);
            }
            Need::Customer(identity) => {
                facts.outcomes.push(Outcome::Customer(self.customer(&identity).await));
            }
            Need::Request(request) => {
                let name = format!("{}:{}", self.attempt, facts.outcomes.len());
                let left = self.until.saturating_duration_since(Instant::now());
                facts.outcomes.push(app.backends.ask(&request, &name, left).await);
            }
        }
        Ok(())
    }

    async fn prompt(&self, key: &str, language: &str) -> Result<String, AdvanceError> {
        let now = self.app.clock.now();
        let name = (self.tenant.to_owned(), key.to_owned(), language.to_owned());
        if let Some(audio) = self.app.prompts.get(now, &name) {
            return Ok(audio);
        }
        let mut tx = self.app.begin(self.tenant).await?;
        let audio = store::prompt::audio(&mut tx, key, language).await?.unwrap_or_default();
        self.app.prompts.put(now, name, audio.clone());
        Ok(audio)
    }

    /// Id and name of the customer with this identity. While the customers are away nobody is known: the flow goes on.
    async fn customer(&self, identity: &str) -> Option<(String, String)> {
        let wanted: String = identity.trim().chars().take(MAX_IDENTITY).collect();
        let mut crm = CrmServiceClient::new(self.app.peers.of("crm", self.tenant));
        let request = SearchCustomersRequest { query: wanted.clone(), page_size: 20 };
        let left = self.until.saturating_duration_since(Instant::now());
        let found = match tokio::time::timeout(left, crm.search_customers(request)).await {
            Ok(Ok(found)) => found.into_inner().customers,
            Ok(Err(status)) => {
                LOOKUPS.with_label_values(&["failed"]).inc();
                tracing::warn!(tenant.id = self.tenant, code = ?status.code(), "a customer can't be looked up");
                return None;
            }
            Err(_) => {
                LOOKUPS.with_label_values(&["failed"]).inc();
                tracing::warn!(tenant.id = self.tenant, "a customer can't be looked up in time");
                return None;
            }
        };
        let customer = found.into_iter().find(|customer| {
            customer.identities.iter().any(|identity| same(identity.kind(), &identity.value, &wanted))
        });
        LOOKUPS.with_label_values(&[if customer.is_some() { "known" } else { "unknown" }]).inc();
        customer.map(|customer| (customer.customer_id, customer.name))
    }
}

/// A search finds beginnings too; only the whole identity counts.
fn same(kind: IdentityKind, value: &str, wanted: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    match kind {
        IdentityKind::Phone => !digits(wanted).is_empty() && digits(value) == digits(wanted),
        _ => value.eq_ignore_ascii_case(wanted),
    }
}

#[cfg(test)]
mod tests {
    use contract::crm::v1::IdentityKind;

    use super::same;

    #[test]
    fn only_the_whole_identity_counts() {
        assert!(same(IdentityKind::Phone, "+15550123", "15550123"));
        assert!(!same(IdentityKind::Phone, "+15550123", "+1555012"));
        assert!(same(IdentityKind::Email, "eve@example.org", "Eve@example.org"));
        assert!(!same(IdentityKind::Phone, "", "anonymous"));
    }
}
