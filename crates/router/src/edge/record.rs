//! The durable consumer that writes down every offer.

use chassis::{Consumer, HandleError, Handler, Received, Tx};

use crate::app::record_offers;

struct Offers;

/// The consumer.
pub(crate) fn consumer() -> Consumer {
    Consumer::new("offers", &[("router", "offer_made"), ("router", "offer_ended")], Offers)
}

impl Handler for Offers {
    async fn handle(&self, tx: &mut Tx, received: &Received) -> Result<(), HandleError> {
        record_offers::record(tx, &[received]).await
    }

    async fn handle_batch(&self, tx: &mut Tx, batch: &[&Received]) -> Result<(), HandleError> {
        record_offers::record(tx, batch).await
    }
}
