//! Where customers leave, loop and mis-key, by flow and step.

use chassis::{Db, ErrorKind, Failure, TxError};
use contract::{
    Timestamp,
    analytics::v1::{
        FlowReport, FlowStepReport, RatingReport, ReportFlowsRequest, ReportFlowsResponse, WrongKey,
    },
};

use crate::store::flow_steps::{self, Period, StepCounts};

/// Longest span of a report, milliseconds: a year and a day.
const MOST_MS: i64 = 367 * 86_400_000;
/// The span when none is given: a week.
const DEFAULT_MS: i64 = 7 * 86_400_000;
/// Wrong keys told for a step.
const KEYS: usize = 5;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportFlowsError {
    /// A span of time that is none, or too long.
    #[error("from must lie before to, at most 367 days")]
    Period,
    /// The database.
    #[error(transparent)]
    Database(#[from] TxError),
}

impl Failure for ReportFlowsError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Period => ErrorKind::Invalid { field: "from" },
            Self::Database(error) => error.kind(),
        }
    }
}

/// Counts what happened between two moments; `now` is the later one when none is given.
pub async fn report_flows(
    db: &Db,
    tenant: &str,
    now: Timestamp,
    request: ReportFlowsRequest,
) -> Result<ReportFlowsResponse, ReportFlowsError> {
    let before = request.to.map_or_else(|| now.plus_millis(1), Timestamp::from);
    let from = request.from.map_or_else(|| before.plus_millis(-DEFAULT_MS), Timestamp::from);
    if !(1..=MOST_MS).contains(&(before - from)) {
        return Err(ReportFlowsError::Period);
    }
    let period = Period { from, before, flow: request.flow };
    let mut tx = db.begin(tenant).await?;
    let flows = flow_steps::by_flow(tx.conn(), tenant, &period).await.map_err(TxError::from)?;
    let steps = flow_steps::by_step(tx.conn(), tenant, &period).await.map_err(TxError::from)?;
    let keys = flow_steps::wrong_keys(tx.conn(), tenant, &period).await.map_err(TxError::from)?;

    let ratings = flow_steps::ratings(tx.conn(), tenant, &period).await.map_err(TxError::from)?;
    let ratings = ratings.into_iter().map(|rated| RatingReport {
        mean: mean(rated.rating_sum, rated.ratings),
        flow: rated.flow,
        step: rated.step,
        queue: rated.queue,
        agent_id: rated.agent_id,
        ratings: rated.ratings,
    });

    let keys_of = |step: &StepCounts| {
        let own = keys.iter().filter(|key| key.flow == step.flow && key.step == step.step).take(KEYS);
        own.map(|key| WrongKey { key: key.wrong_key.clone(), times: key.times }).collect()
    };
    let report = |step: &StepCounts| FlowStepReport {
        step: step.step.clone(),
        entered: step.entered,
        customers: step.customers,
        repeated: (step.entered - step.customers).max(0),
        chosen: step.chosen,
        invalid: step.invalid,
        timeouts: step.timeouts,
        asked_for_agent: step.agent,
        failed: step.failed,
        left_here: step.left_here,
        ended_here: step.ended_here,
        wrong_keys: keys_of(step),
        unclear: step.unclear,
        misheard: step.misheard,
        ratings: step.ratings,
        mean_rating: mean(step.rating_sum, step.ratings),
    };
    let flows = flows.into_iter().map(|flow| FlowReport {
        steps: steps.iter().filter(|step| step.flow == flow.flow).map(report).collect(),
        flow: flow.flow,
        interactions: flow.customers,
        left_in_flow: flow.left_in_flow,
        self_served: flow.self_served,
        queued: flow.queued,
    });
    Ok(ReportFlowsResponse {
        flows: flows.collect(),
        from: Some(from.to_proto()),
        to: Some(before.to_proto()),
        ratings: ratings.collect(),
    })
}

/// Of whole numbers; 0 of none.
fn mean(sum: i64, count: i64) -> f64 {
    if count == 0 { 0.0 } else { sum as f64 / count as f64 }
}
