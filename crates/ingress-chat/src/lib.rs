//! Web and in-app chat: the visitor's protocol, the widget and the conversation store.
//!
//! `edge` decodes (WebSocket, HTTP, gRPC), `app` does one thing a file, `core` decides, `store` writes.

mod app;
mod config;
pub mod core;
mod edge;
mod metrics;
mod store;

use chassis::{Consumer, Context, Parts};
use sqlx::migrate::Migrator;

use crate::app::{App, OnRouterEvent};

pub use config::Config;
pub use edge::frames;

/// The service.
pub struct IngressChat;

impl chassis::Service for IngressChat {
    const NAME: &'static str = "ingress-chat";
    const DEFAULTS: &'static str = include_str!("../config.default.toml");
    type Config = Config;

    fn migrations() -> Option<Migrator> {
        Some(sqlx::migrate!())
    }

    async fn start(config: Config, context: Context) -> anyhow::Result<Parts> {
        config.validate()?;
        let app = App::new(config, &context);
        let assigned = Consumer::new(
            "assigned",
            &[
                ("router", "interaction_assigned"),
                ("router", "interaction_diverted"),
                ("router", "interaction_transferred"),
                ("router", "interaction_parked"),
                ("router", "interaction_unparked"),
            ],
            OnRouterEvent::new(app.clone()),
        );
        macro_rules! task {
            ($run:ident) => {{
                let app = app.clone();
                move || app.clone().$run()
            }};
        }
        Ok(Parts::new()
            .grpc(edge::grpc::service(app.clone()))
            .http(edge::http::routes(app.clone()))
            .consumer(assigned)
            .task("facts", task!(follow_facts))
            .task("signals", task!(follow_signals))
            .task("sweep", task!(sweep))
            .task("presence", task!(keep_presence))
            .task("positions", task!(tell_positions))
            .drain(async move { app.finish().await }))
    }
}
