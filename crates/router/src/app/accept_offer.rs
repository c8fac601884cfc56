//! `AcceptOffer`: an agent takes what was offered. Saying it again changes nothing.

use chassis::Caller;
use contract::router::v1::{AcceptOffer, AcceptOfferRequest, Work, routing_command::Command};

use super::{App, check_offer_id, command::CommandError, convert, may_act_for};

impl App {
    /// Accepts, and gives the interaction as it is then.
    pub(crate) async fn accept_offer(
        &self,
        caller: &Caller,
        request: AcceptOfferRequest,
    ) -> Result<Work, CommandError> {
        let AcceptOfferRequest { offer_id, agent_id, request_id } = request;
        may_act_for(caller, &agent_id)?;
        check_offer_id(&offer_id)?;
        let agent = agent_id.as_str().into();
        let command = Command::AcceptOffer(AcceptOffer { offer_id: offer_id.clone(), agent_id });
        self.command(caller, &request_id, command).await?;
        let view =
            self.replica.of_tenant(&caller.tenant).router.agent(&caller.tenant.as_str().into(), &agent);
        let mut held = view.iter().flat_map(|agent| &agent.work).map(convert::views::work);
        Ok(held.find(|work| work.offer_id == offer_id).unwrap_or_default())
    }
}
