//! `AssignInteraction` and `PullInteraction`: a supervisor gives what waits to an agent, ringing or at once.

use chassis::Caller;
use contract::router::v1::{
    AssignInteraction, AssignInteractionRequest, PullInteraction, PullInteractionRequest, Work,
    routing_command::Command,
};

use super::{App, RequestError, check_interaction_id, command::CommandError, may_supervise};

fn check_agent(agent_id: &str) -> Result<(), RequestError> {
    if agent_id.is_empty() {
        return Err(RequestError::Field { field: "agent_id", problem: "must name an agent" });
    }
    Ok(())
}

impl App {
    /// Offers what waits to an agent of choice.
    pub(crate) async fn assign_interaction(
        &self,
        caller: &Caller,
        request: AssignInteractionRequest,
    ) -> Result<Work, CommandError> {
        let AssignInteractionRequest { interaction_id, agent_id, request_id } = request;
        may_supervise(caller)?;
        check_agent(&agent_id)?;
        let interaction = check_interaction_id(&interaction_id)?;
        let command = Command::AssignInteraction(AssignInteraction { interaction_id, agent_id });
        self.command(caller, &request_id, command).await?;
        Ok(self.work_now(caller, interaction))
    }

    /// Gives what waits to an agent, without ringing.
    pub(crate) async fn pull_interaction(
        &self,
        caller: &Caller,
        request: PullInteractionRequest,
    ) -> Result<Work, CommandError> {
        let PullInteractionRequest { interaction_id, agent_id, request_id } = request;
        may_supervise(caller)?;
        check_agent(&agent_id)?;
        let interaction = check_interaction_id(&interaction_id)?;
        let command = Command::PullInteraction(PullInteraction { interaction_id, agent_id });
        self.command(caller, &request_id, command).await?;
        Ok(self.work_now(caller, interaction))
    }
}
