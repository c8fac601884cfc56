//! `SetAgentStatus`: an agent declares what they are.

use chassis::Caller;
use contract::router::v1::{AgentView, SetAgentStatus, SetAgentStatusRequest, routing_command::Command};

use super::{App, RequestError, command::CommandError, command::check_text, convert, may_act_for};

impl App {
    /// Declares a status, and gives the agent as they are then.
    pub(crate) async fn set_agent_status(
        &self,
        caller: &Caller,
        request: SetAgentStatusRequest,
    ) -> Result<AgentView, CommandError> {
        let SetAgentStatusRequest { agent_id, status, aux_code, request_id } = request;
        may_act_for(caller, &agent_id)?;
        check_text("aux_code", &aux_code)?;
        if convert::inputs::status(status, &aux_code).is_none() {
            return Err(RequestError::Field {
                field: "status",
                problem: "must be offline, available or away",
            }
            .into());
        }
        let agent = agent_id.as_str().into();
        let command = Command::SetAgentStatus(SetAgentStatus { agent_id, status, aux_code });
        self.command(caller, &request_id, command).await?;
        let view =
            self.replica.of_tenant(&caller.tenant).router.agent(&caller.tenant.as_str().into(), &agent);
        Ok(view.as_ref().map(convert::views::agent).unwrap_or_default())
    }
}
