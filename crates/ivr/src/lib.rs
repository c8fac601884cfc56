//! Flows for every channel, versioned, and their pure interpreter: what happens to a customer before, and without, an
//! agent.

mod app;
mod config;
pub mod core;
mod edge;
mod metrics;
mod store;

use std::sync::Arc;

use chassis::{Context, Parts, Service, Start};
use contract::{
    ivr::v1::{flow_service_server::FlowServiceServer, prompt_service_server::PromptServiceServer},
    subject,
};
use sqlx::migrate::Migrator;

/// Largest set of flows that may be applied, bytes.
const MAX_FLOWS: usize = 16 << 20;

/// Largest message with a prompt in it, bytes.
const MAX_PROMPT: usize = 9 << 20;

/// The flows of all tenants.
pub struct Ivr;

impl Service for Ivr {
    const NAME: &'static str = "ivr";
    const DEFAULTS: &'static str = include_str!("../config.default.toml");
    type Config = config::Config;

    fn migrations() -> Option<Migrator> {
        Some(sqlx::migrate!())
    }

    async fn start(config: Self::Config, context: Context) -> anyhow::Result<Parts> {
        let app = Arc::new(app::App::new(&config, &context)?);
        let (follower, bus) = (Arc::clone(&app), context.bus.clone());
        Ok(Parts::new()
            .grpc(
                PromptServiceServer::new(edge::PromptEdge(Arc::clone(&app)))
                    .max_decoding_message_size(MAX_PROMPT)
                    .max_encoding_message_size(MAX_PROMPT),
            )
            .grpc(
                FlowServiceServer::new(edge::FlowEdge(app))
                    .max_decoding_message_size(MAX_FLOWS)
                    .max_encoding_message_size(MAX_FLOWS),
            )
            .task("follow the directory", move || {
                let app = Arc::clone(&follower);
                let changes = subject::events_named("directory", "directory_changed");
                let mut tail = bus.tail(vec![changes], Start::Now);
                async move {
                    loop {
                        app.hours.heard(&tail.next().await.envelope);
                    }
                }
            }))
    }
}
