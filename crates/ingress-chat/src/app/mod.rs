//! What the chat ingress does: one file per message or call.
//!
//! Everything that changes a conversation goes through the [`Committer`] (group commit) or, for facts of the router, through the
//! consumer's own transaction; both end in [`batch::save`].

mod attachments;
mod batch;
mod committer;
mod end_conversation;
mod entry_points;
mod flow_driver;
mod follow;
mod get_conversation;
mod hub;
mod list_messages;
mod mark_seen;
mod on_router_event;
mod positions;
mod presence;
mod refusal;
mod say_hello;
mod send_message;
mod set_typing;
mod standing;
mod sweep;
mod throttle;
mod unpark;

use std::sync::Arc;

use chassis::{Auth, Bus, Clock, Context, Db, Fact, Ids, Peers};
use contract::{chat::v1::ConversationSignal, interaction::v1::Message, subject};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    config::Config,
    core::{Conversation, Limits},
    store,
};

pub use attachments::{AttachmentError, MAX_ATTACHMENT, MAX_ATTACHMENTS};
pub use batch::{CommandError, Done, Key};
pub use committer::Committer;
pub use entry_points::{EntryPointError, EntryPoints};
pub use hub::{Hub, Member, Update};
pub use on_router_event::OnRouterEvent;
pub use refusal::AgentError;
pub use say_hello::{Hello, HelloError, Welcomed};
pub use standing::{Position, Standing, StandingPhase};
pub use throttle::{Throttle, Throttles};

/// Files taken in side by side; each is in memory while it arrives.
const UPLOADS: usize = 32;
/// Bytes of text in one message.
pub const MAX_TEXT: usize = 16 * 1024;

/// What every operation works with.
pub struct App {
    pub config: Config,
    pub limits: Limits,
    pub clock: Clock,
    pub ids: Ids,
    pub db: Db,
    pub bus: Bus,
    pub peers: Peers,
    pub auth: Auth,
    pub stop: CancellationToken,
    pub hub: Hub,
    pub entry_points: EntryPoints,
    pub committer: Committer,
    pub starts: Throttles,
    /// Files being read at once.
    pub uploads: Semaphore,
    stirred: positions::Stirred,
    flows: flow_driver::Gate,
    background: TaskTracker,
}

impl App {
    /// Wires the operations together and starts the group commit.
    pub fn new(config: Config, context: &Context) -> Arc<Self> {
        let (committer, lanes) = Committer::new(&config);
        let app = Arc::new(Self {
            limits: config.limits(),
            clock: context.clock.clone(),
            ids: context.ids,
            db: context.db.clone(),
            bus: context.bus.clone(),
            peers: context.peers.clone(),
            auth: context.auth.clone(),
            stop: context.stop.clone(),
            hub: Hub::default(),
            entry_points: EntryPoints::default(),
            committer,
            starts: Throttles::new(config.starts_per_second, config.starts_burst),
            uploads: Semaphore::new(UPLOADS),
            stirred: positions::Stirred::default(),
            flows: flow_driver::Gate::default(),
            background: TaskTracker::new(),
            config,
        });
        for lane in lanes {
            tokio::spawn(lane.run(Arc::downgrade(&app)));
        }
        app
    }

    /// Reads a conversation of a tenant.
    pub async fn find(
        &self,
        tenant: &str,
        interaction_id: Uuid,
    ) -> Result<Option<Conversation>, chassis::TxError> {
        let mut tx = self.db.begin(tenant).await?;
        Ok(store::conversation::find(tx.conn(), tenant, interaction_id).await?)
    }

    /// Reads up to `limit` messages after a sequence.
    pub async fn messages_after(
        &self,
        tenant: &str,
        interaction_id: Uuid,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Message>, chassis::TxError> {
        let mut tx = self.db.begin(tenant).await?;
        Ok(store::message::list(tx.conn(), tenant, interaction_id, after, limit).await?)
    }

    /// Tells the other side something that is not kept.
    pub async fn signal(&self, tenant: &str, interaction_id: &str, signal: ConversationSignal) {
        let fact = Fact::of(signal).tenant(tenant).interaction(interaction_id);
        if let Err(error) = self.bus.signal(subject::live("chat", "signal", tenant), fact).await {
            tracing::debug!(error = &error as &dyn std::error::Error, "a signal is lost");
        }
    }

    /// Waits, a bounded time, for what is under way in the background.
    pub async fn finish(&self) {
        self.stop.cancelled().await;
        self.background.close();
        let _ = tokio::time::timeout(std::time::Duration::from_secs(5), self.background.wait()).await;
    }

    fn new_id(&self) -> String {
        self.ids.new_id(self.clock.now())
    }
}
