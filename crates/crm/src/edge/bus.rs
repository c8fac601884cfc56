//! The durable consumer of the facts history is made of.

use std::time::Duration;

use chassis::{Consumer, HandleError, Handler, Received, Tx};

use crate::app::record::{Recorder, by_tenant};

/// What crm listens to: context and name.
const FACTS: &[(&str, &str)] = &[
    ("interaction", "*"),
    ("router", "offer_made"),
    ("router", "offer_ended"),
    ("router", "interaction_assigned"),
    ("router", "wrap_up_started"),
    ("router", "interaction_closed"),
    ("router", "interaction_diverted"),
    ("router", "interaction_transferred"),
    ("router", "callback_scheduled"),
    ("router", "callback_due"),
    ("router", "callback_attempt_ended"),
    ("directory", "agent_configured"),
    ("directory", "queue_configured"),
    ("crm", "customer_recognised"),
    ("crm", "note_added"),
];

/// How much later than it could be a customer is recognised, at most, so that facts share transactions under load.
const PACE: Duration = Duration::from_millis(50);

/// The consumer.
pub fn consumer(recorder: Recorder) -> Consumer {
    Consumer::new("history", FACTS, History(recorder)).paced(PACE)
}

struct History(Recorder);

impl Handler for History {
    async fn handle(&self, tx: &mut Tx, received: &Received) -> Result<(), HandleError> {
        self.0.record(tx, &[received]).await
    }

    async fn handle_batch(&self, tx: &mut Tx, batch: &[&Received]) -> Result<(), HandleError> {
        for (tenant, facts) in by_tenant(batch) {
            tx.enter(tenant).await?;
            self.0.record(tx, &facts).await?;
        }
        Ok(())
    }
}
