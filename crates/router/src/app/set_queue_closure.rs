//! `SetQueueClosure`: a queue that was closed here is opened again. Queues are closed by the directory's `SetClosure`, where
//! who did it stands in the record; what old logs hold of closures here can still be lifted.

use chassis::Caller;
use contract::router::v1::{QueueView, SetQueueClosure, SetQueueClosureRequest, routing_command::Command};

use super::{App, RequestError, command::CommandError, convert, may_supervise};

impl App {
    /// Opens, and gives the queue as it is then.
    pub(crate) async fn set_queue_closure(
        &self,
        caller: &Caller,
        request: SetQueueClosureRequest,
    ) -> Result<QueueView, CommandError> {
        let SetQueueClosureRequest { queue, closed, request_id } = request;
        may_supervise(caller)?;
        if queue.is_empty() {
            return Err(RequestError::Field { field: "queue", problem: "must name a queue" }.into());
        }
        if closed {
            let problem =
                "can't be true: AdministrationService.SetClosure closes a queue, and keeps a record of it";
            return Err(RequestError::Field { field: "closed", problem }.into());
        }
        let command = Command::SetQueueClosure(SetQueueClosure { queue: queue.clone(), closed });
        self.command(caller, &request_id, command).await?;
        let tenant = caller.tenant.as_str().into();
        let queues = self.replica.of_tenant(&caller.tenant).router.queues(&tenant);
        let view = queues.iter().find(|view| view.queue.as_str() == queue);
        Ok(view.map(convert::views::queue).unwrap_or_default())
    }
}
