//! `ReportUnreachable`: an ingress could not reach the agent's device, before or after acceptance.

use chassis::Caller;
use contract::router::v1::{ReportUnreachable, ReportUnreachableRequest, routing_command::Command};

use super::{App, check_offer_id, command::CommandError, command::check_text, may_act_for};

impl App {
    /// Gives the interaction to someone else.
    pub(crate) async fn report_unreachable(
        &self,
        caller: &Caller,
        request: ReportUnreachableRequest,
    ) -> Result<(), CommandError> {
        let ReportUnreachableRequest { offer_id, agent_id, reason, request_id } = request;
        may_act_for(caller, &agent_id)?;
        check_offer_id(&offer_id)?;
        check_text("reason", &reason)?;
        let command = Command::ReportUnreachable(ReportUnreachable { offer_id, agent_id, reason });
        self.command(caller, &request_id, command).await
    }
}
