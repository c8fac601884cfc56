//! `switchboard.router.v1.RouterService`: who may ask, what was asked, what is answered.

use chassis::{Caller, Failure as _};
use contract::{
    directory::v1::Role,
    router::v1::{
        self as router, AcceptOfferRequest, AcceptOfferResponse, CompleteWrapUpRequest,
        CompleteWrapUpResponse, DeclineOfferRequest, DeclineOfferResponse, ExplainRequest, ExplainResponse,
        GetAgentRequest, GetAgentResponse, GetPositionRequest, GetPositionResponse, ListAgentsRequest,
        ListAgentsResponse, ListQueuesRequest, ListQueuesResponse, ReportUnreachableRequest,
        ReportUnreachableResponse, SetAgentStatusRequest, SetAgentStatusResponse,
        router_service_server::RouterService,
    },
};
use tonic::{Request, Response, Status};

use crate::app::App;

/// Who may look at queues, agents and decisions.
const READERS: &[Role] =
    &[Role::Agent, Role::Supervisor, Role::Quality, Role::Planner, Role::Administrator, Role::Auditor];

/// The gRPC service.
pub(crate) struct Grpc(pub App);

fn asked<T>(request: Request<T>) -> Result<(Caller, T), Status> {
    let caller = Caller::of(&request)?.clone();
    caller.require(READERS)?;
    Ok((caller, request.into_inner()))
}

#[tonic::async_trait]
impl RouterService for Grpc {
    async fn set_agent_status(
        &self,
        request: Request<SetAgentStatusRequest>,
    ) -> Result<Response<SetAgentStatusResponse>, Status> {
        let (caller, request) = asked(request)?;
        let agent = self.0.set_agent_status(&caller, request).await.map_err(|error| error.status())?;
        Ok(Response::new(SetAgentStatusResponse { agent: Some(agent) }))
    }

    async fn accept_offer(
        &self,
        request: Request<AcceptOfferRequest>,
    ) -> Result<Response<AcceptOfferResponse>, Status> {
        let (caller, request) = asked(request)?;
        let work = self.0.accept_offer(&caller, request).await.map_err(|error| error.status())?;
        Ok(Response::new(AcceptOfferResponse { work: Some(work) }))
    }

    async fn decline_offer(
        &self,
        request: Request<DeclineOfferRequest>,
    ) -> Result<Response<DeclineOfferResponse>, Status> {
        let (caller, request) = asked(request)?;
        self.0.decline_offer(&caller, request).await.map_err(|error| error.status())?;
        Ok(Response::new(DeclineOfferResponse {}))
    }

    async fn report_unreachable(
        &self,
        request: Request<ReportUnreachableRequest>,
    ) -> Result<Response<ReportUnreachableResponse>, Status> {
        let (caller, request) = asked(request)?;
        self.0.report_unreachable(&caller, request).await.map_err(|error| error.status())?;
        Ok(Response::new(ReportUnreachableResponse {}))
    }

    async fn complete_wrap_up(
        &self,
        request: Request<CompleteWrapUpRequest>,
    ) -> Result<Response<CompleteWrapUpResponse>, Status> {
        let (caller, request) = asked(request)?;
        self.0.complete_wrap_up(&caller, request).await.map_err(|error| error.status())?;
        Ok(Response::new(CompleteWrapUpResponse {}))
    }

    async fn get_agent(
        &self,
        request: Request<GetAgentRequest>,
    ) -> Result<Response<GetAgentResponse>, Status> {
        let (caller, request) = asked(request)?;
        let agent = self.0.get_agent(&caller, &request.agent_id).map_err(|error| error.status())?;
        Ok(Response::new(GetAgentResponse { agent: Some(agent) }))
    }

    async fn list_agents(
        &self,
        request: Request<ListAgentsRequest>,
    ) -> Result<Response<ListAgentsResponse>, Status> {
        let (caller, request) = asked(request)?;
        Ok(Response::new(self.0.list_agents(&caller, &request)))
    }

    async fn list_queues(
        &self,
        request: Request<ListQueuesRequest>,
    ) -> Result<Response<ListQueuesResponse>, Status> {
        let (caller, _) = asked(request)?;
        Ok(Response::new(ListQueuesResponse { queues: self.0.list_queues(&caller) }))
    }

    async fn get_position(
        &self,
        request: Request<GetPositionRequest>,
    ) -> Result<Response<GetPositionResponse>, Status> {
        let (caller, request) = asked(request)?;
        let position =
            self.0.get_position(&caller, &request.interaction_id).map_err(|error| error.status())?;
        Ok(Response::new(position))
    }

    async fn explain(&self, request: Request<ExplainRequest>) -> Result<Response<ExplainResponse>, Status> {
        let (caller, request) = asked(request)?;
        let explained =
            self.0.explain(&caller, request, super::follow::FACTS).await.map_err(|error| error.status())?;
        Ok(Response::new(explained))
    }

    async fn transfer_interaction(
        &self,
        request: Request<router::TransferInteractionRequest>,
    ) -> Result<Response<router::TransferInteractionResponse>, Status> {
        let (caller, request) = asked(request)?;
        let work = self.0.transfer_interaction(&caller, request).await.map_err(|error| error.status())?;
        Ok(Response::new(router::TransferInteractionResponse { work: Some(work) }))
    }

    async fn assign_interaction(
        &self,
        request: Request<router::AssignInteractionRequest>,
    ) -> Result<Response<router::AssignInteractionResponse>, Status> {
        let (caller, request) = asked(request)?;
        let work = self.0.assign_interaction(&caller, request).await.map_err(|error| error.status())?;
        Ok(Response::new(router::AssignInteractionResponse { work: Some(work) }))
    }

    async fn pull_interaction(
        &self,
        request: Request<router::PullInteractionRequest>,
    ) -> Result<Response<router::PullInteractionResponse>, Status> {
        let (caller, request) = asked(request)?;
        let work = self.0.pull_interaction(&caller, request).await.map_err(|error| error.status())?;
        Ok(Response::new(router::PullInteractionResponse { work: Some(work) }))
    }

    async fn change_priority(
        &self,
        request: Request<router::ChangePriorityRequest>,
    ) -> Result<Response<router::ChangePriorityResponse>, Status> {
        let (caller, request) = asked(request)?;
        let work = self.0.change_priority(&caller, request).await.map_err(|error| error.status())?;
        Ok(Response::new(router::ChangePriorityResponse { work: Some(work) }))
    }

    async fn park_interaction(
        &self,
        request: Request<router::ParkInteractionRequest>,
    ) -> Result<Response<router::ParkInteractionResponse>, Status> {
        let (caller, request) = asked(request)?;
        let work = self.0.park_interaction(&caller, request).await.map_err(|error| error.status())?;
        Ok(Response::new(router::ParkInteractionResponse { work: Some(work) }))
    }

    async fn unpark_interaction(
        &self,
        request: Request<router::UnparkInteractionRequest>,
    ) -> Result<Response<router::UnparkInteractionResponse>, Status> {
        let (caller, request) = asked(request)?;
        let work = self.0.unpark_interaction(&caller, request).await.map_err(|error| error.status())?;
        Ok(Response::new(router::UnparkInteractionResponse { work: Some(work) }))
    }

    async fn extend_wrap_up(
        &self,
        request: Request<router::ExtendWrapUpRequest>,
    ) -> Result<Response<router::ExtendWrapUpResponse>, Status> {
        let (caller, request) = asked(request)?;
        let work = self.0.extend_wrap_up(&caller, request).await.map_err(|error| error.status())?;
        Ok(Response::new(router::ExtendWrapUpResponse { work: Some(work) }))
    }

    async fn request_callback(
        &self,
        request: Request<router::RequestCallbackRequest>,
    ) -> Result<Response<router::RequestCallbackResponse>, Status> {
        let (caller, request) = asked(request)?;
        let work = self.0.request_callback(&caller, request).await.map_err(|error| error.status())?;
        Ok(Response::new(router::RequestCallbackResponse { work: Some(work) }))
    }

    async fn report_callback_attempt(
        &self,
        request: Request<router::ReportCallbackAttemptRequest>,
    ) -> Result<Response<router::ReportCallbackAttemptResponse>, Status> {
        let (caller, request) = asked(request)?;
        self.0.report_callback_attempt(&caller, request).await.map_err(|error| error.status())?;
        Ok(Response::new(router::ReportCallbackAttemptResponse {}))
    }

    async fn set_queue_closure(
        &self,
        request: Request<router::SetQueueClosureRequest>,
    ) -> Result<Response<router::SetQueueClosureResponse>, Status> {
        let (caller, request) = asked(request)?;
        let queue = self.0.set_queue_closure(&caller, request).await.map_err(|error| error.status())?;
        Ok(Response::new(router::SetQueueClosureResponse { queue: Some(queue) }))
    }
}
