//! Customers, cases and the history of every interaction.
//!
//! [`core`] decides, [`app`] does, [`store`] keeps, [`edge`] lets in.

pub mod app;
pub mod config;
pub mod core;
pub mod edge;
mod metrics;
pub mod store;

use chassis::{Context, Parts, Service};
use contract::crm::v1::crm_service_server::CrmServiceServer;
use sqlx::migrate::Migrator;

/// The service.
pub struct Crm;

impl Service for Crm {
    const NAME: &'static str = "crm";
    const DEFAULTS: &'static str = include_str!("../config.default.toml");
    type Config = config::Config;

    fn migrations() -> Option<Migrator> {
        Some(sqlx::migrate!())
    }

    async fn start(config: Self::Config, context: Context) -> anyhow::Result<Parts> {
        let recorder = app::record::Recorder { config: config.clone(), ids: context.ids };
        let grpc = edge::grpc::Grpc { db: context.db, clock: context.clock, ids: context.ids, config };
        Ok(Parts::new().grpc(CrmServiceServer::new(grpc)).consumer(edge::bus::consumer(recorder)))
    }
}
