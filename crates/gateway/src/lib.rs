//! The edge for people and programs: sign-in, agent desktop, public gRPC and gRPC-web.
//!
//! [`core`] decides, [`app`] does, [`edge`] lets in.

pub mod app;
pub mod config;
pub mod core;
pub mod edge;
mod metrics;

use chassis::{Context, Parts, Service};
use contract::{
    directory::v1::session_service_server::SessionServiceServer,
    gateway::v1::desktop_service_server::DesktopServiceServer,
    operations::v1::operations_service_server::OperationsServiceServer,
};
use sqlx::migrate::Migrator;
use tonic::service::Routes;

use crate::{
    app::{forward::Forward, hub::Hub, sessions::Sessions, watch::Watch},
    edge::{
        chat_proxy::ChannelProxy,
        grpc::{Desktop, Operations, SessionEdge},
    },
};

/// The service.
pub struct Gateway;

impl Service for Gateway {
    const NAME: &'static str = "gateway";
    const DEFAULTS: &'static str = include_str!("../config.default.toml");
    type Config = config::Config;

    fn migrations() -> Option<Migrator> {
        None
    }

    async fn start(config: Self::Config, context: Context) -> anyhow::Result<Parts> {
        config.check()?;
        let hub = Hub::new(config.watch_buffer, config.watches_per_agent);
        let sessions = Sessions::new(
            context.peers.clone(),
            context.clock.clone(),
            config.sign_in_failures_per_address,
            config.sign_in_failures_per_login,
        );
        let watch = Watch {
            hub: hub.clone(),
            peers: context.peers.clone(),
            clock: context.clock.clone(),
            stop: context.stop.clone(),
            heartbeat: config.heartbeat.0,
        };
        let desktop = DesktopServiceServer::new(Desktop { watch, clock: context.clock.clone() });
        let operations = OperationsServiceServer::new(Operations {
            peers: context.peers.clone(),
            bus: context.bus.clone(),
            services: config.status_services.clone(),
            patience: config.status_timeout.0,
        });
        let sessions = SessionEdge { sessions, cookie_lasts: config.session_cookie_max_age.0 };
        let own = Routes::new(desktop.clone())
            .add_service(operations.clone())
            .add_service(SessionServiceServer::new(sessions));
        let forward = Forward::new(
            context.auth.clone(),
            context.clock.clone(),
            context.ids,
            context.peers.clone(),
            hub.clone(),
            own.prepare(),
            config.body_timeout.0,
            config.max_buffered_bytes,
        );
        let mut channels = axum::Router::new();
        if !config.chat_upstream.is_empty() {
            channels = channels.merge(ChannelProxy::new("chat_upstream", &config.chat_upstream)?.chat());
        }
        if !config.voice_upstream.is_empty() {
            channels = channels.merge(ChannelProxy::new("voice_upstream", &config.voice_upstream)?.calls());
        }
        let address_header = match config.client_address_header.as_str() {
            "" => None,
            name => Some(name.parse()?),
        };
        let bus = context.bus.clone();
        Ok(Parts::new()
            .grpc(desktop)
            .grpc(operations)
            .http(edge::http::routes(forward, address_header, channels))
            .task("follow", move || edge::bus::follow(bus.clone(), hub.clone())))
    }
}
