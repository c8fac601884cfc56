//! What a service is to the process it runs in.

use std::{future::Future, pin::Pin};

use serde::de::DeserializeOwned;
use sqlx::migrate::Migrator;
use tokio_util::sync::CancellationToken;
use tonic::{body::Body, server::NamedService, service::RoutesBuilder};
use tower::Service as TowerService;

use crate::{
    auth::Auth,
    bus::{Bus, Consumer},
    clock::{Clock, Ids},
    db::Db,
    grpc::Peers,
    health::Health,
};

/// A service of the centre. It can't tell whether it runs alone or with the others in one process.
pub trait Service: Sized + Send + 'static {
    /// Name of its crate, its container and its metrics: `ingress-chat`.
    const NAME: &'static str;
    /// Its `config.default.toml`: one table, named like its schema (`ingress_chat`).
    const DEFAULTS: &'static str;
    /// That table, with `#[serde(deny_unknown_fields)]`.
    type Config: DeserializeOwned + Send;

    /// The migrations of its schema; none when it keeps nothing in Postgres.
    fn migrations() -> Option<Migrator>;

    /// Wires the service together. Must not wait for other services: they may start later.
    fn start(config: Self::Config, context: Context) -> impl Future<Output = anyhow::Result<Parts>> + Send;
}

/// What a service is given.
#[derive(Clone)]
pub struct Context {
    /// Name of this process among its replicas.
    pub instance: String,
    pub clock: Clock,
    pub ids: Ids,
    pub db: Db,
    pub bus: Bus,
    pub peers: Peers,
    pub auth: Auth,
    pub health: Health,
    /// Cancelled when the process begins to stop: take nothing new, finish what there is.
    pub stop: CancellationToken,
}

type BoxFuture = Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>>;
type AddRoutes = Box<dyn FnOnce(&mut RoutesBuilder) + Send>;
pub(crate) type TaskFactory = Box<dyn FnMut() -> BoxFuture + Send>;

/// What a service gives the process to run.
#[derive(Default)]
pub struct Parts {
    pub(crate) grpc: Vec<AddRoutes>,
    pub(crate) http: axum::Router,
    pub(crate) consumers: Vec<Consumer>,
    pub(crate) tasks: Vec<(&'static str, TaskFactory)>,
    pub(crate) drains: Vec<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Parts {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a gRPC service.
    #[must_use]
    pub fn grpc<S>(mut self, service: S) -> Self
    where
        S: TowerService<http::Request<Body>, Error = std::convert::Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Response: axum::response::IntoResponse,
        S::Future: Send + 'static,
    {
        self.grpc.push(Box::new(move |routes| {
            routes.add_service(service);
        }));
        self
    }

    /// Adds HTTP routes; paths of all services share one port and must not collide.
    #[must_use]
    pub fn http(mut self, router: axum::Router) -> Self {
        self.http = self.http.merge(router);
        self
    }

    /// Adds a durable consumer.
    #[must_use]
    pub fn consumer(mut self, consumer: Consumer) -> Self {
        self.consumers.push(consumer);
        self
    }

    /// Adds a task that runs until [`Context::stop`]. When it ends before, with or without an error, it is made and started
    /// again after a pause.
    #[must_use]
    pub fn task<F, T>(mut self, name: &'static str, mut make: F) -> Self
    where
        F: FnMut() -> T + Send + 'static,
        T: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.tasks.push((name, Box::new(move || Box::pin(make()))));
        self
    }

    /// Adds something to wait for at a graceful stop, while servers still answer.
    #[must_use]
    pub fn drain(mut self, drain: impl Future<Output = ()> + Send + 'static) -> Self {
        self.drains.push(Box::pin(drain));
        self
    }
}
