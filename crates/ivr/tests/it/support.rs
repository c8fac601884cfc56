//! A process with flows, a stand-in for the directory, and clients.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use chassis::{
    Auth, Bus, Claims, Clock, Fact, ManualClock, Process, Running,
    config::{Secret, Settings},
};
use contract::{
    Timestamp,
    directory::v1::{
        ApplyRequest, ApplyResponse, CheckHoursRequest, CheckHoursResponse, DirectoryChanged,
        FindExtensionRequest, FindExtensionResponse, GetCentreRequest, GetCentreResponse,
        GetSipCredentialRequest, GetSipCredentialResponse, ResolveAddressRequest, ResolveAddressResponse,
        Role,
        directory_service_server::{DirectoryService, DirectoryServiceServer},
    },
    interaction::v1::Channel as Line,
    ivr::v1::{
        AdvanceRequest, AdvanceResponse, ApplyFlowsRequest, ApplyFlowsResponse, AskStep, Begin, Choice,
        EndStep, Flow, HoursStep, Input, QueueStep, SayStep, Step, TimedOut,
        flow_service_client::FlowServiceClient, input, prompt_service_client::PromptServiceClient,
        step::Verb, verb,
    },
};
use ivr::Ivr;
use testkit::Stack;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    Request, Response, Status,
    service::interceptor::InterceptedService,
    transport::{Channel, Endpoint, Server},
};

/// Monday, 23 November 2026, 10:00 UTC.
pub const MONDAY: Timestamp = Timestamp::from_millis(1_795_428_000_000);

/// Answers about the hours `office` as the directory does: Monday to Friday, 9 to 17 UTC, or closed altogether.
#[derive(Clone, Default)]
struct Office {
    closed: Arc<AtomicBool>,
    away: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
}

#[tonic::async_trait]
impl DirectoryService for Office {
    async fn check_hours(
        &self,
        request: Request<CheckHoursRequest>,
    ) -> Result<Response<CheckHoursResponse>, Status> {
        if self.away.load(Ordering::SeqCst) {
            return Err(Status::unavailable("the connection is lost"));
        }
        self.asked.fetch_add(1, Ordering::SeqCst);
        let request = request.into_inner();
        if request.hours != "office" {
            return Err(Status::not_found("there are no such hours"));
        }
        if self.closed.load(Ordering::SeqCst) {
            return Ok(Response::new(CheckHoursResponse { open: false, changes_at: None }));
        }
        let (hour, day) = (3_600_000, 86_400_000);
        let since_monday = request.at.map(Timestamp::from).unwrap() - (MONDAY.plus_millis(-10 * hour));
        let (weekday, time) = (since_monday / day, since_monday % day);
        let open = weekday < 5 && (9 * hour..17 * hour).contains(&time);
        let change = match (open, time < 9 * hour) {
            (true, _) => weekday * day + 17 * hour,
            (false, true) if weekday < 5 => weekday * day + 9 * hour,
            (false, _) => (if weekday < 4 { weekday + 1 } else { 7 }) * day + 9 * hour,
        };
        let changes_at = MONDAY.plus_millis(change - 10 * hour).to_proto();
        Ok(Response::new(CheckHoursResponse { open, changes_at: Some(changes_at) }))
    }

    async fn apply(&self, _: Request<ApplyRequest>) -> Result<Response<ApplyResponse>, Status> {
        Err(Status::unimplemented("flows do not ask"))
    }

    async fn get_centre(&self, _: Request<GetCentreRequest>) -> Result<Response<GetCentreResponse>, Status> {
        Err(Status::unimplemented("flows do not ask"))
    }

    async fn resolve_address(
        &self,
        _: Request<ResolveAddressRequest>,
    ) -> Result<Response<ResolveAddressResponse>, Status> {
        Err(Status::unimplemented("flows do not ask"))
    }

    async fn get_sip_credential(
        &self,
        _: Request<GetSipCredentialRequest>,
    ) -> Result<Response<GetSipCredentialResponse>, Status> {
        Err(Status::unimplemented("flows do not ask"))
    }

    async fn find_extension(
        &self,
        _: Request<FindExtensionRequest>,
    ) -> Result<Response<FindExtensionResponse>, Status> {
        Err(Status::unimplemented("flows do not ask"))
    }
}

/// Flows on a stack of their own, whose clock stands at [`MONDAY`] until it is moved.
pub struct House {
    _stack: Stack,
    running: Running,
    pub clock: ManualClock,
    office: Office,
    directory: JoinHandle<()>,
    bus: Bus,
}

impl Drop for House {
    fn drop(&mut self) {
        self.directory.abort();
    }
}

type Bearer = Box<dyn FnMut(Request<()>) -> Result<Request<()>, Status> + Send + Sync>;
pub type Prompts = PromptServiceClient<InterceptedService<Channel, Bearer>>;
pub type Flows = FlowServiceClient<InterceptedService<Channel, Bearer>>;

impl House {
    pub async fn open() -> Self {
        Self::with(|_| {}).await
    }

    /// With the backend `shop` on a port of this machine.
    pub async fn with_backend(port: u16) -> Self {
        let url = format!("http://127.0.0.1:{port}");
        let shop = serde_json::json!({ "shop": { "url": url, "private": true, "token": "hush" } });
        Self::with(|settings| settings.set("ivr", "backends", shop)).await
    }

    async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let stack = Stack::infra().await;
        let clock = ManualClock::at(MONDAY);
        let office = Office::default();
        let (address, directory) = serve(office.clone()).await;
        let process = Process::new("test").with::<Ivr>().clock(Clock::manual(&clock));
        let mut settings = stack.settings(&process);
        settings.peers.insert("directory".into(), format!("http://{address}"));
        change(&mut settings);
        let bus = Bus::connect(&settings.nats, "directory-0", Clock::manual(&clock)).await.unwrap();
        let running = process.start(settings).await.unwrap();
        Self { _stack: stack, running, clock, office, directory, bus }
    }

    /// The directory is away from now on.
    pub fn lose_directory(&self) {
        self.office.away.store(true, Ordering::SeqCst);
    }

    /// Closes the office until further notice, and tells everybody.
    pub async fn close_office(&self) {
        self.office.closed.store(true, Ordering::SeqCst);
        let changed = DirectoryChanged { paths: vec!["hours/office".into()] };
        self.bus.publish(&Fact::of(changed).tenant("demo").id("closure")).await.unwrap();
    }

    /// How often the directory was asked about hours.
    pub fn asked(&self) -> usize {
        self.office.asked.load(Ordering::SeqCst)
    }

    fn connect(&self, claims: Claims) -> Flows {
        let (channel, bearer) = self.channel(claims);
        FlowServiceClient::with_interceptor(channel, bearer)
    }

    /// Prompts, as a service.
    pub fn prompts(&self, tenant: &str) -> Prompts {
        let (channel, bearer) = self.channel(Claims::service(tenant, "test"));
        PromptServiceClient::with_interceptor(channel, bearer)
    }

    /// Prompts, as a person.
    pub fn prompts_as(&self, tenant: &str, role: Role) -> Prompts {
        let (channel, bearer) = self.channel(Claims::person(tenant, "amy", "Amy", &[role], "session"));
        PromptServiceClient::with_interceptor(channel, bearer)
    }

    fn channel(&self, claims: Claims) -> (Channel, Bearer) {
        let secret = Secret::new("a secret of thirty-two characters or more");
        let auth = Auth::new(secret, Clock::manual(&self.clock));
        let (token, _) = auth.mint(claims, Duration::from_secs(1_000_000));
        let bearer: Bearer = Box::new(move |mut request| {
            request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
            Ok(request)
        });
        let url = format!("http://{}", self.running.grpc());
        (Endpoint::from_shared(url).unwrap().connect_lazy(), bearer)
    }

    pub fn as_service(&self, tenant: &str) -> Flows {
        self.connect(Claims::service(tenant, "test"))
    }

    pub fn as_person(&self, tenant: &str, role: Role) -> Flows {
        self.connect(Claims::person(tenant, "amy", "Amy", &[role], "session"))
    }

    pub async fn apply(&self, tenant: &str, flows: Vec<Flow>) -> ApplyFlowsResponse {
        let request = request(flows);
        self.as_service(tenant).apply_flows(request).await.unwrap().into_inner()
    }

    pub fn caller(&self) -> Customer {
        Customer { flows: self.as_service("demo"), session: Vec::new() }
    }
}

async fn serve(office: Office) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::builder().add_service(DirectoryServiceServer::new(office));
    let serving = server.serve_with_incoming(TcpListenerStream::new(listener));
    (address, tokio::spawn(async move { serving.await.unwrap() }))
}

/// A customer on the phone, inside a flow.
pub struct Customer {
    pub flows: Flows,
    pub session: Vec<u8>,
}

impl Customer {
    pub async fn try_give(&mut self, flow: &str, kind: input::Kind) -> Result<AdvanceResponse, Status> {
        let request = AdvanceRequest {
            flow: flow.into(),
            session: self.session.clone(),
            input: Some(Input { kind: Some(kind) }),
            channel: Line::Voice.into(),
            ..AdvanceRequest::default()
        };
        let response = self.flows.advance(request).await?.into_inner();
        self.session.clone_from(&response.session);
        Ok(response)
    }

    pub async fn begin(&mut self, flow: &str) -> Vec<String> {
        said(&self.try_give(flow, input::Kind::Begin(Begin {})).await.unwrap())
    }

    pub async fn press(&mut self, key: &str) -> Vec<String> {
        said(&self.try_give("", input::Kind::Choice(key.into())).await.unwrap())
    }

    pub async fn keep_silent(&mut self) -> Vec<String> {
        said(&self.try_give("", input::Kind::TimedOut(TimedOut {})).await.unwrap())
    }
}

/// `say Welcome.`, `ask`, `queue sales`, `end`.
pub fn said(response: &AdvanceResponse) -> Vec<String> {
    let word = |kind: &verb::Kind| match kind {
        verb::Kind::Say(say) => format!("say {}", say.text),
        verb::Kind::Ask(_) => "ask".to_owned(),
        verb::Kind::Queue(queue) => format!("queue {}", queue.queue),
        verb::Kind::Form(_) => "form".to_owned(),
        verb::Kind::Gather(_) => "gather".to_owned(),
        verb::Kind::Callback(callback) => format!("callback {}", callback.queue),
        verb::Kind::Voicemail(voicemail) => format!("voicemail {}", voicemail.queue),
        verb::Kind::Transfer(transfer) => format!("transfer {}", transfer.number),
        verb::Kind::End(_) => "end".to_owned(),
    };
    response.verbs.iter().map(|verb| word(verb.kind.as_ref().unwrap())).collect()
}

pub fn request(flows: Vec<Flow>) -> ApplyFlowsRequest {
    ApplyFlowsRequest {
        flows,
        known_queues: vec!["sales".into()],
        known_hours: vec!["office".into()],
        ..ApplyFlowsRequest::default()
    }
}

fn step(key: &str, verb: Verb) -> Step {
    Step { key: key.into(), verb: Some(verb) }
}

/// Greets, and asks when the office is open.
pub fn flow(key: &str, greeting: &str) -> Flow {
    Flow {
        key: key.into(),
        name: key.to_uppercase(),
        version: 0,
        start: "hello".into(),
        steps: vec![
            step("hello", Verb::Say(SayStep { text: greeting.into(), next: "open".into() })),
            step(
                "open",
                Verb::Hours(HoursStep { hours: "office".into(), open: "menu".into(), closed: "bye".into() }),
            ),
            step(
                "menu",
                Verb::Ask(AskStep {
                    text: "1 sales".into(),
                    choices: vec![Choice {
                        digit: "1".into(),
                        label: "Sales".into(),
                        next: "sales".into(),
                        say: Vec::new(),
                    }],
                    otherwise: "bye".into(),
                    ..AskStep::default()
                }),
            ),
            step("sales", Verb::Queue(QueueStep { queue: "sales".into(), ..QueueStep::default() })),
            step("bye", Verb::End(EndStep { text: format!("{greeting} Goodbye.") })),
        ],
        ..Flow::default()
    }
}
