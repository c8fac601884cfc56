//! The services the chat calls, as one small service: a menu, two tenants' entry points, a place in the queue.

use std::sync::{
    Mutex,
    atomic::{AtomicU32, Ordering},
};

use chassis::{Context, Parts, Service};
use contract::{
    directory::v1::{self as directory, EntryPoint, directory_service_server::*},
    duration_from_millis,
    interaction::v1::{Channel, Option as Choice},
    ivr::v1::{self as ivr, flow_service_server::*, input, verb},
    router::v1::{self as router, router_service_server::*},
};
use sqlx::migrate::Migrator;
use tonic::{Request, Response, Status};

/// How many more questions the flow service leaves unanswered.
static AWAY: AtomicU32 = AtomicU32::new(0);

/// What the router was asked to give back to the agent who parked it.
pub static UNPARKED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Makes the flow service fail the next `times`.
pub fn flows_away(times: u32) {
    AWAY.store(times, Ordering::SeqCst);
}

#[derive(Clone)]
pub struct Neighbours;

impl Service for Neighbours {
    const NAME: &'static str = "neighbours";
    const DEFAULTS: &'static str = "[neighbours]\n";
    type Config = std::collections::BTreeMap<String, String>;

    fn migrations() -> Option<Migrator> {
        None
    }

    async fn start(_: Self::Config, _: Context) -> anyhow::Result<Parts> {
        let all = Self;
        Ok(Parts::new()
            .grpc(FlowServiceServer::new(all.clone()))
            .grpc(DirectoryServiceServer::new(all.clone()))
            .grpc(RouterServiceServer::new(all)))
    }
}

fn say(text: &str) -> verb::Kind {
    verb::Kind::Say(ivr::Say { text: text.into(), ..ivr::Say::default() })
}

fn menu(text: &str) -> verb::Kind {
    let option = |value: &str, label: &str| Choice { value: value.into(), label: label.into() };
    let options = vec![option("1", "Sales"), option("2", "Billing"), option("3", "Leave a message")];
    let timeout = Some(duration_from_millis(60_000));
    verb::Kind::Ask(ivr::Ask { text: text.into(), options, timeout, ..ivr::Ask::default() })
}

fn queue(name: &str) -> Vec<verb::Kind> {
    vec![say("One moment please"), verb::Kind::Queue(ivr::Queue { queue: name.into(), ..Default::default() })]
}

#[tonic::async_trait]
impl FlowService for Neighbours {
    async fn advance(
        &self,
        request: Request<ivr::AdvanceRequest>,
    ) -> Result<Response<ivr::AdvanceResponse>, Status> {
        let request = request.into_inner();
        if AWAY.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Err(Status::unavailable("the flows rest"));
        }
        let kind =
            request.input.and_then(|input| input.kind).ok_or_else(|| Status::invalid_argument("input"))?;
        let form = verb::Kind::Form(ivr::Form { text: "Nobody is here. Leave a message".into() });
        let verbs = match (&kind, request.flow.as_str()) {
            (input::Kind::Begin(_), "main") => vec![say("Hello"), menu("What is it about?")],
            (input::Kind::Begin(_), "closed") => vec![form],
            (input::Kind::Begin(_), other) => return Err(Status::not_found(format!("no flow {other}"))),
            (input::Kind::Choice(value), _) => match value.as_str() {
                "1" => queue("sales"),
                "2" => queue("billing"),
                _ => vec![form],
            },
            (input::Kind::Text(text), _) if text.to_lowercase().contains("billing") => queue("billing"),
            (input::Kind::Text(_), _) => vec![menu("Please choose")],
            (input::Kind::Done(_), _) => return Err(Status::invalid_argument("nothing was to be done")),
            (input::Kind::TimedOut(_), _) => vec![say("Are you still there?"), menu("What is it about?")],
            (input::Kind::Spoken(_) | input::Kind::FaxHeard(_), _) => {
                return Err(Status::invalid_argument("a chat says nothing"));
            }
            (input::Kind::Form(form), _) => {
                vec![say(&format!("Thank you, {}", form.name)), verb::Kind::End(ivr::End {})]
            }
        };
        let step = ivr::StepTaken { flow: "main".into(), step: "menu".into(), ..Default::default() };
        Ok(Response::new(ivr::AdvanceResponse {
            verbs: verbs.into_iter().map(|kind| ivr::Verb { kind: Some(kind) }).collect(),
            session: b"session".to_vec(),
            steps: vec![step],
        }))
    }

    async fn apply_flows(
        &self,
        _: Request<ivr::ApplyFlowsRequest>,
    ) -> Result<Response<ivr::ApplyFlowsResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn list_flows(
        &self,
        _: Request<ivr::ListFlowsRequest>,
    ) -> Result<Response<ivr::ListFlowsResponse>, Status> {
        Err(Status::unimplemented(""))
    }
}

#[tonic::async_trait]
impl DirectoryService for Neighbours {
    async fn resolve_address(
        &self,
        request: Request<directory::ResolveAddressRequest>,
    ) -> Result<Response<directory::ResolveAddressResponse>, Status> {
        let request = request.into_inner();
        let (tenant, flow, origins) = match request.address.as_str() {
            "web-chat" => ("demo", "main", vec![]),
            "shop-chat" => ("demo", "main", vec!["https://shop.example".to_owned()]),
            "night-chat" => ("demo", "closed", vec![]),
            "broken-chat" => ("demo", "gone", vec![]),
            "acme-chat" => ("acme", "main", vec![]),
            _ => return Err(Status::not_found("no such entry point")),
        };
        if !request.tenant_id.is_empty() && request.tenant_id != tenant {
            return Err(Status::not_found("no such entry point"));
        }
        let entry_point = EntryPoint {
            key: request.address,
            channel: Channel::Chat.into(),
            flow: flow.into(),
            allowed_origins: origins,
            ..Default::default()
        };
        Ok(Response::new(directory::ResolveAddressResponse {
            tenant_id: tenant.into(),
            entry_point: Some(entry_point),
        }))
    }

    async fn apply(
        &self,
        _: Request<directory::ApplyRequest>,
    ) -> Result<Response<directory::ApplyResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn get_centre(
        &self,
        _: Request<directory::GetCentreRequest>,
    ) -> Result<Response<directory::GetCentreResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn check_hours(
        &self,
        _: Request<directory::CheckHoursRequest>,
    ) -> Result<Response<directory::CheckHoursResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn get_sip_credential(
        &self,
        _: Request<directory::GetSipCredentialRequest>,
    ) -> Result<Response<directory::GetSipCredentialResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn find_extension(
        &self,
        _: Request<directory::FindExtensionRequest>,
    ) -> Result<Response<directory::FindExtensionResponse>, Status> {
        Err(Status::unimplemented(""))
    }
}

macro_rules! not_asked {
    ($($name:ident($request:ident) -> $response:ident;)+) => {
        #[tonic::async_trait]
        impl RouterService for Neighbours {
            async fn get_position(
                &self,
                _: Request<router::GetPositionRequest>,
            ) -> Result<Response<router::GetPositionResponse>, Status> {
                Ok(Response::new(router::GetPositionResponse {
                    position: 2,
                    waiting: 3,
                    estimated_wait: Some(duration_from_millis(90_000)),
                    ..Default::default()
                }))
            }

            async fn unpark_interaction(
                &self,
                request: Request<router::UnparkInteractionRequest>,
            ) -> Result<Response<router::UnparkInteractionResponse>, Status> {
                UNPARKED.lock().unwrap().push(request.into_inner().interaction_id);
                Ok(Response::new(router::UnparkInteractionResponse::default()))
            }

            $(async fn $name(&self, _: Request<router::$request>) -> Result<Response<router::$response>, Status> {
                Err(Status::unimplemented(""))
            })+
        }
    };
}

not_asked! {
    set_agent_status(SetAgentStatusRequest) -> SetAgentStatusResponse;
    accept_offer(AcceptOfferRequest) -> AcceptOfferResponse;
    decline_offer(DeclineOfferRequest) -> DeclineOfferResponse;
    report_unreachable(ReportUnreachableRequest) -> ReportUnreachableResponse;
    complete_wrap_up(CompleteWrapUpRequest) -> CompleteWrapUpResponse;
    get_agent(GetAgentRequest) -> GetAgentResponse;
    list_agents(ListAgentsRequest) -> ListAgentsResponse;
    list_queues(ListQueuesRequest) -> ListQueuesResponse;
    explain(ExplainRequest) -> ExplainResponse;
    transfer_interaction(TransferInteractionRequest) -> TransferInteractionResponse;
    assign_interaction(AssignInteractionRequest) -> AssignInteractionResponse;
    pull_interaction(PullInteractionRequest) -> PullInteractionResponse;
    change_priority(ChangePriorityRequest) -> ChangePriorityResponse;
    park_interaction(ParkInteractionRequest) -> ParkInteractionResponse;
    extend_wrap_up(ExtendWrapUpRequest) -> ExtendWrapUpResponse;
    request_callback(RequestCallbackRequest) -> RequestCallbackResponse;
    report_callback_attempt(ReportCallbackAttemptRequest) -> ReportCallbackAttemptResponse;
    set_queue_closure(SetQueueClosureRequest) -> SetQueueClosureResponse;
}
