//! A running analytics, a bus to tell it facts, and clients to ask it.

use std::ops::{Deref, DerefMut};

use analytics::Analytics;
use chassis::{Peer, Running};
use contract::{
    analytics::v1::{
        AgentLive, GetLiveRequest, Live, QueueLive, analytics_service_client::AnalyticsServiceClient,
    },
    directory::v1::Role,
};
pub use testkit::NOON;
use testkit::{Stack, Told};
use tonic::{Request, transport::Channel};

use crate::directory::Directory;

pub struct World(Told);

impl Deref for World {
    type Target = Told;

    fn deref(&self) -> &Told {
        &self.0
    }
}

impl DerefMut for World {
    fn deref_mut(&mut self) -> &mut Told {
        &mut self.0
    }
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
        Self(Told::on(stack, "analytics", |process| process.with::<Analytics>().with::<Directory>()).await)
    }

    /// A second replica, and a client of it.
    pub async fn second(&self) -> (Running, AnalyticsServiceClient<Peer>) {
        let (running, peers) = self.replica().await;
        (running, AnalyticsServiceClient::new(peers.of("analytics", "demo")))
    }

    /// A client of a service inside a tenant.
    pub fn service(&self, tenant: &str) -> AnalyticsServiceClient<Peer> {
        AnalyticsServiceClient::new(self.peers().of("analytics", tenant))
    }

    /// A client without any token, and a request with the token of a person.
    pub fn person<T>(&self, message: T, roles: &[Role]) -> (AnalyticsServiceClient<Channel>, Request<T>) {
        let request = self.by_person(message, "demo", "ann", roles);
        (AnalyticsServiceClient::new(self.peers().channel("analytics")), request)
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
}
