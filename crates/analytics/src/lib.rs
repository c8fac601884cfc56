//! Live and historical figures, fed by events only.
//!
//! [`core`] decides, [`app`] does, [`store`] keeps, [`edge`] lets in.

pub mod app;
pub mod config;
pub mod core;
pub mod edge;
mod metrics;
pub mod store;

use chassis::{Context, Parts, Service};
use contract::analytics::v1::analytics_service_server::AnalyticsServiceServer;
use sqlx::migrate::Migrator;

/// The service.
pub struct Analytics;

impl Service for Analytics {
    const NAME: &'static str = "analytics";
    const DEFAULTS: &'static str = include_str!("../config.default.toml");
    type Config = config::Config;

    fn migrations() -> Option<Migrator> {
        Some(sqlx::migrate!())
    }

    async fn start(config: Self::Config, context: Context) -> anyhow::Result<Parts> {
        let zones = app::time_zones::TimeZones::new(context.peers, &config);
        let board = app::board::Board::new(context.db.clone(), context.clock.clone(), zones);
        let grpc = edge::grpc::Grpc {
            db: context.db,
            clock: context.clock,
            board: board.clone(),
            stop: context.stop,
        };
        Ok(Parts::new().grpc(AnalyticsServiceServer::new(grpc)).consumer(edge::bus::consumer(board)))
    }
}
