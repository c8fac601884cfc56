//! `GetPosition`: how far it is to the front of the queue.

use chassis::Caller;
use contract::router::v1::{GetPositionResponse, WorkState};

use super::{App, RequestError, check_interaction_id, convert};
use crate::core::StageView;

impl App {
    /// The place of an interaction, and how many of the queue's agents are there. What is not in the router's hands is
    /// closed, or was never queued. The wait is not estimated.
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
        drop(partition);
        let (position, waiting) = match work.stage {
            StageView::Waiting { place, waiting } => (place as i32, waiting as i32),
            _ => (0, 0),
        };
        Ok(GetPositionResponse {
            position,
            waiting,
            state: convert::views::state_of(&work.stage) as i32,
            estimated_wait: None,
            agents_staffed: staffed as i32,
            ..GetPositionResponse::default()
        })
    }
}
