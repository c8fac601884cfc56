//! `CompleteWrapUp`: the paperwork is done, the agent is free.

use chassis::Caller;
use contract::router::v1::{CompleteWrapUp, CompleteWrapUpRequest, routing_command::Command};

use super::{App, check_interaction_id, command::CommandError, command::check_text, may_act_for};

impl App {
    /// Completes the wrap-up of an interaction.
    pub(crate) async fn complete_wrap_up(
        &self,
        caller: &Caller,
        request: CompleteWrapUpRequest,
    ) -> Result<(), CommandError> {
        let CompleteWrapUpRequest { interaction_id, agent_id, disposition, note, request_id } = request;
        may_act_for(caller, &agent_id)?;
        check_interaction_id(&interaction_id)?;
        check_text("disposition", &disposition)?;
        check_text("note", &note)?;
        let command = Command::CompleteWrapUp(CompleteWrapUp { interaction_id, agent_id, disposition, note });
        self.command(caller, &request_id, command).await
    }
}
