//! `ParkInteraction` and `UnparkInteraction`: the agent waits for the customer with the slot free, and goes on.

use chassis::Caller;
use contract::router::v1::{
    ParkInteraction, ParkInteractionRequest, UnparkInteraction, UnparkInteractionRequest, Work,
    routing_command::Command,
};

use super::{App, check_interaction_id, command::CommandError, may_act_for, may_supervise};

impl App {
    /// Parks what the agent holds.
    pub(crate) async fn park_interaction(
        &self,
        caller: &Caller,
        request: ParkInteractionRequest,
    ) -> Result<Work, CommandError> {
        let ParkInteractionRequest { interaction_id, agent_id, request_id } = request;
        may_act_for(caller, &agent_id)?;
        let interaction = check_interaction_id(&interaction_id)?;
        let command = Command::ParkInteraction(ParkInteraction { interaction_id, agent_id });
        self.command(caller, &request_id, command).await?;
        Ok(self.work_now(caller, interaction))
    }

    /// Takes it back: the agent who parked it, or a service for the customer who has written.
    pub(crate) async fn unpark_interaction(
        &self,
        caller: &Caller,
        request: UnparkInteractionRequest,
    ) -> Result<Work, CommandError> {
        let UnparkInteractionRequest { interaction_id, agent_id, request_id } = request;
        if agent_id.is_empty() {
            may_supervise(caller)?;
        } else {
            may_act_for(caller, &agent_id)?;
        }
        let interaction = check_interaction_id(&interaction_id)?;
        let command = Command::UnparkInteraction(UnparkInteraction { interaction_id, agent_id });
        self.command(caller, &request_id, command).await?;
        Ok(self.work_now(caller, interaction))
    }
}
