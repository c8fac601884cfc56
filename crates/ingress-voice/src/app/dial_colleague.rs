//! An agent calls a colleague from the desk, or a program for them: the agent's own phones and browsers ring first, then the
//! colleague's.

use std::sync::Arc;

use chassis::{ErrorKind, Failure};
use contract::{
    interaction::v1::{Channel, CustomerAddress},
    router::v1::{GetAgentRequest, WorkState, router_service_client::RouterServiceClient},
};
use thiserror::Error;
use tokio::sync::mpsc;

use super::{
    Voice,
    call::{Beginning, CallTask, Identity},
    start_call::MEDIA_MAILBOX,
};
use crate::core::call::{Call, Target};

/// Longest key of an agent, in characters.
const KEY: usize = 64;

/// Why nobody is called.
#[derive(Debug, Error)]
pub enum DialColleagueError {
    /// The request itself is wrong.
    #[error("colleague {0}")]
    Colleague(&'static str),
    /// Nothing of the agent's own could ring.
    #[error("you have no phone here")]
    NoPhone,
    /// Nothing of the colleague's could ring.
    #[error("the colleague has no phone here")]
    NotThere,
    /// One of them is in a call.
    #[error("{0} in a call")]
    Busy(&'static str),
    /// As many calls as the configuration allows, or the process is stopping.
    #[error("no call can be made now")]
    Full,
}

impl Failure for DialColleagueError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Colleague(_) => ErrorKind::Invalid { field: "colleague" },
            Self::NoPhone => ErrorKind::Precondition { reason: "NO_PHONE" },
            Self::NotThere => ErrorKind::Precondition { reason: "NOT_THERE" },
            Self::Busy(_) => ErrorKind::Precondition { reason: "BUSY" },
            Self::Full => ErrorKind::Unavailable,
        }
    }
}

impl Voice {
    /// Begins `agent`'s call to a colleague, by key or extension: its id, and who is called.
    pub async fn dial_colleague(
        self: &Arc<Self>,
        tenant: &str,
        agent: &str,
        colleague: &str,
    ) -> Result<(String, String), DialColleagueError> {
        let wrong = DialColleagueError::Colleague;
        let dialled = colleague.trim().to_lowercase();
        if dialled.is_empty() || dialled.len() > KEY {
            return Err(wrong("must be a key or an extension of 1 to 64 characters"));
        }
        let Target::Agent(to) = self.meant(tenant, Target::Agent(dialled)).await else {
            return Err(wrong("must name an agent"));
        };
        if to == agent {
            return Err(wrong("must be somebody else"));
        }
        self.room_for_a_call().map_err(|_| DialColleagueError::Full)?;
        if !self.can_ring(tenant, agent).await {
            return Err(DialColleagueError::NoPhone);
        }
        if !self.can_ring(tenant, &to).await {
            return Err(DialColleagueError::NotThere);
        }
        if self.is_in_call(tenant, agent).await {
            return Err(DialColleagueError::Busy("you are"));
        }
        if self.is_in_call(tenant, &to).await {
            return Err(DialColleagueError::Busy("the colleague is"));
        }
        let interaction_id = self.ids.new_id(self.clock.now());
        tracing::info!(call.id = interaction_id, agent.id = agent, "a colleague is called from the desk");
        let (events, heard) = mpsc::channel(MEDIA_MAILBOX);
        let beginning = Beginning {
            identity: Identity {
                interaction_id: interaction_id.clone(),
                tenant: tenant.to_owned(),
                entry_point: String::new(),
                flow: String::new(),
                label: agent.to_owned(),
                customer: CustomerAddress { display_name: agent.to_owned(), ..CustomerAddress::default() },
                caller_id: String::new(),
                colleague: Some(agent.to_owned()),
            },
            media: self.engine.for_call(),
            call: Call::summon(self.config.call(), agent, &to),
            customer: None,
            heard,
            events,
        };
        tokio::spawn(CallTask::new(Arc::clone(self), beginning).run());
        Ok((interaction_id, to))
    }

    /// Whether any phone or browser of theirs is there.
    pub(super) async fn can_ring(&self, tenant: &str, agent: &str) -> bool {
        !self.phones_of(tenant, agent).await.is_empty() || self.has_browser(tenant, agent).await
    }

    /// Whether they speak with a customer, as the router knows, or in somebody else's call. A router that does not answer
    /// keeps nobody from calling.
    async fn is_in_call(&self, tenant: &str, agent: &str) -> bool {
        if self.speaks_as_guest(tenant, agent) {
            return true;
        }
        let mut router = RouterServiceClient::new(self.peers.of("router", tenant));
        let Ok(known) = router.get_agent(GetAgentRequest { agent_id: agent.to_owned() }).await else {
            return false;
        };
        let work = known.into_inner().agent.map(|agent| agent.work).unwrap_or_default();
        let speaks = |state| matches!(state, WorkState::Assigned | WorkState::Connected);
        work.iter().any(|work| work.channel() == Channel::Voice && speaks(work.state()))
    }
}
