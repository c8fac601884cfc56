//! `switchboard.router.v1.HistoryService`: who may have the log folded again.

use chassis::{Caller, Failure as _};
use contract::{
    directory::v1::Role,
    router::v1::{
        ReplayRequest, ReplayResponse, WhatIfRequest, WhatIfResponse, history_service_server::HistoryService,
    },
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::follow::FACTS;
use crate::app::App;

/// Who may check the log.
const CHECKERS: &[Role] = &[Role::Supervisor, Role::Administrator, Role::Auditor];
/// Who may play with it.
const PLANNERS: &[Role] = &[Role::Planner, Role::Supervisor, Role::Administrator];

/// The gRPC service.
pub(crate) struct History(pub App);

fn asked<T>(request: Request<T>, roles: &[Role]) -> Result<(Caller, T), Status> {
    let caller = Caller::of(&request)?.clone();
    caller.require(roles)?;
    Ok((caller, request.into_inner()))
}

#[tonic::async_trait]
impl HistoryService for History {
    type ReplayStream = ReceiverStream<Result<ReplayResponse, Status>>;
    type WhatIfStream = ReceiverStream<Result<WhatIfResponse, Status>>;

    async fn replay(&self, request: Request<ReplayRequest>) -> Result<Response<Self::ReplayStream>, Status> {
        let (caller, request) = asked(request, CHECKERS)?;
        let found = self.0.replay(&caller, &request, FACTS).await.map_err(|error| error.status())?;
        Ok(Response::new(ReceiverStream::new(found)))
    }

    async fn what_if(&self, request: Request<WhatIfRequest>) -> Result<Response<Self::WhatIfStream>, Status> {
        let (caller, request) = asked(request, PLANNERS)?;
        let played = self.0.what_if(&caller, request, FACTS).await.map_err(|error| error.status())?;
        Ok(Response::new(ReceiverStream::new(played)))
    }
}
