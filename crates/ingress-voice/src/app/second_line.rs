//! INVITE from the phone of an agent who is in a call: a second line, to ask a colleague or a number.

use std::net::IpAddr;

use thiserror::Error;

use super::{Voice, call::Line, calls::CallHandle, register_phone::RegisterPhoneError};
use crate::{
    core::{call::Target, number::e164, sdp::Description, srtp::Terms},
    sip::refer,
};

/// A second line, to be answered by the call that its agent is in.
pub struct SecondLine {
    pub agent_id: String,
    /// Who is asked.
    pub target: Target,
    pub offer: Description,
    pub peer: IpAddr,
    /// What audio may be agreed on with the phone.
    pub terms: Terms,
    pub line: Line,
}

/// Why there is none.
#[derive(Debug, Error)]
pub enum SecondLineError {
    /// The phone must sign, or signed wrongly.
    #[error(transparent)]
    Proof(#[from] RegisterPhoneError),
    /// Nobody can be asked by this name, or the number may not be called.
    #[error("nobody can be asked there")]
    Target,
}

impl Voice {
    /// The call of the agent whose phone this is, who they are and whom they want; none when no agent by this name is in a
    /// call here: then it is a call like any other.
    pub async fn second_line(
        &self,
        user: &str,
        dialled: &str,
        authorization: Option<&str>,
        address: IpAddr,
    ) -> Result<Option<(CallHandle, String, Target)>, SecondLineError> {
        let user = user.to_lowercase();
        if user.is_empty() || e164(&user).is_some() || self.calls.of_agent(&user).is_empty() {
            return Ok(None);
        }
        let (tenant, agent) = self.authenticate("INVITE", &user, authorization, address).await?;
        let of_tenant = |call: &CallHandle| call.tenant == tenant;
        let Some(call) = self.calls.of_agent(&agent).into_iter().find(of_tenant) else { return Ok(None) };
        let target = refer::target(&format!("sip:{dialled}@here")).ok_or(SecondLineError::Target)?;
        let target = self.meant(&tenant, target).await;
        if let Target::Number(number) = &target {
            self.may_dial(&tenant, &agent, number).map_err(|_| SecondLineError::Target)?;
        }
        Ok(Some((call, agent, target)))
    }
}
