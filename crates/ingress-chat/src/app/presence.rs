//! Who is online: stored for all visitors of this instance in one statement, every few seconds. A killed instance simply
//! stops doing so.

use std::sync::Arc;

use contract::{
    chat::v1::{ConversationSignal, conversation_signal::Signal},
    interaction::v1::Party,
};

use super::{App, Member, batch::Key};
use crate::{core::Input, store};

/// Conversations written in one statement.
const CHUNK: usize = 1_000;

impl App {
    /// Runs until the process stops.
    pub async fn keep_presence(self: Arc<Self>) -> anyhow::Result<()> {
        let mut interval = tokio::time::interval(self.config.presence_interval.0);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return Ok(()),
                _ = interval.tick() => {}
            }
            let (tenants, ids) = self.hub.present();
            for (tenants, ids) in tenants.chunks(CHUNK).zip(ids.chunks(CHUNK)) {
                let until = self.clock.now().plus_millis(self.limits.online);
                let mut tx = self.db.begin_for_every_tenant().await?;
                store::conversation::keep_online(tx.conn(), tenants, ids, until).await?;
                tx.commit().await?;
            }
        }
    }

    /// Tells the agent that the visitor is there.
    pub async fn came(&self, key: &Key) {
        self.tell_online(key, true).await;
    }

    /// A connection is closing: when it was the last, the time to come back begins.
    pub async fn left(&self, key: &Key, member: Member) {
        let last = member.is_last();
        drop(member);
        if last {
            let _ = self.committer.run(key.clone(), Input::CustomerGone, Vec::new()).await;
            self.tell_online(key, false).await;
        }
    }

    async fn tell_online(&self, key: &Key, online: bool) {
        let signal =
            ConversationSignal { party: Party::Customer.into(), signal: Some(Signal::Online(online)) };
        self.signal(&key.tenant, &key.interaction_id.to_string(), signal).await;
    }
}
