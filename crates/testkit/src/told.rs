//! A service that lives from facts, on a clock that stands still: tell it what happened, ask it what it knows.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use chassis::{
    Auth, Bus, Claims, Clock, Fact, ManualClock, Peers, Process, Published, Running, config::Secret,
};
use contract::{
    Event, Timestamp,
    directory::v1::{AgentConfigured, Role},
};
use sqlx::{Connection as _, PgConnection};
use tonic::Request;

use crate::Stack;

/// Noon of a Saturday, UTC: the moment the clock stands at.
pub const NOON: i64 = 1_795_262_400_000;

const SECRET: &str = "a secret of thirty-two characters or more";

/// See the module.
pub struct Told {
    /// Its servers.
    pub stack: Stack,
    /// What it hears.
    pub bus: Bus,
    /// What it goes by.
    pub clock: ManualClock,
    peers: Peers,
    auth: Auth,
    running: Option<Running>,
    /// Adds the service, and what it asks, to a process.
    services: fn(Process) -> Process,
    schema: &'static str,
    markers: AtomicU64,
}

impl Told {
    /// Runs what `services` adds, which keeps its rows in `schema`.
    pub async fn on(stack: Stack, schema: &'static str, services: fn(Process) -> Process) -> Self {
        let clock = ManualClock::at(Timestamp::from_millis(NOON));
        let (running, peers, auth) = run(&stack, &clock, "one", services).await;
        let settings = stack.settings(&Process::new("teller"));
        let bus = Bus::connect(&settings.nats, "teller", Clock::manual(&clock)).await.expect("the bus");
        let (running, markers) = (Some(running), AtomicU64::new(0));
        Self { stack, bus, clock, peers, auth, running, services, schema, markers }
    }

    /// Stops the service.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    /// Starts it after a stop.
    pub async fn start_again(&mut self) {
        let (running, peers, auth) = run(&self.stack, &self.clock, "one", self.services).await;
        (self.running, self.peers, self.auth) = (Some(running), peers, auth);
    }

    /// A second replica, and where it is.
    pub async fn replica(&self) -> (Running, Peers) {
        let (running, peers, _) = run(&self.stack, &self.clock, "two", self.services).await;
        (running, peers)
    }

    /// Where the service is, for clients that act as another service.
    pub fn peers(&self) -> &Peers {
        &self.peers
    }

    /// A request with the token of a person.
    pub fn by_person<T>(&self, message: T, tenant: &str, user: &str, roles: &[Role]) -> Request<T> {
        let claims = Claims::person(tenant, user, user, roles, "session");
        let (token, _) = self.auth.mint(claims, Duration::from_mins(5));
        let mut request = Request::new(message);
        let value = format!("Bearer {token}").parse().expect("a token is ASCII");
        request.metadata_mut().insert("authorization", value);
        request
    }

    /// Tells a fact of tenant `demo`.
    pub async fn tell(&self, interaction: &str, event: impl Into<Event>) -> Published {
        self.tell_tenant("demo", interaction, event).await
    }

    /// Tells a fact.
    pub async fn tell_tenant(&self, tenant: &str, interaction: &str, event: impl Into<Event>) -> Published {
        self.publish(Fact::of(event).tenant(tenant).interaction(interaction)).await
    }

    /// Moves the clock on, and tells what happens then.
    pub async fn then(&self, seconds: i64, interaction: &str, event: impl Into<Event>) -> Published {
        self.clock.advance_millis(seconds * 1_000);
        self.tell(interaction, event).await
    }

    /// Tells a fact that names itself.
    pub async fn publish(&self, fact: Fact) -> Published {
        self.bus.publish(&fact).await.expect("the bus takes facts")
    }

    /// Waits until the service has taken everything that is on the bus, its own facts included.
    pub async fn settled(&self) {
        for _ in 0..2 {
            // A fact that names nobody and so changes nothing.
            let marker = format!("marker-{}", self.markers.fetch_add(1, Ordering::Relaxed));
            self.publish(Fact::of(AgentConfigured::default()).tenant("demo").id(&marker)).await;
            let schema = self.schema;
            self.until(&format!(
                "SELECT EXISTS (SELECT FROM {schema}.inbox WHERE message_id = '{marker}')
                   AND NOT EXISTS (SELECT FROM {schema}.outbox)"
            ))
            .await;
        }
    }

    async fn until(&self, statement: &str) {
        let mut connection = self.owner().await;
        for _ in 0..3_000 {
            let asked = sqlx::query_scalar(sqlx::AssertSqlSafe(statement.to_owned()));
            match asked.fetch_one(&mut connection).await {
                Ok(true) => return,
                Ok(false) => tokio::time::sleep(Duration::from_millis(10)).await,
                Err(_) => connection = self.owner().await,
            }
        }
        panic!("{} did not come to rest: {statement}", self.schema);
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

async fn run(
    stack: &Stack,
    clock: &ManualClock,
    instance: &str,
    services: fn(Process) -> Process,
) -> (Running, Peers, Auth) {
    let clock = Clock::manual(clock);
    let process = services(Process::new("test").clock(clock.clone()));
    let mut settings = stack.settings(&process);
    instance.clone_into(&mut settings.instance);
    let running = process.start(settings).await.expect("the service starts");
    let auth = Auth::new(Secret::new(SECRET), clock.clone());
    let urls = BTreeMap::from([("default".to_owned(), format!("http://{}", running.grpc()))]);
    let peers = Peers::new(urls, Duration::from_mins(1), auth.clone(), clock).expect("peers");
    (running, peers, auth)
}
