//! The gRPC service: who calls, then the request, then its error as a status.

use std::sync::Arc;

use chassis::{Caller, Failure as _};
use contract::ivr::v1::{
    AdvanceRequest, AdvanceResponse, ApplyFlowsRequest, ApplyFlowsResponse, DeletePromptRequest,
    DeletePromptResponse, GetPromptRequest, GetPromptResponse, ListFlowsRequest, ListFlowsResponse,
    ListPromptsRequest, ListPromptsResponse, UploadPromptRequest, UploadPromptResponse,
    flow_service_server::FlowService, prompt_service_server::PromptService,
};
use tonic::{Request, Response, Status};

use crate::app::{
    App, advance, apply_flows, delete_prompt, get_prompt, list_flows, list_prompts, upload_prompt,
};

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

/// `switchboard.ivr.v1.PromptService`
pub struct PromptEdge(pub Arc<App>);

#[tonic::async_trait]
impl PromptService for PromptEdge {
    async fn upload_prompt(
        &self,
        request: Request<UploadPromptRequest>,
    ) -> Result<Response<UploadPromptResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let kept = upload_prompt::upload_prompt(&self.0, &caller, request.into_inner()).await;
        kept.map(Response::new).map_err(|error| error.status())
    }

    async fn get_prompt(
        &self,
        request: Request<GetPromptRequest>,
    ) -> Result<Response<GetPromptResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let found = get_prompt::get_prompt(&self.0, &caller, request.into_inner()).await;
        found.map(Response::new).map_err(|error| error.status())
    }

    async fn list_prompts(
        &self,
        request: Request<ListPromptsRequest>,
    ) -> Result<Response<ListPromptsResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let listed = list_prompts::list_prompts(&self.0, &caller).await;
        listed.map(Response::new).map_err(|error| error.status())
    }

    async fn delete_prompt(
        &self,
        request: Request<DeletePromptRequest>,
    ) -> Result<Response<DeletePromptResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let deleted = delete_prompt::delete_prompt(&self.0, &caller, request.into_inner()).await;
        deleted.map(Response::new).map_err(|error| error.status())
    }
}
