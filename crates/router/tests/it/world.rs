//! A bus to tell facts on, a log to read, and clients to ask with.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chassis::{
    Auth, Bus, Claims, Clock, Fact, Peer, Peers, Process, Received, Running, Start, Tail, config::Secret,
};
use contract::{
    Event,
    directory::v1::{
        Agent, AgentConfigured, ChannelCapacity, ProfileQueue, Queue, QueueConfigured, Role, RoutingProfile,
        RoutingProfileConfigured, SkillLevel, WrapUpMode,
    },
    interaction::v1::{
        Channel, EndReason, InteractionConnected, InteractionEnded, InteractionQueued, Party, Ring,
    },
    router::v1::{
        AgentStatus, OfferMade, SetAgentStatusRequest, history_service_client::HistoryServiceClient,
        router_service_client::RouterServiceClient,
    },
    subject,
};
use testkit::Stack;
use tonic::{Request, transport};

pub const SECRET: &str = "a secret of thirty-two characters or more";

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct World {
    pub stack: Stack,
    pub bus: Bus,
    pub teller: Teller,
    log: Tail,
}

/// Tells facts of tenant `demo`.
#[derive(Clone)]
pub struct Teller(Bus);

impl std::ops::Deref for World {
    type Target = Teller;

    fn deref(&self) -> &Teller {
        &self.teller
    }
}

impl World {
    pub async fn new() -> Self {
        let stack = Stack::infra().await;
        let settings = stack.settings(&Process::new("teller"));
        let bus = Bus::connect(&settings.nats, "teller", Clock::system()).await.unwrap();
        let log = tail(&bus);
        Self { stack, teller: Teller(bus.clone()), bus, log }
    }

    /// Configured, with a router in this process and clients of it.
    pub async fn open() -> (Self, Running, Clients) {
        let world = Self::new().await;
        world.configure().await;
        let running = world.run().await;
        let clients = Clients::of(running.grpc());
        (world, running, clients)
    }

    /// Starts a router in this process.
    pub async fn run(&self) -> Running {
        self.stack.run(Process::new("router").with::<router::Router>()).await
    }

    /// The next fact of the router that `wanted` knows.
    pub async fn next<T>(&mut self, wanted: impl Fn(&Received) -> Option<T>) -> T {
        let search = async {
            loop {
                let received = self.log.next().await;
                if let Some(found) = wanted(&received) {
                    return found;
                }
            }
        };
        tokio::time::timeout(PATIENCE, search).await.expect("the router says something")
    }

    /// The next offer of an interaction.
    pub async fn offer(&mut self, interaction: &str) -> OfferMade {
        self.next(|received| match &received.envelope.event {
            Event::OfferMade(offer) if received.envelope.interaction_id == interaction => Some(offer.clone()),
            _ => None,
        })
        .await
    }
}

impl Teller {
    pub async fn tell(&self, interaction: &str, event: impl Into<Event>) {
        let fact = Fact::of(event).tenant("demo").interaction(interaction);
        self.0.publish(&fact).await.unwrap();
    }

    /// The demo's queues and agents: Ann and Cy for billing, Bob for sales.
    pub async fn configure(&self) {
        let capacity = |channel: Channel, slots| ChannelCapacity {
            channel: channel as i32,
            slots,
            interruptible_by: vec![Channel::Chat as i32, Channel::Voice as i32],
            ..ChannelCapacity::default()
        };
        let serves = |queue: &str| ProfileQueue { queue: queue.to_owned(), ..ProfileQueue::default() };
        let profile = RoutingProfile {
            key: "front".to_owned(),
            capacities: vec![capacity(Channel::Voice, 1), capacity(Channel::Chat, 3)],
            queues: vec![serves("billing"), serves("sales")],
            ..RoutingProfile::default()
        };
        self.tell("", RoutingProfileConfigured { profile: Some(profile) }).await;
        for queue in ["billing", "sales"] {
            let queue = Queue {
                key: queue.to_owned(),
                rings: vec![Ring { expression: format!("{queue} >= 2"), lasts: None }],
                offer_timeout: Some(contract::duration_from_millis(2_000)),
                retry_same_agent_after: Some(contract::duration_from_millis(1_000)),
                wrap_up_mode: WrapUpMode::Mandatory as i32,
                ..Queue::default()
            };
            self.tell("", QueueConfigured { queue: Some(queue) }).await;
        }
        for (agent, billing, sales) in [("ann", 4.0, 2.0), ("bob", 0.0, 5.0), ("cy", 3.0, 3.0)] {
            self.agent(agent, billing, sales).await;
        }
    }

    pub async fn agent(&self, key: &str, billing: f64, sales: f64) {
        let level = |skill: &str, proficiency| SkillLevel { skill: skill.to_owned(), proficiency };
        let agent = Agent {
            key: key.to_owned(),
            name: format!("{key} of the demo"),
            skills: vec![level("billing", billing), level("sales", sales)],
            routing_profile: "front".to_owned(),
            ..Agent::default()
        };
        self.tell("", AgentConfigured { agent: Some(agent) }).await;
    }

    pub async fn call(&self, interaction: &str, queue: &str) {
        let queued = InteractionQueued {
            channel: Channel::Voice as i32,
            queue: queue.to_owned(),
            customer_label: "+15550123".to_owned(),
            ..InteractionQueued::default()
        };
        self.tell(interaction, queued).await;
    }

    pub async fn connected(&self, interaction: &str) {
        self.tell(interaction, InteractionConnected::default()).await;
    }

    pub async fn ended(&self, interaction: &str) {
        let ended = InteractionEnded {
            reason: EndReason::CustomerLeft as i32,
            ended_by: Party::Customer as i32,
            ..InteractionEnded::default()
        };
        self.tell(interaction, ended).await;
    }
}

/// Everything of the log, from its beginning.
pub fn tail(bus: &Bus) -> Tail {
    bus.tail(vec![subject::EVENTS_SUBJECTS.to_owned()], Start::Beginning)
}

/// Reads the log until nothing comes for half a second.
pub async fn whole_log(bus: &Bus) -> Vec<Received> {
    let mut tail = tail(bus);
    tail.ready().await;
    let mut log = Vec::new();
    while let Ok(received) = tokio::time::timeout(Duration::from_millis(500), tail.next()).await {
        log.push(Arc::unwrap_or_clone(received));
    }
    log
}

/// A UUID that ends in a number.
pub fn uuid(number: u64) -> String {
    format!("01900000-0000-7000-8000-{number:012x}")
}

/// Clients of one router.
#[derive(Clone)]
pub struct Clients {
    auth: Auth,
    peers: Peers,
}

impl Clients {
    pub fn of(grpc: std::net::SocketAddr) -> Self {
        let auth = Auth::new(Secret::new(SECRET), Clock::system());
        let urls = BTreeMap::from([("router".to_owned(), format!("http://{grpc}"))]);
        let peers = Peers::new(urls, Duration::from_secs(5), auth.clone(), Clock::system()).unwrap();
        Self { auth, peers }
    }

    /// As a service of the centre.
    pub fn service(&self) -> RouterServiceClient<Peer> {
        RouterServiceClient::new(self.peers.of("router", "demo"))
    }

    /// As a service, to have the log folded again.
    pub fn history(&self) -> HistoryServiceClient<Peer> {
        HistoryServiceClient::new(self.peers.of("router", "demo"))
    }

    /// The way to the router, without saying who calls.
    pub fn channel(&self) -> transport::Channel {
        self.peers.channel("router")
    }

    /// As a service, inside another tenant.
    pub fn of_tenant(&self, tenant: &str) -> RouterServiceClient<Peer> {
        RouterServiceClient::new(self.peers.of("router", tenant))
    }

    /// As a person: a client, and a request with their token.
    pub fn person<T>(
        &self,
        user: &str,
        roles: &[Role],
        message: T,
    ) -> (RouterServiceClient<transport::Channel>, Request<T>) {
        let (token, _) =
            self.auth.mint(Claims::person("demo", user, user, roles, "s"), Duration::from_mins(5));
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        (RouterServiceClient::new(self.peers.channel("router")), request)
    }

    pub async fn status(&self, agent: &str, status: AgentStatus) {
        let request = SetAgentStatusRequest {
            agent_id: agent.to_owned(),
            status: status as i32,
            aux_code: String::new(),
            request_id: String::new(),
        };
        self.service().set_agent_status(request).await.unwrap();
    }
}
