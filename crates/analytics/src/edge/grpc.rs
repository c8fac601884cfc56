//! `switchboard.analytics.v1.AnalyticsService`: who may ask, what was asked, what is answered.

use std::pin::Pin;

use chassis::{Caller, Clock, Db, Failure as _};
use contract::{
    analytics::v1::{
        GetLiveRequest, GetLiveResponse, ReportFlowsRequest, ReportFlowsResponse, WatchLiveRequest,
        WatchLiveResponse, analytics_service_server::AnalyticsService,
    },
    directory::v1::Role,
};
use futures::{Stream, StreamExt as _};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::convert;
use crate::app::{board::Board, report_flows::report_flows, watch_live::watch_live};

/// Who may see live figures.
const READERS: &[Role] =
    &[Role::Agent, Role::Supervisor, Role::Quality, Role::Planner, Role::Administrator, Role::Auditor];

/// Who may see what customers did.
const REPORTERS: &[Role] =
    &[Role::Supervisor, Role::Quality, Role::Planner, Role::Administrator, Role::Auditor];

/// The gRPC service.
pub struct Grpc {
    pub db: Db,
    pub clock: Clock,
    pub board: Board,
    pub stop: CancellationToken,
}

fn allow<T>(request: &Request<T>) -> Result<&str, Status> {
    let caller = Caller::of(request)?;
    caller.require(READERS)?;
    Ok(&caller.tenant)
}

#[tonic::async_trait]
impl AnalyticsService for Grpc {
    async fn get_live(&self, request: Request<GetLiveRequest>) -> Result<Response<GetLiveResponse>, Status> {
        let (at, view) = self.board.view(allow(&request)?).await.map_err(|error| error.status())?;
        Ok(Response::new(GetLiveResponse { live: Some(convert::live(at, view)) }))
    }

    async fn report_flows(
        &self,
        request: Request<ReportFlowsRequest>,
    ) -> Result<Response<ReportFlowsResponse>, Status> {
        let caller = Caller::of(&request)?;
        caller.require(REPORTERS)?;
        let tenant = caller.tenant.clone();
        let report = report_flows(&self.db, &tenant, self.clock.now(), request.into_inner()).await;
        report.map(Response::new).map_err(|error| error.status())
    }

    type WatchLiveStream = Pin<Box<dyn Stream<Item = Result<WatchLiveResponse, Status>> + Send>>;

    async fn watch_live(
        &self,
        request: Request<WatchLiveRequest>,
    ) -> Result<Response<Self::WatchLiveStream>, Status> {
        let tenant = allow(&request)?.to_owned();
        let (sender, snapshots) = mpsc::channel(1);
        tokio::spawn(watch_live(self.board.clone(), tenant, sender, self.stop.clone()));
        let stream = ReceiverStream::new(snapshots)
            .map(|(at, view)| Ok(WatchLiveResponse { live: Some(convert::live(at, view)) }));
        Ok(Response::new(Box::pin(stream)))
    }
}
