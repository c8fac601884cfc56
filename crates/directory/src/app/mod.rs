//! What the directory does, one file a request.

pub mod apply;
mod change;
pub mod check_hours;
pub mod edit;
pub mod find_extension;
pub mod get_centre;
pub mod get_sip_credential;
pub mod list_changes;
mod passwords;
pub mod refresh_session;
pub mod resolve_address;
mod session;
pub mod set_closure;
pub mod sign_in;
pub mod sign_out;
mod sip_digest;

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chassis::{Auth, Clock, Context, Db, ErrorKind, Failure, Ids, Tx, TxError};
use contract::Slug;

use tokio::sync::Semaphore;

use crate::{
    config::Config,
    core::throttle::{Limits, Throttle},
    store,
};
use passwords::Passwords;

/// Logins whose failures are remembered at once.
const REMEMBERED_LOGINS: usize = 65_536;
/// Changes of configuration made or tried at once, each with a whole centre in memory.
const APPLIES: usize = 16;
/// How long a session is kept after it expired, so that its use still names itself: a day.
const KEEP_SESSIONS_MS: i64 = 86_400_000;

/// Everything the requests share.
pub struct App {
    db: Db,
    clock: Clock,
    ids: Ids,
    auth: Auth,
    passwords: Passwords,
    applies: Semaphore,
    throttle: Mutex<Throttle>,
    access_ttl: Duration,
    session_ttl_ms: i64,
    password_min_length: usize,
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
    pub async fn new(config: &Config, context: &Context) -> anyhow::Result<Self> {
        let limits = Limits {
            free_failures: config.sign_in_free_failures,
            first_wait_ms: config.sign_in_first_wait.as_millis(),
            longest_wait_ms: config.sign_in_longest_wait.as_millis(),
            remembered: REMEMBERED_LOGINS,
        };
        Ok(Self {
            db: context.db.clone(),
            clock: context.clock.clone(),
            ids: context.ids,
            auth: context.auth.clone(),
            passwords: Passwords::new(config).await?,
            applies: Semaphore::new(APPLIES),
            throttle: Mutex::new(Throttle::new(limits)),
            access_ttl: config.access_token_ttl.0,
            session_ttl_ms: config.session_ttl.as_millis(),
            password_min_length: config.password_min_length,
        })
    }

    /// Deletes sessions that were over long ago.
    pub async fn sweep_sessions(&self) -> Result<(), TxError> {
        let mut tx = self.db.begin_for_every_tenant().await?;
        let before = self.clock.now().plus_millis(-KEEP_SESSIONS_MS);
        let forgotten = store::session::forget(&mut tx, before).await?;
        tx.commit().await?;
        if forgotten > 0 {
            tracing::info!(sessions = forgotten, "forgot sessions");
        }
        Ok(())
    }

    /// Begins a transaction of one tenant; what strangers name as their tenant is checked to be a name.
    async fn begin(&self, tenant: &str) -> Result<Tx, BeginError> {
        let slug: Slug = tenant.parse().map_err(|_| BeginError::NoTenant(tenant.to_owned()))?;
        Ok(self.db.begin(slug.as_str()).await?)
    }

    /// Begins a transaction of `tenant`, or of every tenant when it is empty.
    async fn begin_within(&self, tenant: &str) -> Result<Tx, BeginError> {
        if tenant.is_empty() { Ok(self.db.begin_for_every_tenant().await?) } else { self.begin(tenant).await }
    }

    fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
