//! The automatic contact distributor: which agent is offered which interaction, and why.
//!
//! [`core`] decides, `app` folds the log and answers, `store` keeps snapshots and decisions, `edge` reads and writes the
//! log and lets callers in. [`simulation`] plays the core under everything that goes wrong.

mod app;
pub mod config;
pub mod core;
mod edge;
mod metrics;
pub mod simulation;
mod store;

use std::sync::Arc;

pub use app::replay::{ReplayError, Replayed, replay};

use chassis::{Context, Parts, Service};
use contract::router::v1::{
    history_service_server::HistoryServiceServer, router_service_server::RouterServiceServer,
};
use sqlx::migrate::Migrator;

/// The service.
pub struct Router;

impl Service for Router {
    const NAME: &'static str = "router";
    const DEFAULTS: &'static str = include_str!("../config.default.toml");
    type Config = config::Config;

    fn migrations() -> Option<Migrator> {
        Some(sqlx::migrate!())
    }

    async fn start(config: Self::Config, context: Context) -> anyhow::Result<Parts> {
        let app = app::App {
            replica: Arc::new(app::replica::Replica::new(context.bus.producer())),
            bus: context.bus,
            db: context.db,
            clock: context.clock,
            ids: context.ids,
            answer_within: config.answer_within.0,
            history_every: config.history_every.0,
            replays: Arc::new(tokio::sync::Semaphore::new(app::REPLAYS)),
        };
        let (following, leading, trimming) = (app.clone(), app.clone(), app.clone());
        let (health, stop) = (context.health, context.stop);
        let (stop_leading, stop_trimming) = (stop.clone(), stop.clone());
        Ok(Parts::new()
            .grpc(RouterServiceServer::new(edge::grpc::Grpc(app.clone())))
            .grpc(HistoryServiceServer::new(edge::history::History(app)))
            .consumer(edge::record::consumer())
            .task("follow the log", move || {
                edge::follow::follow(following.clone(), config.snapshot_every.0, health.clone(), stop.clone())
            })
            .task("lead", move || edge::lead::lead(leading.clone(), config.lease.0, stop_leading.clone()))
            .task("trim decisions", move || {
                edge::follow::trim(trimming.clone(), config.keep_decisions.0, stop_trimming.clone())
            }))
    }
}
