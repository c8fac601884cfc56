//! What directory, flows and router answer in these tests.

use std::sync::{Arc, Mutex};

use contract::{
    directory::v1::{self as directory, directory_service_server as directory_server},
    interaction::v1::Option as Choice,
    ivr::v1::{self as ivr, flow_service_server as flow_server, input, verb::Kind},
    router::v1::{self as router, router_service_server as router_server},
};
use md5::Md5;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tonic::{Request, Response, Status, transport::Server, transport::server::TcpIncoming};

/// The peers, and what they were asked.
pub struct Peers {
    pub url: String,
    /// "accept o1 ann", "decline o1 ann", "unreachable o1 ann: no phone is registered", "callback <id> +15550123",
    /// "attempt <id> busy".
    pub told: Mutex<Vec<String>>,
    /// The router refuses acceptances.
    pub refuse: std::sync::atomic::AtomicBool,
    /// The router takes two seconds to take an acceptance.
    pub slow: std::sync::atomic::AtomicBool,
    /// The router does not hear what came of an attempt.
    pub deaf: std::sync::atomic::AtomicBool,
}

impl Peers {
    pub async fn serve() -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peers = Arc::new(Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            told: Mutex::default(),
            refuse: Default::default(),
            slow: Default::default(),
            deaf: Default::default(),
        });
        let server = Server::builder()
            .add_service(directory_server::DirectoryServiceServer::new(Api(Arc::clone(&peers))))
            .add_service(flow_server::FlowServiceServer::new(Api(Arc::clone(&peers))))
            .add_service(router_server::RouterServiceServer::new(Api(Arc::clone(&peers))));
        tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
        peers
    }

    /// Waits until the router was told this.
    pub async fn told(&self, wanted: &str) {
        for _ in 0..2_000 {
            if self.told.lock().unwrap().iter().any(|told| told == wanted) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("the router was not told {wanted:?} but {:?}", self.told.lock().unwrap());
    }
}

struct Api(Arc<Peers>);

type Answer<T> = Result<Response<T>, Status>;

fn unused<T>() -> Answer<T> {
    Err(Status::unimplemented("not used by the voice service"))
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.as_ref().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[tonic::async_trait]
impl directory_server::DirectoryService for Api {
    async fn apply(&self, _: Request<directory::ApplyRequest>) -> Answer<directory::ApplyResponse> {
        unused()
    }

    async fn get_centre(
        &self,
        _: Request<directory::GetCentreRequest>,
    ) -> Answer<directory::GetCentreResponse> {
        unused()
    }

    async fn resolve_address(
        &self,
        request: Request<directory::ResolveAddressRequest>,
    ) -> Answer<directory::ResolveAddressResponse> {
        let flow = match request.get_ref().address.as_str() {
            "+15550100" => "welcome",
            "+15550101" => "straight",
            "+15550102" => "missing",
            "+15550103" => "slow",
            "+15550104" => "goodbye",
            "+15550105" => "offer",
            "+15550106" => "voicemail",
            "+15550107" => "callback",
            "+15550108" => "transfer",
            "+15550109" => "spoken",
            _ => return Err(Status::not_found("no entry point has this address")),
        };
        let entry_point = directory::EntryPoint {
            key: "phone".to_owned(),
            flow: flow.to_owned(),
            ..directory::EntryPoint::default()
        };
        Ok(Response::new(directory::ResolveAddressResponse {
            tenant_id: "demo".to_owned(),
            entry_point: Some(entry_point),
        }))
    }

    async fn check_hours(
        &self,
        _: Request<directory::CheckHoursRequest>,
    ) -> Answer<directory::CheckHoursResponse> {
        unused()
    }

    async fn get_sip_credential(
        &self,
        request: Request<directory::GetSipCredentialRequest>,
    ) -> Answer<directory::GetSipCredentialResponse> {
        let username = request.into_inner().username;
        if !["ann", "bob", "sue"].contains(&username.as_str()) {
            return Err(Status::not_found("no such phone"));
        }
        let secret = format!("{username}:switchboard:demo");
        Ok(Response::new(directory::GetSipCredentialResponse {
            tenant_id: "demo".to_owned(),
            agent_id: username,
            realm: "switchboard".to_owned(),
            ha1_md5: hex(Md5::digest(&secret)),
            ha1_sha256: hex(Sha256::digest(&secret)),
        }))
    }

    async fn find_extension(
        &self,
        request: Request<directory::FindExtensionRequest>,
    ) -> Answer<directory::FindExtensionResponse> {
        let agent_id = match request.get_ref().extension.as_str() {
            "201" => "ann",
            "202" => "bob",
            _ => return Err(Status::not_found("nobody has this extension")),
        };
        Ok(Response::new(directory::FindExtensionResponse { agent_id: agent_id.to_owned() }))
    }
}

#[tonic::async_trait]
impl flow_server::FlowService for Api {
    async fn advance(&self, request: Request<ivr::AdvanceRequest>) -> Answer<ivr::AdvanceResponse> {
        let request = request.into_inner();
        let input = request.input.and_then(|input| input.kind);
        let say = |text: &str| Kind::Say(ivr::Say { text: text.to_owned(), ..ivr::Say::default() });
        let queue =
            |queue: &str| Kind::Queue(ivr::Queue { queue: queue.to_owned(), ..ivr::Queue::default() });
        let ask = || {
            let option =
                |value: &str, label: &str| Choice { value: value.to_owned(), label: label.to_owned() };
            Kind::Ask(ivr::Ask {
                text:
                    "Welcome to Harbour Supply. For sales press 1, for billing press 2, for an agent press 0."
                        .to_owned(),
                options: vec![option("1", "Sales"), option("2", "Billing")],
                timeout: Some(contract::duration_from_millis(1_000)),
                ..ivr::Ask::default()
            })
        };
        let spoken = |text: &str, phrases: &[&str]| {
            let phrases = phrases.iter().map(|phrase| (*phrase).to_owned()).collect();
            let timeout = Some(contract::duration_from_millis(6_000));
            Kind::Ask(ivr::Ask { text: text.to_owned(), phrases, timeout, ..ivr::Ask::default() })
        };
        let menu =
            |text: &str| spoken(text, if request.listens { &["sales", "billing", "agent"] } else { &[] });
        let mut session = b"menu".to_vec();
        let kinds = match (request.flow.as_str(), input) {
            (_, Some(input::Kind::FaxHeard(_))) => {
                vec![Kind::Transfer(ivr::Transfer { number: "+442079460077".to_owned() })]
            }
            ("spoken", _) => {
                session = b"spoken".to_vec();
                vec![menu("Welcome to Harbour Supply. Sales or billing?")]
            }
            (_, Some(input::Kind::Choice(key))) if request.session == b"spoken" => vec![queue(&key)],
            (_, Some(input::Kind::TimedOut(_))) if request.session.starts_with(b"spoken") => {
                vec![queue("silent")]
            }
            (_, Some(input::Kind::Spoken(said))) if request.session == b"spoken" => {
                self.0.told.lock().unwrap().push(format!("said {:?}", said.phrase));
                if said.phrase.is_empty() {
                    session = b"spoken".to_vec();
                    vec![say("Sorry, I did not get that."), menu("Sales or billing?")]
                } else {
                    session = format!("spoken {}", said.phrase).into_bytes();
                    vec![spoken("Did you say that?", &["yes", "yeah", "no", "nope"])]
                }
            }
            (_, Some(input::Kind::Spoken(said))) if request.session.starts_with(b"spoken ") => {
                self.0.told.lock().unwrap().push(format!("confirmed {:?}", said.phrase));
                let meant = String::from_utf8_lossy(&request.session[7..]).into_owned();
                if matches!(said.phrase.as_str(), "yes" | "yeah") {
                    vec![queue(&meant)]
                } else {
                    session = b"spoken".to_vec();
                    vec![menu("Sales or billing?")]
                }
            }
            ("welcome", Some(input::Kind::Begin(_))) => vec![ask()],
            ("straight", _) => vec![queue("general")],
            ("goodbye", _) => vec![say("Sorry, I did not get that."), Kind::End(ivr::End {})],
            ("offer", _) => vec![Kind::Queue(ivr::Queue {
                queue: "general".to_owned(),
                callback: Some(ivr::CallbackOffer {
                    key: "5".to_owned(),
                    number: String::new(),
                    text: "Thank you. We will be in touch.".to_owned(),
                }),
                ..ivr::Queue::default()
            })],
            ("voicemail", _) => vec![Kind::Voicemail(ivr::Voicemail {
                text: "Sorry, I did not get that.".to_owned(),
                queue: "billing".to_owned(),
                longest: Some(contract::duration_from_millis(20_000)),
                silence: Some(contract::duration_from_millis(2_000)),
                callback: true,
                ..ivr::Voicemail::default()
            })],
            ("callback", _) => vec![Kind::Callback(ivr::Callback {
                queue: "billing".to_owned(),
                number: "+44 20 7946 0019".to_owned(),
                priority: 2,
                ..ivr::Callback::default()
            })],
            ("transfer", _) => vec![Kind::Transfer(ivr::Transfer { number: "+442079460019".to_owned() })],
            (_, Some(input::Kind::Done(done))) if done.well => vec![Kind::End(ivr::End {})],
            (_, Some(input::Kind::Done(_))) => vec![queue("general")],
            ("slow", _) => {
                tokio::time::sleep(std::time::Duration::from_secs(2)).await;
                vec![queue("general")]
            }
            (_, Some(input::Kind::Choice(key))) if request.session == b"menu" => match key.as_str() {
                "1" => vec![queue("sales")],
                "2" => vec![say("You are through to billing in a moment."), queue("billing")],
                _ => vec![say("Sorry, I did not get that."), ask()],
            },
            (_, Some(input::Kind::TimedOut(_))) if request.session == b"menu" => {
                session = b"missed".to_vec();
                vec![queue("general")]
            }
            _ => return Err(Status::not_found("unknown flow")),
        };
        let verbs = kinds.into_iter().map(|kind| ivr::Verb { kind: Some(kind) }).collect();
        let step = ivr::StepTaken {
            flow: "welcome".to_owned(),
            step: "menu".to_owned(),
            input: String::new(),
            outcome: "entered".to_owned(),
        };
        Ok(Response::new(ivr::AdvanceResponse { verbs, session, steps: vec![step] }))
    }

    async fn apply_flows(&self, _: Request<ivr::ApplyFlowsRequest>) -> Answer<ivr::ApplyFlowsResponse> {
        unused()
    }

    async fn list_flows(&self, _: Request<ivr::ListFlowsRequest>) -> Answer<ivr::ListFlowsResponse> {
        unused()
    }
}

#[tonic::async_trait]
impl router_server::RouterService for Api {
    async fn set_agent_status(
        &self,
        _: Request<router::SetAgentStatusRequest>,
    ) -> Answer<router::SetAgentStatusResponse> {
        unused()
    }

    async fn accept_offer(
        &self,
        request: Request<router::AcceptOfferRequest>,
    ) -> Answer<router::AcceptOfferResponse> {
        let request = request.into_inner();
        self.0.told.lock().unwrap().push(format!("accept {} {}", request.offer_id, request.agent_id));
        if self.0.refuse.load(std::sync::atomic::Ordering::SeqCst) {
            return Err(Status::failed_precondition("the offer is gone"));
        }
        if self.0.slow.load(std::sync::atomic::Ordering::SeqCst) {
            tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        }
        Ok(Response::new(router::AcceptOfferResponse::default()))
    }

    async fn decline_offer(
        &self,
        request: Request<router::DeclineOfferRequest>,
    ) -> Answer<router::DeclineOfferResponse> {
        let request = request.into_inner();
        self.0.told.lock().unwrap().push(format!("decline {} {}", request.offer_id, request.agent_id));
        Ok(Response::new(router::DeclineOfferResponse {}))
    }

    async fn report_unreachable(
        &self,
        request: Request<router::ReportUnreachableRequest>,
    ) -> Answer<router::ReportUnreachableResponse> {
        let request = request.into_inner();
        let told = format!("unreachable {} {}: {}", request.offer_id, request.agent_id, request.reason);
        self.0.told.lock().unwrap().push(told);
        Ok(Response::new(router::ReportUnreachableResponse {}))
    }

    async fn complete_wrap_up(
        &self,
        _: Request<router::CompleteWrapUpRequest>,
    ) -> Answer<router::CompleteWrapUpResponse> {
        unused()
    }

    async fn get_agent(&self, _: Request<router::GetAgentRequest>) -> Answer<router::GetAgentResponse> {
        unused()
    }

    async fn list_agents(&self, _: Request<router::ListAgentsRequest>) -> Answer<router::ListAgentsResponse> {
        unused()
    }

    async fn list_queues(&self, _: Request<router::ListQueuesRequest>) -> Answer<router::ListQueuesResponse> {
        unused()
    }

    async fn get_position(
        &self,
        _: Request<router::GetPositionRequest>,
    ) -> Answer<router::GetPositionResponse> {
        Ok(Response::new(router::GetPositionResponse {
            position: 3,
            ..router::GetPositionResponse::default()
        }))
    }

    async fn explain(&self, _: Request<router::ExplainRequest>) -> Answer<router::ExplainResponse> {
        unused()
    }

    async fn transfer_interaction(
        &self,
        _: Request<router::TransferInteractionRequest>,
    ) -> Answer<router::TransferInteractionResponse> {
        unused()
    }

    async fn assign_interaction(
        &self,
        _: Request<router::AssignInteractionRequest>,
    ) -> Answer<router::AssignInteractionResponse> {
        unused()
    }

    async fn pull_interaction(
        &self,
        _: Request<router::PullInteractionRequest>,
    ) -> Answer<router::PullInteractionResponse> {
        unused()
    }

    async fn change_priority(
        &self,
        _: Request<router::ChangePriorityRequest>,
    ) -> Answer<router::ChangePriorityResponse> {
        unused()
    }

    async fn park_interaction(
        &self,
        _: Request<router::ParkInteractionRequest>,
    ) -> Answer<router::ParkInteractionResponse> {
        unused()
    }

    async fn unpark_interaction(
        &self,
        _: Request<router::UnparkInteractionRequest>,
    ) -> Answer<router::UnparkInteractionResponse> {
        unused()
    }

    async fn extend_wrap_up(
        &self,
        _: Request<router::ExtendWrapUpRequest>,
    ) -> Answer<router::ExtendWrapUpResponse> {
        unused()
    }

    async fn request_callback(
        &self,
        request: Request<router::RequestCallbackRequest>,
    ) -> Answer<router::RequestCallbackResponse> {
        let request = request.into_inner();
        self.0.told.lock().unwrap().push(format!("callback {} {}", request.interaction_id, request.phone));
        Ok(Response::new(router::RequestCallbackResponse::default()))
    }

    async fn report_callback_attempt(
        &self,
        request: Request<router::ReportCallbackAttemptRequest>,
    ) -> Answer<router::ReportCallbackAttemptResponse> {
        let request = request.into_inner();
        if self.0.deaf.load(std::sync::atomic::Ordering::SeqCst) {
            return Err(Status::unavailable("nobody hears"));
        }
        let outcome = request.outcome().as_str_name().trim_start_matches("CALLBACK_OUTCOME_").to_lowercase();
        self.0.told.lock().unwrap().push(format!("attempt {} {outcome}", request.interaction_id));
        Ok(Response::new(router::ReportCallbackAttemptResponse {}))
    }

    async fn set_queue_closure(
        &self,
        _: Request<router::SetQueueClosureRequest>,
    ) -> Answer<router::SetQueueClosureResponse> {
        unused()
    }
}
