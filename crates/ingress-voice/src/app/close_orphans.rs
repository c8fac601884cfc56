//! Calls whose process died are closed: by the same process when it is back, else by any other instance.

use chassis::TxError;
use contract::{
    interaction::v1::{EndReason, InteractionEnded, Party},
    subject,
};

use super::{
    Voice,
    presence::{Life, Watch},
};
use crate::{
    metrics,
    store::{
        cut_off::{self, CutOff},
        live_calls::{self, LiveCall},
    },
};

impl Voice {
    /// Looks once through the calls of other lives and closes those that nobody holds any more. The same fact told by
    /// several instances is one message, and one that the dead process still published itself comes first.
    pub async fn close_orphans(
        &self,
        watch: &mut Watch,
    ) -> Result<usize, Box<dyn std::error::Error + Send + Sync>> {
        let mut closed = 0;
        for (instance, life) in live_calls::other_lives(&self.db, &self.instance, &self.life).await? {
            if self.life_of(watch, &instance, &life).await? != Life::Over {
                continue;
            }
            for call in live_calls::of_life(&self.db, &instance, &life).await? {
                self.close_orphan(&call).await?;
                closed += 1;
            }
        }
        Ok(closed)
    }

    async fn close_orphan(&self, call: &LiveCall) -> Result<(), TxError> {
        // First, so that who calls back at once is known; twice is once.
        self.note_cut_off(call).await?;
        let ended = InteractionEnded {
            reason: EndReason::ProcessDied.into(),
            ended_by: Party::System.into(),
            detail: "the process that held the line died".to_owned(),
            ended_at: Some(self.clock.now().to_proto()),
        };
        self.facts.publish(&call.tenant_id, &call.interaction_id, "ended", ended);
        tracing::info!(interaction.id = call.interaction_id, "call of a dead process closed");
        metrics::ORPHANS.with_label_values::<&str>(&[]).inc();
        Ok(())
    }

    async fn note_cut_off(&self, call: &LiveCall) -> Result<(), TxError> {
        if call.phone.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.begin(&call.tenant_id).await?;
        let noted = CutOff {
            tenant_id: call.tenant_id.clone(),
            phone: call.phone.clone(),
            interaction_id: call.interaction_id.clone(),
            since: call.started_at,
            at: self.clock.now(),
        };
        cut_off::insert(&mut tx, &noted).await?;
        metrics::CUT_OFF.with_label_values(&["noted"]).inc();
        tx.commit().await
    }

    /// Whether another life, of this process or of another, goes on.
    pub(super) async fn life_of(
        &self,
        watch: &mut Watch,
        instance: &str,
        life: &str,
    ) -> Result<Life, Box<dyn std::error::Error + Send + Sync>> {
        if instance == self.instance {
            return Ok(if life == self.life { Life::MayGoOn } else { Life::Over });
        }
        let store = self.bus.jetstream().get_key_value(subject::INSTANCES).await?;
        watch.look(&store, instance, life).await
    }
}
