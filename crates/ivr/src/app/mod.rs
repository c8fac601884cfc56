//! What the service of flows does, one file a request.

pub mod advance;
pub mod apply_flows;
mod backends;
pub mod delete_prompt;
pub mod get_prompt;
mod hours;
pub mod list_flows;
pub mod list_prompts;
mod outside;
mod plans;
mod prompts;
pub mod upload_prompt;

use chassis::{Clock, Context, Db, ErrorKind, Failure, Peers, Tx, TxError};
use contract::Slug;

use crate::config::Config;
use backends::Backends;
use hours::HoursCache;
use plans::Plans;
use prompts::Prompts;

/// Everything the requests share.
pub struct App {
    db: Db,
    clock: Clock,
    plans: Plans,
    prompts: Prompts,
    backends: Backends,
    peers: Peers,
    /// What the directory said about opening hours.
    pub hours: HoursCache,
}

/// Why no transaction could be begun for a tenant.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// The name can't be a tenant's.
    #[error("no tenant can be named {0:?}")]
    NoTenant(String),
    /// The database.
    #[error(transparent)]
    Database(#[from] TxError),
}

impl Failure for BeginError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoTenant(_) => ErrorKind::Invalid { field: "tenant_id" },
            Self::Database(error) => error.kind(),
        }
    }
}

impl App {
    /// Wires the requests to what the process gives them.
    pub fn new(config: &Config, context: &Context) -> anyhow::Result<Self> {
        Ok(Self {
            db: context.db.clone(),
            clock: context.clock.clone(),
            plans: Plans::new(config.version_ttl.as_millis(), config.plans),
            prompts: Prompts::new(config.version_ttl.as_millis()),
            backends: Backends::new(&config.backends)?,
            peers: context.peers.clone(),
            hours: HoursCache::new(config, context.peers.clone()),
        })
    }

    /// Begins a transaction of one tenant.
    async fn begin(&self, tenant: &str) -> Result<Tx, BeginError> {
        let slug: Slug = tenant.parse().map_err(|_| BeginError::NoTenant(tenant.to_owned()))?;
        Ok(self.db.begin(slug.as_str()).await?)
    }
}
