//! A process at work, from ready to stopped.

use std::{future::Future, net::SocketAddr, time::Duration};

use axum::Router;
use sqlx::PgPool;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::service::RoutesBuilder;
use tonic_health::{ServingStatus, server::HealthReporter};

use super::process::Started;
use crate::{
    auth::Auth,
    bus::{Bus, ConsumerTask},
    db::{Db, Relay},
    grpc,
    health::Health,
    http as web, metrics,
    service::TaskFactory,
};

/// How long a graceful stop waits for calls and chats to be handed over or finished.
const DRAIN: Duration = Duration::from_secs(30);
/// How long tasks and servers have to end after that.
const END: Duration = Duration::from_secs(5);
/// How often gRPC's health service is told, and how many times for each look at database and bus.
const LOOK_EVERY: Duration = Duration::from_millis(200);
const LOOKS: u32 = 10;
/// How long a task that pays no heed to a stop goes on after the drain.
const GRACE: Duration = Duration::from_secs(1);
/// How long an inbox remembers: the bus keeps facts for seven days.
const INBOX_KEEPS: &str = "8 days";

/// A running process.
pub struct Running {
    http: SocketAddr,
    grpc: SocketAddr,
    health: Health,
    stop: CancellationToken,
    end: CancellationToken,
    tasks: TaskTracker,
    relays: Vec<Relay>,
    drains: Vec<std::pin::Pin<Box<dyn Future<Output = ()> + Send>>>,
    servers: Vec<JoinHandle<()>>,
    reporter: HealthReporter,
    services: Vec<&'static str>,
}

impl Running {
    #[expect(clippy::too_many_arguments, reason = "the one constructor, called once")]
    pub(super) async fn new(
        started: Vec<Started>,
        http: TcpListener,
        grpc: TcpListener,
        auth: Auth,
        health: Health,
        pool: PgPool,
        bus: Bus,
        stop: CancellationToken,
    ) -> std::io::Result<Self> {
        let end = CancellationToken::new();
        let tasks = TaskTracker::new();
        let (reporter, health_service) = tonic_health::server::health_reporter();
        let mut routes = RoutesBuilder::default();
        routes.add_service(health_service);
        let mut app = web::probes(health.clone());
        let mut relays = Vec::new();
        let mut drains = Vec::new();
        let mut services = Vec::new();
        for Started { name, parts, db, bus } in started {
            for add in parts.grpc {
                add(&mut routes);
            }
            app = app.merge(parts.http);
            tasks.spawn(Relay::new(db.clone(), bus.clone()).run(end.clone()));
            tasks.spawn(forget(db.clone(), end.clone()));
            relays.push(Relay::new(db.clone(), bus.clone()));
            for consumer in parts.consumers {
                tasks.spawn(ConsumerTask::new(name, consumer, db.clone(), bus.clone()).run(end.clone()));
            }
            for (task, make) in parts.tasks {
                let running = keep_running(name, task, make, stop.clone());
                tasks.spawn(until_ended(running, end.clone()));
            }
            drains.extend(parts.drains);
            services.push(name);
        }
        tasks.spawn(watch(pool, bus, health.clone(), reporter.clone(), services.clone(), end.clone()));
        let addresses = (http.local_addr()?, grpc.local_addr()?);
        let servers = vec![
            tokio::spawn(served("grpc", grpc::serve(grpc, routes.routes(), auth, end.clone()))),
            tokio::spawn(served("http", web::serve(http, app_with_limits(app), end.clone()))),
        ];
        Ok(Self {
            http: addresses.0,
            grpc: addresses.1,
            health,
            stop,
            end,
            tasks,
            relays,
            drains,
            servers,
            reporter,
            services,
        })
    }

    /// Address of the HTTP port.
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// Address of the gRPC port.
    pub fn grpc(&self) -> SocketAddr {
        self.grpc
    }

    /// What the process reports about itself.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Stops gracefully: not ready any more, nothing new, what there is is finished (at most 30 s), then servers and tasks end
    /// and the outboxes are emptied.
    pub async fn stop(self) {
        tracing::info!("stopping");
        self.health.ill("process", "is stopping");
        for service in &self.services {
            self.reporter.set_service_status(service, ServingStatus::NotServing).await;
        }
        self.stop.cancel();
        if tokio::time::timeout(DRAIN, futures::future::join_all(self.drains)).await.is_err() {
            tracing::warn!("not everything was finished in time");
        }
        self.end.cancel();
        self.tasks.close();
        let _ = tokio::time::timeout(END, self.tasks.wait()).await;
        for server in self.servers {
            let abort = server.abort_handle();
            if tokio::time::timeout(END, server).await.is_err() {
                abort.abort();
            }
        }
        for relay in &self.relays {
            let _ = tokio::time::timeout(END, relay.flush()).await;
        }
        tracing::info!("stopped");
    }
}

/// Bodies of requests that no service limits itself.
fn app_with_limits(app: Router) -> Router {
    app.layer(axum::extract::DefaultBodyLimit::max(2 << 20))
}

async fn served(server: &'static str, serving: impl Future<Output = anyhow::Result<()>>) {
    if let Err(error) = serving.await {
        tracing::error!(server, error = format!("{error:#}"), "a server ended");
    }
}

/// Runs a task, and drops it a moment after the end has come.
async fn until_ended(running: impl Future<Output = ()>, end: CancellationToken) {
    let ended = async {
        end.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        () = running => {}
        () = ended => {}
    }
}

async fn keep_running(
    service: &'static str,
    name: &'static str,
    mut make: TaskFactory,
    stop: CancellationToken,
) {
    let mut pause = Duration::from_millis(100);
    while !stop.is_cancelled() {
        match make().await {
            _ if stop.is_cancelled() => return,
            Ok(()) => tracing::warn!(service, task = name, "a task ended and is started again"),
            Err(error) => {
                tracing::error!(
                    service,
                    task = name,
                    error = format!("{error:#}"),
                    "a task failed and is started again"
                );
            }
        }
        metrics::TASK_RESTARTS.with_label_values(&[service, name]).inc();
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(Duration::from_secs(5)),
        }
    }
}

/// Keeps the health of database and bus up to date, and tells gRPC's health service.
async fn watch(
    pool: PgPool,
    bus: Bus,
    health: Health,
    reporter: HealthReporter,
    services: Vec<&'static str>,
    end: CancellationToken,
) {
    loop {
        let database =
            tokio::time::timeout(Duration::from_secs(2), sqlx::query("SELECT 1").execute(&pool)).await;
        match database {
            Ok(Ok(_)) => health.well("postgres"),
            _ => health.ill("postgres", "does not answer"),
        }
        if bus.is_connected() {
            health.well("nats");
        } else {
            health.ill("nats", "is not connected");
        }
        for _ in 0..LOOKS {
            let status = if health.is_ready() { ServingStatus::Serving } else { ServingStatus::NotServing };
            for service in &services {
                reporter.set_service_status(service, status).await;
            }
            tokio::select! {
                () = end.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }
}

/// Forgets what an inbox need not remember any more, a little every few minutes.
async fn forget(db: Db, end: CancellationToken) {
    let statement = format!(
        "DELETE FROM {0}.inbox WHERE ctid = ANY(ARRAY(
           SELECT ctid FROM {0}.inbox WHERE seen_at < now() - interval '{INBOX_KEEPS}' LIMIT 20000))",
        db.schema()
    );
    loop {
        tokio::select! {
            () = end.cancelled() => return,
            () = tokio::time::sleep(Duration::from_mins(5)) => {}
        }
        if let Err(error) = sqlx::query(sqlx::AssertSqlSafe(statement.clone())).execute(db.pool()).await {
            tracing::warn!(schema = db.schema(), %error, "an inbox could not be trimmed");
        }
    }
}
