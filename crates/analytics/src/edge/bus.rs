//! The durable consumer of the facts figures are made of.

use std::time::Duration;

use chassis::{Consumer, HandleError, Handler, Received, Tx};

use crate::app::{
    board::Board,
    record::{by_tenant, record},
};

/// What analytics listens to: context and name.
const FACTS: &[(&str, &str)] = &[
    ("interaction", "interaction_started"),
    ("interaction", "flow_step_taken"),
    ("interaction", "interaction_queued"),
    ("interaction", "interaction_connected"),
    ("interaction", "interaction_ended"),
    ("router", "offer_ended"),
    ("router", "interaction_diverted"),
    ("router", "interaction_transferred"),
    ("router", "callback_scheduled"),
    ("router", "callback_attempt_ended"),
    ("router", "interaction_assigned"),
    ("router", "interaction_closed"),
    ("router", "agent_state_changed"),
    ("directory", "agent_configured"),
    ("directory", "agent_removed"),
    ("directory", "queue_configured"),
    ("directory", "queue_removed"),
    ("directory", "routing_profile_configured"),
    ("directory", "routing_profile_removed"),
];

/// How much later than it could be a figure changes, at most, so that facts share transactions under load.
const PACE: Duration = Duration::from_millis(100);

/// The consumer; it tells `board` what it has recorded.
pub fn consumer(board: Board) -> Consumer {
    Consumer::new("facts", FACTS, Facts(board)).paced(PACE)
}

struct Facts(Board);

impl Handler for Facts {
    async fn handle(&self, tx: &mut Tx, received: &Received) -> Result<(), HandleError> {
        record(tx, &[received]).await
    }

    async fn handle_batch(&self, tx: &mut Tx, batch: &[&Received]) -> Result<(), HandleError> {
        for (tenant, facts) in by_tenant(batch) {
            tx.enter(tenant).await?;
            record(tx, &facts).await?;
        }
        Ok(())
    }

    fn committed(&self, _: &[&Received]) {
        self.0.poke();
    }
}
