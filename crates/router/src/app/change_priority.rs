//! `ChangePriority`: a supervisor puts what waits forward or back, at once.

use chassis::Caller;
use contract::router::v1::{ChangePriority, ChangePriorityRequest, Work, routing_command::Command};

use super::{App, RequestError, check_interaction_id, command::CommandError, may_supervise};

impl App {
    /// Changes an interaction's own priority.
    pub(crate) async fn change_priority(
        &self,
        caller: &Caller,
        request: ChangePriorityRequest,
    ) -> Result<Work, CommandError> {
        let ChangePriorityRequest { interaction_id, priority, request_id } = request;
        may_supervise(caller)?;
        let interaction = check_interaction_id(&interaction_id)?;
        if !(-1_000..=1_000).contains(&priority) {
            return Err(RequestError::Field {
                field: "priority",
                problem: "must be between -1,000 and 1,000",
            }
            .into());
        }
        let command = Command::ChangePriority(ChangePriority { interaction_id, priority });
        self.command(caller, &request_id, command).await?;
        Ok(self.work_now(caller, interaction))
    }
}
