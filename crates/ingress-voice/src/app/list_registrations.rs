//! Which phones a tenant's agents can be rung on.

use chassis::TxError;
use contract::voice::v1::Registration as Listed;

use super::Voice;
use crate::store::registrations;

impl Voice {
    /// The phones of one agent, or with an empty agent of all, ordered by agent and contact; at most 10,000.
    pub async fn list_registrations(&self, tenant: &str, agent: &str) -> Result<Vec<Listed>, TxError> {
        let mut tx = self.db.begin(tenant).await?;
        let phones = registrations::select(&mut tx, agent, self.clock.now()).await?;
        Ok(phones
            .into_iter()
            .map(|phone| Listed {
                agent_id: phone.agent_id,
                contact: phone.contact,
                user_agent: phone.user_agent,
                expires_at: Some(phone.expires_at.to_proto()),
            })
            .collect())
    }
}
