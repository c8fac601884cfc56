//! Every offer is written down with its decision, and when interactions were closed, for explanations.

use std::collections::BTreeMap;

use chassis::{HandleError, Received, Tx};
use contract::Event;

use crate::store::{closings, offers};

/// Writes down the offers, ends of offers and closed interactions of a batch, tenant by tenant.
pub(crate) async fn record(tx: &mut Tx, batch: &[&Received]) -> Result<(), HandleError> {
    let mut by_tenant: BTreeMap<&str, Vec<&Received>> = BTreeMap::new();
    for received in batch {
        by_tenant.entry(&received.envelope.tenant_id).or_default().push(received);
    }
    for (tenant, facts) in by_tenant {
        tx.enter(tenant).await?;
        let (mut made, mut ended, mut closed) = (Vec::new(), Vec::new(), Vec::new());
        for received in facts {
            let envelope = &received.envelope;
            match &envelope.event {
                Event::OfferMade(offer) => {
                    made.push((envelope.interaction_id.as_str(), offer, envelope.occurred_at));
                }
                Event::OfferEnded(offer) => ended.push((offer, envelope.occurred_at)),
                Event::InteractionClosed(closing) => {
                    closed.push((envelope.interaction_id.as_str(), closing, envelope.occurred_at));
                }
                _ => {}
            }
        }
        offers::insert(tx, tenant, &made).await?;
        offers::end(tx, &ended).await?;
        closings::insert(tx, tenant, &closed).await?;
    }
    Ok(())
}
