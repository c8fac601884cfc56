//! A running crm, a bus to tell it facts, and clients to ask it.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use chassis::{
    Auth, Bus, Claims, Clock, Fact, ManualClock, Peer, Peers, Process, Published, Running, config::Secret,
};
use contract::{
    Event, Timestamp,
    crm::v1::{
        GetCustomerRequest, GetCustomerResponse, GetInteractionRequest, GetInteractionResponse,
        crm_service_client::CrmServiceClient,
    },
    directory::v1::{AgentConfigured, Role},
};
use crm::Crm;
use sqlx::{Connection as _, PgConnection};
use testkit::Stack;
use tonic::{Request, transport::Channel};

/// Noon of a Saturday: the moment the clock stands at.
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
        let (running, peers, auth) = run(&stack, &clock).await;
        let settings = stack.settings(&Process::new("teller"));
        let bus = Bus::connect(&settings.nats, "teller", Clock::manual(&clock)).await.unwrap();
        Self { stack, running: Some(running), bus, clock, auth, peers, ids: AtomicU64::new(0) }
    }

    /// Stops crm and starts it again.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.start_again().await;
    }

    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    /// Starts crm after a stop.
    pub async fn start_again(&mut self) {
        let (running, peers, auth) = run(&self.stack, &self.clock).await;
        (self.running, self.peers, self.auth) = (Some(running), peers, auth);
    }

    /// Tells a fact of tenant `demo`.
    pub async fn tell(&self, interaction: &str, event: impl Into<Event>) -> Published {
        self.tell_tenant("demo", interaction, event).await
    }

    pub async fn tell_tenant(&self, tenant: &str, interaction: &str, event: impl Into<Event>) -> Published {
        self.publish(Fact::of(event).tenant(tenant).interaction(interaction)).await
    }

    pub async fn publish(&self, fact: Fact) -> Published {
        self.bus.publish(&fact).await.unwrap()
    }

    /// Waits until crm has taken everything that is on the bus, its own facts included.
    pub async fn settled(&self) {
        for _ in 0..2 {
            // A fact that names nobody and so changes nothing.
            let marker = self.ids.fetch_add(1, Ordering::Relaxed).to_string();
            let nothing = Fact::of(AgentConfigured::default()).tenant("demo").id(format!("marker-{marker}"));
            self.publish(nothing).await;
            self.until(&format!(
                "SELECT EXISTS (SELECT FROM crm.inbox WHERE message_id = 'marker-{marker}')"
            ))
            .await;
            self.until("SELECT NOT EXISTS (SELECT FROM crm.outbox)").await;
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
        panic!("crm did not come to rest: {statement}");
    }

    /// A client of a service inside a tenant.
    pub fn service(&self, tenant: &str) -> CrmServiceClient<Peer> {
        CrmServiceClient::new(self.peers.of("crm", tenant)).max_decoding_message_size(64 << 20)
    }

    /// A client without any token, and a request with the token of a person.
    pub async fn person<T>(
        &self,
        message: T,
        tenant: &str,
        user: &str,
        roles: &[Role],
    ) -> (CrmServiceClient<Channel>, Request<T>) {
        let claims = Claims::person(tenant, user, user, roles, "session");
        let (token, _) = self.auth.mint(claims, Duration::from_mins(5));
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        (CrmServiceClient::new(self.peers.channel("crm")), request)
    }

    pub async fn interaction(&self, id: &str) -> GetInteractionResponse {
        let request = GetInteractionRequest { interaction_id: id.to_owned() };
        self.service("demo").get_interaction(request).await.unwrap().into_inner()
    }

    pub async fn customer(&self, id: &str) -> GetCustomerResponse {
        let request = GetCustomerRequest { customer_id: id.to_owned() };
        self.service("demo").get_customer(request).await.unwrap().into_inner()
    }

    /// Customer and case number of an interaction.
    pub async fn who(&self, interaction: &str) -> (String, i64) {
        let interaction = self.interaction(interaction).await.interaction.unwrap();
        let customer = self.customer(&interaction.customer_id).await;
        let number = customer.cases.iter().find(|case| case.case_id == interaction.case_id).unwrap().number;
        (interaction.customer_id, number)
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

async fn run(stack: &Stack, clock: &ManualClock) -> (Running, Peers, Auth) {
    let clock = Clock::manual(clock);
    let running = stack.run(Process::new("test").clock(clock.clone()).with::<Crm>()).await;
    let auth = Auth::new(Secret::new(SECRET), clock.clone());
    let urls = BTreeMap::from([("default".to_owned(), format!("http://{}", running.grpc()))]);
    let peers = Peers::new(urls, Duration::from_mins(1), auth.clone(), clock).unwrap();
    (running, peers, auth)
}
