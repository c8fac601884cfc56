//! What came of an attempt to call somebody back reaches the router, whatever happens meanwhile: until it has, the agent is
//! not free, and the attempt's row stays.
//!
//! It is said when the attempt ends. What the router does not hear then is written into the row, and said again at every
//! sweep: by this process, or by another once this one's life is over.

use std::sync::Arc;

use contract::router::v1::{
    CallbackOutcome, ReportCallbackAttemptRequest, router_service_client::RouterServiceClient,
};

use super::{
    Voice,
    call::is_passing,
    presence::{Life, Watch},
};
use crate::store::attempts::{self, Attempt};

/// What is said of an attempt whose process left no word.
const DIED: &str = "the process that called died";

impl Voice {
    /// The attempt is over. Nobody waits for the router.
    pub(super) fn attempt_over(self: &Arc<Self>, attempt: Attempt) {
        let voice = Arc::clone(self);
        tokio::spawn(async move {
            if voice.report(&attempt).await {
                return;
            }
            if let Err(error) = attempts::note(&voice.db, &attempt).await {
                // Its row says as much: there was an attempt, and nobody makes it any more.
                tracing::warn!(%error, interaction.id = attempt.interaction_id, "the end of an attempt was not noted");
            }
        });
    }

    /// Says again what the router has not heard: of attempts that ended here, and of those of dead processes; how many.
    /// The first that is not heard ends the round.
    pub async fn report_attempts(
        &self,
        watch: &mut Watch,
    ) -> Result<usize, Box<dyn std::error::Error + Send + Sync>> {
        let mut told = 0;
        for attempt in attempts::all(&self.db).await? {
            let ours = attempt.instance == self.instance && attempt.life == self.life;
            let over = if ours {
                // It is among the calls from before its row is there until after its end.
                self.calls.get(&attempt.interaction_id).is_none()
            } else {
                self.life_of(watch, &attempt.instance, &attempt.life).await? == Life::Over
            };
            if !over {
                continue;
            }
            if !self.report(&attempt).await {
                break;
            }
            tracing::info!(interaction.id = attempt.interaction_id, "the end of an attempt was told late");
            told += 1;
        }
        Ok(told)
    }

    /// Whether the router has heard it, or does not want to: then the row goes. The same attempt twice is once.
    async fn report(&self, attempt: &Attempt) -> bool {
        let outcome = CallbackOutcome::try_from(attempt.outcome).unwrap_or_default();
        let (outcome, detail) = match outcome {
            CallbackOutcome::Unspecified => (CallbackOutcome::Failed, DIED.to_owned()),
            known => (known, attempt.detail.clone()),
        };
        let request = ReportCallbackAttemptRequest {
            interaction_id: attempt.interaction_id.clone(),
            outcome: outcome.into(),
            detail,
            request_id: format!("voice:{}:{}:attempt", attempt.interaction_id, attempt.attempt),
        };
        let mut router = RouterServiceClient::new(self.peers.of("router", &attempt.tenant_id));
        if let Err(status) = router.report_callback_attempt(request).await {
            if is_passing(status.code()) {
                return false;
            }
            // No agent has it: that is an answer too.
            tracing::info!(code = ?status.code(), interaction.id = attempt.interaction_id, "the end of an attempt was refused");
        }
        attempts::give_back(&self.db, attempt).await.is_ok()
    }
}
