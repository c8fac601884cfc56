//! Calls that wait for somebody to take them, for everybody who may.

use chassis::TxError;
use contract::voice::v1::ParkedCall;

use super::Voice;
use crate::store::live_calls;

/// Most calls in one answer.
const MOST: i64 = 200;

impl Voice {
    /// A tenant's parked calls, wherever they are held, the longest parked first; at most 200.
    pub async fn list_parked_calls(&self, tenant: &str) -> Result<Vec<ParkedCall>, TxError> {
        let parked = live_calls::parked(&self.db, tenant, MOST).await?;
        let shown = |(interaction_id, parked): (String, live_calls::Parked)| ParkedCall {
            interaction_id,
            label: parked.label,
            queue: parked.queue,
            agent_id: parked.agent_id,
            parked_at: Some(parked.at.to_proto()),
        };
        Ok(parked.into_iter().map(shown).collect())
    }
}
