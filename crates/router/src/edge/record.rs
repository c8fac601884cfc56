//! The durable consumer that writes down every offer and every end.

use std::time::Duration;

use chassis::{Consumer, HandleError, Handler, Received, Tx};

use crate::app::record_offers;

/// How much later than it could be an offer can be explained, at most, so that offers share transactions under load.
const PACE: Duration = Duration::from_millis(100);
/// What is written down.
const FACTS: &[(&str, &str)] =
    &[("router", "offer_made"), ("router", "offer_ended"), ("router", "interaction_closed")];

struct Offers;

/// The consumer.
pub(crate) fn consumer() -> Consumer {
    Consumer::new("offers", FACTS, Offers).paced(PACE)
}

impl Handler for Offers {
    async fn handle(&self, tx: &mut Tx, received: &Received) -> Result<(), HandleError> {
        record_offers::record(tx, &[received]).await
    }

    async fn handle_batch(&self, tx: &mut Tx, batch: &[&Received]) -> Result<(), HandleError> {
        record_offers::record(tx, batch).await
    }
}
