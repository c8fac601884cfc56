//! `TransferInteraction`: to a queue, to an agent, or to an agent within a queue.

use chassis::Caller;
use contract::router::v1::{TransferInteraction, TransferInteractionRequest, Work, routing_command::Command};

use super::{App, check_interaction_id, command::CommandError, may_act_for, may_supervise};

impl App {
    /// Gives an interaction away, and tells where it is then. Agents give what they hold, supervisors anything.
    pub(crate) async fn transfer_interaction(
        &self,
        caller: &Caller,
        request: TransferInteractionRequest,
    ) -> Result<Work, CommandError> {
        let TransferInteractionRequest {
            interaction_id,
            agent_id,
            queue,
            to_agent_id,
            only_for,
            keep_place,
            request_id,
        } = request;
        if agent_id.is_empty() {
            may_supervise(caller)?;
        } else {
            may_act_for(caller, &agent_id)?;
        }
        let interaction = check_interaction_id(&interaction_id)?;
        let transfer =
            TransferInteraction { interaction_id, agent_id, queue, to_agent_id, only_for, keep_place };
        self.command(caller, &request_id, Command::TransferInteraction(transfer)).await?;
        Ok(self.work_now(caller, interaction))
    }
}
