//! A process with flows and directory, and its clients.

use std::time::Duration;

use chassis::{Auth, Claims, Clock, ManualClock, Process, Running, config::Secret};
use contract::{
    Timestamp,
    directory::v1::{
        ApplyRequest, Centre, Hours, OpenInterval, Role, Tenant, User,
        directory_service_client::DirectoryServiceClient,
    },
    interaction::v1::Channel as Line,
    ivr::v1::{
        AdvanceRequest, AdvanceResponse, ApplyFlowsRequest, ApplyFlowsResponse, AskStep, Begin, Choice,
        EndStep, Flow, HoursStep, Input, QueueStep, SayStep, Step, TimedOut,
        flow_service_client::FlowServiceClient, input, step::Verb, verb,
    },
};
use directory::Directory;
use ivr::Ivr;
use testkit::Stack;
use tonic::{
    Request, Status,
    service::interceptor::InterceptedService,
    transport::{Channel, Endpoint},
};

/// Monday, 23 November 2026, 10:00 UTC.
pub const MONDAY: Timestamp = Timestamp::from_millis(1_795_428_000_000);

pub struct House {
    _stack: Stack,
    running: Running,
    pub clock: ManualClock,
}

type Bearer = Box<dyn FnMut(Request<()>) -> Result<Request<()>, Status> + Send + Sync>;
pub type Connection = InterceptedService<Channel, Bearer>;
pub type Flows = FlowServiceClient<Connection>;

impl House {
    /// Flows and a directory with the hours `office` of the tenant `demo`.
    pub async fn open() -> Self {
        let house = Self::open_without_directory(|_| ()).await;
        house.keep_hours(false).await;
        house
    }

    pub async fn open_without_directory(change: impl FnOnce(&mut chassis::config::Settings)) -> Self {
        let stack = Stack::infra().await;
        let clock = ManualClock::at(MONDAY);
        let process = Process::new("test").with::<Directory>().with::<Ivr>().clock(Clock::manual(&clock));
        let mut settings = stack.settings(&process);
        settings.set("directory", "argon2_memory_kib", 64.into());
        change(&mut settings);
        let running = process.start(settings).await.unwrap();
        Self { _stack: stack, running, clock }
    }

    fn connect(&self, claims: Claims) -> Connection {
        let secret = Secret::new("a secret of thirty-two characters or more");
        let auth = Auth::new(secret, Clock::manual(&self.clock));
        let (token, _) = auth.mint(claims, Duration::from_secs(1_000_000));
        let bearer: Bearer = Box::new(move |mut request| {
            request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
            Ok(request)
        });
        let url = format!("http://{}", self.running.grpc());
        InterceptedService::new(Endpoint::from_shared(url).unwrap().connect_lazy(), bearer)
    }

    pub fn as_service(&self, tenant: &str) -> Flows {
        FlowServiceClient::new(self.connect(Claims::service(tenant, "test")))
    }

    pub fn as_person(&self, tenant: &str, role: Role) -> Flows {
        FlowServiceClient::new(self.connect(Claims::person(tenant, "amy", "Amy", &[role], "session")))
    }

    /// Configures the tenant's hours: Monday to Friday, 9 to 17 UTC, or an emergency closure.
    pub async fn keep_hours(&self, closed: bool) {
        let centre = Centre {
            tenant: Some(Tenant { key: "demo".into(), name: "Demo".into(), time_zone: "UTC".into() }),
            users: vec![User {
                key: "amy".into(),
                roles: vec![Role::Administrator.into()],
                password: "demo".into(),
                ..User::default()
            }],
            hours: vec![Hours {
                key: "office".into(),
                intervals: (1..=5)
                    .map(|weekday| OpenInterval { weekday, from_minute: 540, to_minute: 1020 })
                    .collect(),
                closed,
                ..Hours::default()
            }],
            ..Centre::default()
        };
        let mut directory = DirectoryServiceClient::new(self.connect(Claims::service("demo", "test")));
        let request = ApplyRequest { centre: Some(centre), ..ApplyRequest::default() };
        assert_eq!(directory.apply(request).await.unwrap().into_inner().violations, []);
    }

    pub async fn apply(&self, tenant: &str, flows: Vec<Flow>) -> ApplyFlowsResponse {
        let request = request(flows);
        self.as_service(tenant).apply_flows(request).await.unwrap().into_inner()
    }

    pub fn caller(&self) -> Customer {
        Customer { flows: self.as_service("demo"), session: Vec::new() }
    }
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
                    choices: vec![Choice { digit: "1".into(), label: "Sales".into(), next: "sales".into() }],
                    otherwise: "bye".into(),
                    ..AskStep::default()
                }),
            ),
            step("sales", Verb::Queue(QueueStep { queue: "sales".into(), ..QueueStep::default() })),
            step("bye", Verb::End(EndStep { text: format!("{greeting} Goodbye.") })),
        ],
    }
}
