//! Calls whose process died are closed: by the same process when it is back, else by any other instance.

use std::collections::BTreeSet;

use contract::{
    interaction::v1::{EndReason, InteractionEnded, Party},
    router::v1::{CallbackOutcome, ReportCallbackAttemptRequest, router_service_client::RouterServiceClient},
    subject,
};

use super::{
    Voice,
    call::is_passing,
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
        let calls = live_calls::of_others(&self.db, &self.instance, &self.life).await?;
        if calls.is_empty() {
            return Ok(0);
        }
        let store = self.bus.jetstream().get_key_value(subject::INSTANCES).await?;
        let lives: BTreeSet<(&str, &str)> =
            calls.iter().map(|call| (call.instance.as_str(), call.life.as_str())).collect();
        let mut over = BTreeSet::new();
        for (instance, life) in lives {
            let is_over =
                instance == self.instance || watch.look(&store, instance, life).await? == Life::Over;
            if is_over {
                over.insert((instance, life));
            }
        }
        let mut closed = 0;
        for call in &calls {
            if !over.contains(&(call.instance.as_str(), call.life.as_str())) {
                continue;
            }
            if call.calling_back {
                closed += usize::from(self.report_dead_attempt(call).await);
                continue;
            }
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
            closed += 1;
        }
        Ok(closed)
    }

    async fn note_cut_off(&self, call: &LiveCall) -> Result<(), chassis::TxError> {
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

    /// The process died before the customer of a call-back was on the line: the router tries again. `false`: it does not
    /// answer, so it is told at the next look.
    async fn report_dead_attempt(&self, call: &LiveCall) -> bool {
        let mut router = RouterServiceClient::new(self.peers.of("router", &call.tenant_id));
        let request = ReportCallbackAttemptRequest {
            interaction_id: call.interaction_id.clone(),
            outcome: CallbackOutcome::Failed.into(),
            detail: "the process that called died".to_owned(),
            request_id: format!("voice:{}:{}:died", call.interaction_id, call.life),
        };
        // A refusal is an answer: no agent has it.
        let told = match router.report_callback_attempt(request).await {
            Err(status) => !is_passing(status.code()),
            Ok(_) => true,
        };
        told && live_calls::give_back(&self.db, &call.tenant_id, &call.interaction_id).await.is_ok()
    }
}
