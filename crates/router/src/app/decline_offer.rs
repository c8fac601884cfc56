//! `DeclineOffer`: an agent refuses what was offered; it goes to someone else, at its old place.

use chassis::Caller;
use contract::router::v1::{DeclineOffer, DeclineOfferRequest, routing_command::Command};

use super::{App, check_offer_id, command::CommandError, may_act_for};

impl App {
    /// Declines.
    pub(crate) async fn decline_offer(
        &self,
        caller: &Caller,
        request: DeclineOfferRequest,
    ) -> Result<(), CommandError> {
        let DeclineOfferRequest { offer_id, agent_id, request_id } = request;
        may_act_for(caller, &agent_id)?;
        check_offer_id(&offer_id)?;
        self.command(caller, &request_id, Command::DeclineOffer(DeclineOffer { offer_id, agent_id })).await
    }
}
