//! A running analytics, a bus to tell it facts, and clients to ask it.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use analytics::Analytics;
use chassis::{Auth, Bus, Claims, Clock, Fact, ManualClock, Peer, Peers, Process, Running, config::Secret};
use contract::{
    Event, Timestamp,
    analytics::v1::{
        AgentLive, GetLiveRequest, Live, QueueLive, analytics_service_client::AnalyticsServiceClient,
    },
    directory::v1::{AgentConfigured, Role},
};
use sqlx::{Connection as _, PgConnection};
use testkit::Stack;
use tonic::{Request, transport::Channel};

use crate::directory::Directory;

/// Noon of a Saturday, UTC: the moment the clock stands at.
pub const NOON: i64 = 1_795_262_400_000;

const SECRET: &str = "a secret of thirty-two characters or more";

pub struct World {
    pub stack: Stack,
    pub running: Option<Running>,
    pub bus: Bus,
    pub clock: ManualClock,
    auth: Auth,
    peers: Peers,
    ids: AtomicU64,
}

impl World {
    pub async fn start() -> Self {
        Self::on(Stack::infra().await).await
    }

    /// On servers of its own, which may be killed.
    pub async fn start_own() -> Self {
        Self::on(Stack::own().await).await
    }

    async fn on(stack: Stack) -> Self {
        let clock = ManualClock::at(Timestamp::from_millis(NOON));
        let (running, peers, auth) = run(&stack, &clock, "one").await;
        let settings = stack.settings(&Process::new("teller"));
        let bus = Bus::connect(&settings.nats, "teller", Clock::manual(&clock)).await.unwrap();
        Self { stack, running: Some(running), bus, clock, auth, peers, ids: AtomicU64::new(0) }
    }

    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    /// Starts analytics after a stop.
    pub async fn start_again(&mut self) {
        let (running, peers, auth) = run(&self.stack, &self.clock, "one").await;
        (self.running, self.peers, self.auth) = (Some(running), peers, auth);
    }

    /// A second replica, and a client of it.
    pub async fn replica(&self) -> (Running, AnalyticsServiceClient<Peer>) {
        let (running, peers, _) = run(&self.stack, &self.clock, "two").await;
        (running, AnalyticsServiceClient::new(peers.of("analytics", "demo")))
    }

    /// Tells a fact of tenant `demo`.
    pub async fn tell(&self, interaction: &str, event: impl Into<Event>) {
        self.publish(Fact::of(event).tenant("demo").interaction(interaction)).await;
    }

    /// Moves the clock on, and tells what happens then.
    pub async fn then(&self, seconds: i64, interaction: &str, event: impl Into<Event>) {
        self.clock.advance_millis(seconds * 1_000);
        self.tell(interaction, event).await;
    }

    pub async fn publish(&self, fact: Fact) {
        self.bus.publish(&fact).await.unwrap();
    }

    /// Waits until analytics has taken everything that is on the bus.
    pub async fn settled(&self) {
        let marker = self.ids.fetch_add(1, Ordering::Relaxed).to_string();
        let nothing = Fact::of(AgentConfigured::default()).tenant("demo").id(format!("marker-{marker}"));
        self.publish(nothing).await;
        let statement =
            format!("SELECT EXISTS (SELECT FROM analytics.inbox WHERE message_id = 'marker-{marker}')");
        let mut connection = self.owner().await;
        for _ in 0..3_000 {
            let asked = sqlx::query_scalar(sqlx::AssertSqlSafe(statement.clone()));
            match asked.fetch_one(&mut connection).await {
                Ok(true) => return,
                Ok(false) => tokio::time::sleep(Duration::from_millis(10)).await,
                Err(_) => connection = self.owner().await,
            }
        }
        panic!("analytics did not come to rest");
    }

    /// A client of a service inside a tenant.
    pub fn service(&self, tenant: &str) -> AnalyticsServiceClient<Peer> {
        AnalyticsServiceClient::new(self.peers.of("analytics", tenant))
    }

    /// A client without any token, and a request with the token of a person.
    pub fn person<T>(&self, message: T, roles: &[Role]) -> (AnalyticsServiceClient<Channel>, Request<T>) {
        let claims = Claims::person("demo", "ann", "Ann", roles, "session");
        let (token, _) = self.auth.mint(claims, Duration::from_mins(5));
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        (AnalyticsServiceClient::new(self.peers.channel("analytics")), request)
    }

    /// How the centre `demo` stands when everything told is taken.
    pub async fn live(&self) -> Live {
        self.settled().await;
        self.service("demo").get_live(GetLiveRequest {}).await.unwrap().into_inner().live.unwrap()
    }

    pub async fn queue(&self, key: &str) -> QueueLive {
        self.live().await.queues.into_iter().find(|queue| queue.queue == key).unwrap_or_default()
    }

    pub async fn agent(&self, key: &str) -> AgentLive {
        self.live().await.agents.into_iter().find(|agent| agent.agent_id == key).unwrap_or_default()
    }

    /// A connection as the owner of the schema, whom row-level security does not bind.
    pub async fn owner(&self) -> PgConnection {
        loop {
            if let Ok(connection) = PgConnection::connect(&self.stack.postgres_url).await {
                return connection;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn run(stack: &Stack, clock: &ManualClock, instance: &str) -> (Running, Peers, Auth) {
    let clock = Clock::manual(clock);
    let process = Process::new("test").clock(clock.clone()).with::<Analytics>().with::<Directory>();
    let mut settings = stack.settings(&process);
    settings.instance = instance.to_owned();
    let running = process.start(settings).await.unwrap();
    let auth = Auth::new(Secret::new(SECRET), clock.clone());
    let urls = BTreeMap::from([("default".to_owned(), format!("http://{}", running.grpc()))]);
    let peers = Peers::new(urls, Duration::from_mins(1), auth.clone(), clock).unwrap();
    (running, peers, auth)
}
