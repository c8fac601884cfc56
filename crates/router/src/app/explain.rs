//! `Explain`: every decision made about an interaction, and how the router sees it, now or at any moment that the log
//! remembers.

use chassis::{Caller, ErrorKind, Failure, TxError};
use contract::{
    Event, Timestamp,
    router::v1::{ExplainRequest, ExplainResponse, OfferRecord, RingSpan, Work, WorkState},
};

use super::{
    App, RequestError, check_interaction_id, convert,
    past::{Facts, PastError},
};
use crate::{
    core::{Decision, InteractionId, Name, Router},
    store::{
        closings::{self, Closing},
        offers,
    },
};

/// Why there is no explanation.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExplainError {
    /// The request itself is wrong.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The router has never heard of it, or forgot it.
    #[error("the router knows no interaction {0:?}")]
    Unknown(String),
    /// The moment that was asked for can't be read.
    #[error(transparent)]
    Past(#[from] PastError),
    /// Past decisions can't be read.
    #[error(transparent)]
    Store(#[from] TxError),
}

impl Failure for ExplainError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Request(error) => error.kind(),
            Self::Unknown(_) => ErrorKind::NotFound,
            Self::Past(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
}

/// How the router saw an interaction at some moment.
#[derive(Default)]
struct View {
    decision: Option<Decision>,
    rings: Vec<RingSpan>,
}

impl View {
    fn of(router: &Router, tenant: &Name, interaction: InteractionId) -> Self {
        let span = |(ring, (expression, from)): (usize, (String, Timestamp))| RingSpan {
            ring: i32::try_from(ring).unwrap_or(i32::MAX),
            expression,
            applies_from: Some(from.to_proto()),
            in_force: from <= router.now(),
        };
        let rings = router.rings(tenant, interaction).into_iter().enumerate().map(span).collect();
        Self { decision: router.explain(tenant, interaction), rings }
    }
}

impl App {
    /// Past offers, oldest first, and how the router sees the interaction: now, at a moment, or as it last was.
    pub(crate) async fn explain(
        &self,
        caller: &Caller,
        request: ExplainRequest,
        facts: Facts,
    ) -> Result<ExplainResponse, ExplainError> {
        let interaction = check_interaction_id(&request.interaction_id)?;
        let interaction_id = convert::interaction_text(interaction);
        let mut tx = self.db.begin(&caller.tenant).await?;
        let offers = offers::of_interaction(&mut tx, &interaction_id).await?;
        let closing = closings::of_interaction(&mut tx, &interaction_id).await?;
        drop(tx);
        let tenant: Name = caller.tenant.as_str().into();
        let (work, now) = {
            let partition = self.replica.of_tenant(&caller.tenant);
            let work = partition.router.work(&tenant, interaction);
            (work, View::of(&partition.router, &tenant, interaction))
        };
        if work.is_none() && offers.is_empty() && closing.is_none() {
            return Err(ExplainError::Unknown(interaction_id));
        }
        let past = match request.at {
            Some(at) => Some(self.view_at(&caller.tenant, interaction, at.into(), facts).await?),
            None if work.is_none() => {
                self.last_view(&caller.tenant, interaction, &offers, closing.as_ref(), facts).await
            }
            None => None,
        };
        let (rings, past) = match past {
            Some(view) => (view.rings, view.decision),
            None => (now.rings, None),
        };
        let closed = || Work {
            interaction_id: interaction_id.clone(),
            state: WorkState::Closed as i32,
            queue: closing.as_ref().map(|closing| closing.queue.clone()).unwrap_or_default(),
            agent_id: closing.as_ref().map(|closing| closing.agent.clone()).unwrap_or_default(),
            ..Work::default()
        };
        Ok(ExplainResponse {
            work: Some(work.as_ref().map_or_else(closed, convert::views::work)),
            offers,
            now: now.decision.as_ref().map(convert::outputs::decision_of),
            rings,
            past: past.as_ref().map(convert::outputs::decision_of),
            closed_at: closing.map(|closing| closing.closed_at.to_proto()),
            interaction_id,
        })
    }

    /// How a closed interaction last waited: as it left, or as the last offer was made. None when the log does not reach
    /// back so far, or too much else is being read.
    async fn last_view(
        &self,
        tenant: &str,
        interaction: InteractionId,
        offers: &[OfferRecord],
        closing: Option<&Closing>,
        facts: Facts,
    ) -> Option<View> {
        let offered = offers.last().and_then(|offer| offer.made_at).map(Timestamp::from);
        let left = closing.filter(|closing| closing.agent.is_empty()).map(|closing| closing.ended_at);
        match self.view_at(tenant, interaction, left.or(offered)?, facts).await {
            Ok(view) => Some(view),
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "a past decision can't be read");
                None
            }
        }
    }

    /// Folds the log up to a moment, but not beyond the end of the interaction.
    async fn view_at(
        &self,
        tenant: &str,
        interaction: InteractionId,
        at: Timestamp,
        facts: Facts,
    ) -> Result<View, PastError> {
        let _place = self.replays.try_acquire().map_err(|_| PastError::Busy)?;
        let mut past = match self.past(tenant, Some(at), facts).await {
            Err(PastError::Incomplete { .. }) => self.past(tenant, None, facts).await?,
            past => past?,
        };
        let mut router = past.take_router();
        let name: Name = tenant.into();
        while let Some(received) = past.next().await {
            let about = convert::interaction_id(&received.envelope.interaction_id) == Some(interaction);
            let leaves = about && matches!(received.envelope.event, Event::InteractionEnded(_));
            if received.stored_at > at || leaves {
                break;
            }
            if let Some(entry) = convert::inputs::entry(&received) {
                router.handle(entry);
            }
        }
        Ok(View::of(&router, &name, interaction))
    }
}
