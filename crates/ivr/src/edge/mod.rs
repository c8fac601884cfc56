//! The gRPC service: who calls, then the request, then its error as a status.

use std::sync::Arc;

use chassis::{Caller, Failure as _};
use contract::ivr::v1::{
    AdvanceRequest, AdvanceResponse, ApplyFlowsRequest, ApplyFlowsResponse, ListFlowsRequest,
    ListFlowsResponse, flow_service_server::FlowService,
};
use tonic::{Request, Response, Status};

use crate::app::{App, advance, apply_flows, list_flows};

/// `switchboard.ivr.v1.FlowService`
pub struct FlowEdge(pub Arc<App>);

#[tonic::async_trait]
impl FlowService for FlowEdge {
    async fn advance(&self, request: Request<AdvanceRequest>) -> Result<Response<AdvanceResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let advanced = advance::advance(&self.0, &caller, request.into_inner()).await;
        advanced.map(Response::new).map_err(|error| error.status())
    }

    async fn apply_flows(
        &self,
        request: Request<ApplyFlowsRequest>,
    ) -> Result<Response<ApplyFlowsResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let applied = apply_flows::apply_flows(&self.0, &caller, request.into_inner()).await;
        applied.map(Response::new).map_err(|error| error.status())
    }

    async fn list_flows(
        &self,
        request: Request<ListFlowsRequest>,
    ) -> Result<Response<ListFlowsResponse>, Status> {
        let caller = Caller::of(&request)?;
        let flows = list_flows::list_flows(&self.0, caller).await;
        flows.map(Response::new).map_err(|error| error.status())
    }
}
