//! A directory that runs, its clients, and what it told the bus.

use std::time::Duration;

use chassis::{Auth, Claims, Clock, ManualClock, Process, Running, config::Secret};
use contract::{
    Event, Timestamp,
    directory::v1::{
        Agent, ApplyRequest, ApplyResponse, Centre, ChannelCapacity, EntryPoint, Hours, OpenInterval,
        ProfileQueue, Queue, Role, RoutingProfile, Session, SignInRequest, Skill, SkillLevel, Tenant, User,
        administration_service_client::AdministrationServiceClient,
        directory_service_client::DirectoryServiceClient, session_service_client::SessionServiceClient,
    },
    interaction::v1::Channel as Line,
};
use directory::Directory;
use futures::StreamExt as _;
use testkit::Stack;
use tonic::{
    Request, Status,
    service::interceptor::InterceptedService,
    transport::{Channel, Endpoint},
};

const SECRET: &str = "a secret of thirty-two characters or more";

/// Saturday, 21 November 2026, noon UTC.
pub const NOON: Timestamp = Timestamp::from_millis(1_795_262_400_000);

/// A directory on a stack of its own, whose clock stands at [`NOON`] until it is moved.
pub struct House {
    stack: Stack,
    running: Running,
    pub clock: ManualClock,
}

type Bearer = Box<dyn FnMut(Request<()>) -> Result<Request<()>, Status> + Send + Sync>;
pub type Administration = AdministrationServiceClient<InterceptedService<Channel, Bearer>>;
pub type Client = DirectoryServiceClient<InterceptedService<Channel, Bearer>>;

impl House {
    pub async fn open() -> Self {
        Self::open_with(|_| ()).await
    }

    pub async fn open_with(change: impl FnOnce(&mut chassis::config::Settings)) -> Self {
        let stack = Stack::infra().await;
        let clock = ManualClock::at(NOON);
        let process = Process::new("test").with::<Directory>().clock(Clock::manual(&clock));
        let mut settings = stack.settings(&process);
        // Hashing that takes a moment belongs in production.
        settings.set("directory", "argon2_memory_kib", 64.into());
        settings.set("directory", "argon2_passes", 1.into());
        change(&mut settings);
        let running = process.start(settings).await.unwrap();
        Self { stack, running, clock }
    }

    fn channel(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.running.grpc())).unwrap().connect_lazy()
    }

    fn with_claims(&self, claims: Claims) -> Client {
        DirectoryServiceClient::with_interceptor(self.channel(), self.bearer(claims))
    }

    fn bearer(&self, claims: Claims) -> Bearer {
        let auth = Auth::new(Secret::new(SECRET), Clock::manual(&self.clock));
        let (token, _) = auth.mint(claims, Duration::from_mins(15));
        Box::new(move |mut request| {
            request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
            Ok(request)
        })
    }

    /// The directory as a service inside a tenant calls it.
    pub fn as_service(&self, tenant: &str) -> Client {
        self.with_claims(Claims::service(tenant, "test"))
    }

    /// The directory as a person calls it.
    pub fn as_person(&self, tenant: &str, user: &str, role: Role) -> Client {
        self.with_claims(Claims::person(tenant, user, user, &[role], "session"))
    }

    /// The directory's pages as a person of the tenant `demo` calls them.
    pub fn administration(&self, user: &str, role: Role) -> Administration {
        let claims = Claims::person("demo", user, user, &[role], "session");
        AdministrationServiceClient::with_interceptor(self.channel(), self.bearer(claims))
    }

    /// The directory as nobody calls it.
    pub fn sessions(&self) -> SessionServiceClient<Channel> {
        SessionServiceClient::new(self.channel())
    }

    pub async fn try_apply(&self, centre: Centre) -> Result<ApplyResponse, Status> {
        let tenant = centre.tenant.as_ref().unwrap().key.clone();
        let known_flows = vec!["main".to_owned()];
        let request = ApplyRequest { centre: Some(centre), known_flows, ..ApplyRequest::default() };
        Ok(self.as_service(&tenant).apply(request).await?.into_inner())
    }

    /// Applies a centre; its diff as `1 users/ann`.
    pub async fn apply(&self, centre: Centre) -> Vec<String> {
        let response = self.try_apply(centre).await.unwrap();
        assert_eq!(response.violations, []);
        response.changes.iter().map(|change| format!("{} {}", change.kind, change.path)).collect()
    }

    pub async fn sign_in(&self, tenant: &str, login: &str, password: &str) -> Result<Session, Status> {
        let request =
            SignInRequest { tenant_id: tenant.into(), login: login.into(), password: password.into() };
        Ok(self.sessions().sign_in(request).await?.into_inner().session.unwrap())
    }

    /// Everything the bus was told so far, once `count` facts are there.
    pub async fn told(&self, count: usize) -> Vec<Event> {
        let jetstream = async_nats::jetstream::new(self.stack.nats().await);
        let stream = jetstream.get_stream(contract::subject::EVENTS).await.unwrap();
        let config = async_nats::jetstream::consumer::pull::OrderedConfig::default();
        let consumer = stream.create_consumer(config).await.unwrap();
        let mut messages = consumer.messages().await.unwrap();
        let mut events = Vec::new();
        loop {
            let patience = Duration::from_millis(if events.len() < count { 10_000 } else { 300 });
            let Ok(Some(message)) = tokio::time::timeout(patience, messages.next()).await else { break };
            events.push(contract::decode(&message.unwrap().payload).unwrap().event);
        }
        events
    }
}

/// Ann serves billing by phone and chat, Amy administrates.
pub fn centre(tenant: &str, number: &str) -> Centre {
    let user = |key: &str, role: Role| User {
        key: key.into(),
        roles: vec![role.into()],
        password: format!("{key}-secret"),
        ..User::default()
    };
    Centre {
        tenant: Some(Tenant {
            key: tenant.into(),
            name: tenant.to_uppercase(),
            time_zone: "Europe/Lisbon".into(),
        }),
        users: vec![user("amy", Role::Administrator), user("ann", Role::Agent)],
        agents: vec![Agent {
            key: "ann".into(),
            skills: vec![SkillLevel { skill: "billing".into(), proficiency: 4.0 }],
            routing_profile: "all".into(),
            ..Agent::default()
        }],
        skills: vec![Skill { key: "billing".into(), name: "Billing".into() }],
        teams: vec![],
        queues: vec![Queue { key: "billing".into(), ..Queue::default() }],
        routing_profiles: vec![RoutingProfile {
            key: "all".into(),
            capacities: vec![ChannelCapacity {
                channel: Line::Voice.into(),
                slots: 1,
                ..ChannelCapacity::default()
            }],
            queues: vec![ProfileQueue { queue: "billing".into(), ..ProfileQueue::default() }],
            ..RoutingProfile::default()
        }],
        hours: vec![Hours {
            key: "office".into(),
            intervals: (1..=5)
                .map(|weekday| OpenInterval { weekday, from_minute: 540, to_minute: 1020 })
                .collect(),
            ..Hours::default()
        }],
        entry_points: vec![
            EntryPoint {
                key: "phone".into(),
                channel: Line::Voice.into(),
                addresses: vec![number.into()],
                flow: "main".into(),
                ..EntryPoint::default()
            },
            EntryPoint {
                key: "web-chat".into(),
                channel: Line::Chat.into(),
                flow: "main".into(),
                ..EntryPoint::default()
            },
        ],
    }
}
