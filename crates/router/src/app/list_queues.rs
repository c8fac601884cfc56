//! `ListQueues`: who waits, and who could serve them.

use chassis::Caller;
use contract::router::v1::QueueView;

use super::{App, convert};

impl App {
    /// Every queue of the tenant, by key.
    pub(crate) fn list_queues(&self, caller: &Caller) -> Vec<QueueView> {
        let views = self.replica.of_tenant(&caller.tenant).router.queues(&caller.tenant.as_str().into());
        views.iter().map(convert::views::queue).collect()
    }
}
