//! `GetPosition`: how far it is to the front of the queue.

use chassis::Caller;
use contract::router::v1::{EstimateBasis, GetPositionResponse, WorkState};

use super::{App, RequestError, check_interaction_id, convert};
use crate::core::{Basis, StageView};

impl App {
    /// The place of an interaction, and how many of the queue's agents are there. What is not in the router's hands is
    /// closed, or was never queued. Where nobody
    /// who could take it is at work, that is said instead of a number.
    pub(crate) fn get_position(
        &self,
        caller: &Caller,
        interaction_id: &str,
    ) -> Result<GetPositionResponse, RequestError> {
        let interaction = check_interaction_id(interaction_id)?;
        let tenant = caller.tenant.as_str().into();
        let partition = self.replica.of_tenant(&caller.tenant);
        let Some(work) = partition.router.work(&tenant, interaction) else {
            return Ok(GetPositionResponse { state: WorkState::Closed as i32, ..Default::default() });
        };
        let staffed = partition.router.staffed(&tenant, &work.queue);
        let estimate = partition.router.estimate(&tenant, interaction);
        let open = partition.router.is_open(&tenant, &work.queue);
        drop(partition);
        let (position, waiting) = match work.stage {
            StageView::Waiting { place, waiting } => (place as i32, waiting as i32),
            _ => (0, 0),
        };
        Ok(GetPositionResponse {
            position,
            waiting,
            state: convert::views::state_of(&work.stage) as i32,
            estimated_wait: estimate
                .and_then(|estimate| estimate.wait_ms)
                .map(contract::duration_from_millis),
            agents_staffed: staffed as i32,
            nobody_staffed: estimate.is_some_and(|estimate| estimate.agents == 0),
            basis: estimate
                .and_then(|estimate| estimate.handling)
                .map_or(0, |(_, basis)| basis_of(basis) as i32),
            handling_time: estimate
                .and_then(|estimate| estimate.handling)
                .map(|(handling, _)| contract::duration_from_millis(handling)),
            no_abandon_ahead: estimate.map_or(1.0, |estimate| f64::from(estimate.staying) / 1000.0),
            agents_for_it: estimate.map_or(0, |estimate| estimate.agents as i32),
            estimate_error: estimate
                .and_then(|estimate| estimate.error)
                .map(|error| f64::from(error) / 1000.0),
            queue_closed: !open,
        })
    }
}

const fn basis_of(basis: Basis) -> EstimateBasis {
    match basis {
        Basis::Measured => EstimateBasis::Measured,
        Basis::LastWeek => EstimateBasis::LastWeek,
        Basis::Configured => EstimateBasis::Configured,
    }
}
