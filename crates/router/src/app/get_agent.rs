//! `GetAgent`: one agent with what they hold.

use chassis::{Caller, ErrorKind, Failure};
use contract::router::v1::AgentView;

use super::{App, convert};

/// No such agent.
#[derive(Debug, thiserror::Error)]
#[error("no agent {0:?} is configured")]
pub(crate) struct UnknownAgent(String);

impl Failure for UnknownAgent {
    fn kind(&self) -> ErrorKind {
        ErrorKind::NotFound
    }
}

impl App {
    /// The agent as they are now.
    pub(crate) fn get_agent(&self, caller: &Caller, agent_id: &str) -> Result<AgentView, UnknownAgent> {
        let partition = self.replica.of_tenant(&caller.tenant);
        let view = partition.router.agent(&caller.tenant.as_str().into(), &agent_id.into());
        drop(partition);
        view.as_ref().map(convert::views::agent).ok_or_else(|| UnknownAgent(agent_id.to_owned()))
    }
}
