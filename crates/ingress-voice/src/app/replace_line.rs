//! INVITE with Replaces: which call it means, and whether it may.

use std::net::IpAddr;

use thiserror::Error;

use super::{
    Voice, call::Line, calls::CallHandle, register_phone::RegisterPhoneError, trunks::StrangerError,
};
use crate::{
    core::{number::e164, sdp::Description, srtp::Terms},
    sip::refer::Replaces,
};

/// A phone that wants the place of one in a call.
pub struct ReplaceLine {
    pub replaces: Replaces,
    /// The agent who has proved to be one.
    pub agent_id: Option<String>,
    pub offer: Description,
    pub peer: IpAddr,
    /// What audio may be agreed on with the phone.
    pub terms: Terms,
    pub line: Line,
}

/// Why it does not get it.
#[derive(Debug, Error)]
pub enum ReplaceLineError {
    /// No call here has such a line.
    #[error("no call here has the line that is to be replaced")]
    Gone,
    /// A phone of an agent's name must sign.
    #[error(transparent)]
    Proof(#[from] RegisterPhoneError),
    /// Others come by the ways by which calls come in.
    #[error(transparent)]
    Stranger(#[from] StrangerError),
}

impl Voice {
    /// The call that holds the line, and the agent who asks, if it is one.
    pub async fn line_to_replace(
        &self,
        replaces: &Replaces,
        user: &str,
        authorization: Option<&str>,
        address: IpAddr,
    ) -> Result<(CallHandle, Option<String>), ReplaceLineError> {
        let call = self.calls.of_line(replaces.call_id()).ok_or(ReplaceLineError::Gone)?;
        let user = user.to_lowercase();
        let of_agent = call.is_agents(&user) && e164(&user).is_none();
        if of_agent {
            let (tenant, agent) = self.authenticate("INVITE", &user, authorization, address).await?;
            return if call.tenant == tenant { Ok((call, Some(agent))) } else { Err(ReplaceLineError::Gone) };
        }
        // The place on the trunk is the one of the call.
        drop(self.let_in(address, authorization)?);
        Ok((call, None))
    }
}
