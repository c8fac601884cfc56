//! Tenants, users and agents, skills, teams, queues, routing profiles, hours and entry points: who works here, on what,
//! when, and where customers arrive.

mod app;
mod config;
pub mod core;
mod edge;
mod metrics;
mod store;

use std::{sync::Arc, time::Duration};

use chassis::{Context, Parts, Service};
use contract::directory::v1::{
    administration_service_server::AdministrationServiceServer,
    directory_service_server::DirectoryServiceServer, session_service_server::SessionServiceServer,
};
use sqlx::migrate::Migrator;

/// Largest centre that may be applied, bytes.
const MAX_CENTRE: usize = 16 << 20;
/// How often sessions that are long over are deleted.
const SWEEP: Duration = Duration::from_mins(10);

/// The directory of all tenants.
pub struct Directory;

impl Service for Directory {
    const NAME: &'static str = "directory";
    const DEFAULTS: &'static str = include_str!("../config.default.toml");
    type Config = config::Config;

    fn migrations() -> Option<Migrator> {
        Some(sqlx::migrate!())
    }

    async fn start(config: Self::Config, context: Context) -> anyhow::Result<Parts> {
        let app = Arc::new(app::App::new(&config, &context).await?);
        let sweeper = Arc::clone(&app);
        let directory = edge::DirectoryEdge(Arc::clone(&app));
        let administration = edge::AdministrationEdge(Arc::clone(&app));
        Ok(Parts::new()
            .grpc(
                DirectoryServiceServer::new(directory)
                    .max_decoding_message_size(MAX_CENTRE)
                    .max_encoding_message_size(MAX_CENTRE),
            )
            .grpc(AdministrationServiceServer::new(administration).max_decoding_message_size(MAX_CENTRE))
            .grpc(SessionServiceServer::new(edge::SessionEdge(app)))
            .task("sweep sessions", move || {
                let app = Arc::clone(&sweeper);
                async move {
                    loop {
                        app.sweep_sessions().await?;
                        tokio::time::sleep(SWEEP).await;
                    }
                }
            }))
    }
}
