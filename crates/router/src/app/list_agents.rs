//! `ListAgents`: everyone who takes work, by key, a page at a time.

use chassis::Caller;
use contract::router::v1::{ListAgentsRequest, ListAgentsResponse};

use super::{App, convert};

const PAGE: i32 = 200;
const MAX_PAGE: i32 = 1_000;

impl App {
    /// A page of agents; the token is the last key of the page before.
    pub(crate) fn list_agents(&self, caller: &Caller, request: &ListAgentsRequest) -> ListAgentsResponse {
        let size = if request.page_size <= 0 { PAGE } else { request.page_size.min(MAX_PAGE) } as usize;
        let partition = self.replica.of_tenant(&caller.tenant);
        let views = partition.router.agents(&caller.tenant.as_str().into(), &request.page_token, size);
        drop(partition);
        let full = views.len() == size;
        ListAgentsResponse {
            next_page_token: views
                .last()
                .filter(|_| full)
                .map(|last| last.agent.to_string())
                .unwrap_or_default(),
            agents: views.iter().map(convert::views::agent).collect(),
        }
    }
}
