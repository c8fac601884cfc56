//! `switchboard.analytics.v1.AnalyticsService`: who may ask, what was asked, what is answered.

use std::pin::Pin;

use chassis::{Caller, Failure as _};
use contract::{
    analytics::v1::{
        GetLiveRequest, GetLiveResponse, WatchLiveRequest, WatchLiveResponse,
        analytics_service_server::AnalyticsService,
    },
    directory::v1::Role,
};
use futures::{Stream, StreamExt as _};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::convert;
use crate::app::{board::Board, watch_live::watch_live};

/// Who may see live figures.
const READERS: &[Role] =
    &[Role::Agent, Role::Supervisor, Role::Quality, Role::Planner, Role::Administrator, Role::Auditor];

/// The gRPC service.
pub struct Grpc {
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
