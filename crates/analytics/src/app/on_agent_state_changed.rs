//! Status, state or load of an agent changed.

use chassis::Received;
use contract::{Timestamp, router::v1::AgentStateChanged};

use super::on_progress::key;
use crate::store::agents::Entered;

/// Most channels whose load is kept.
const CHANNELS: usize = 16;

/// The state as it is kept.
pub fn entered(received: &Received, changed: &AgentStateChanged) -> Entered {
    let since = changed.since.map_or(received.envelope.occurred_at, Timestamp::from);
    Entered {
        agent_id: key(&changed.agent_id),
        name: key(&changed.agent_name),
        status: i16::try_from(changed.status).unwrap_or(0),
        aux_code: key(&changed.aux_code),
        state: i16::try_from(changed.state).unwrap_or(0),
        since: since.as_millis(),
        loads: changed
            .loads
            .iter()
            .take(CHANNELS)
            .map(|load| (load.channel, load.used, load.slots))
            .collect(),
        sequence: i64::try_from(received.sequence).unwrap_or(i64::MAX),
        stored_at: received.stored_at.as_millis(),
    }
}
