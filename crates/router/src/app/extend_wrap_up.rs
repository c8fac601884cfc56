//! `ExtendWrapUp`: the paperwork takes longer, as far as the queue allows.

use chassis::Caller;
use contract::router::v1::{ExtendWrapUp, ExtendWrapUpRequest, Work, routing_command::Command};

use super::{App, check_interaction_id, command::CommandError, may_act_for};

impl App {
    /// Extends a wrap-up that ends by itself.
    pub(crate) async fn extend_wrap_up(
        &self,
        caller: &Caller,
        request: ExtendWrapUpRequest,
    ) -> Result<Work, CommandError> {
        let ExtendWrapUpRequest { interaction_id, agent_id, by, request_id } = request;
        may_act_for(caller, &agent_id)?;
        let interaction = check_interaction_id(&interaction_id)?;
        let command = Command::ExtendWrapUp(ExtendWrapUp { interaction_id, agent_id, by });
        self.command(caller, &request_id, command).await?;
        Ok(self.work_now(caller, interaction))
    }
}
