//! Makes a tenant's flows look as described: all or nothing, idempotent. A flow that differs gets a new version; the old
//! ones stay for those who are inside.

use chassis::{Caller, CallerError, ErrorKind, Failure, TxError};
use contract::{
    directory::v1::Role,
    ivr::v1::{ApplyFlowsRequest, ApplyFlowsResponse},
};

use super::{App, BeginError};
use crate::{
    core::{
        check::{Known, check},
        diff::diff,
    },
    metrics::APPLIES,
    store,
};

/// Why flows were not applied; mistakes in them are no error but part of the response.
#[derive(Debug, thiserror::Error)]
pub enum ApplyFlowsError {
    /// Not the role for it.
    #[error(transparent)]
    Denied(#[from] CallerError),
    /// The database, or no tenant.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

impl From<TxError> for ApplyFlowsError {
    fn from(error: TxError) -> Self {
        Self::Begin(error.into())
    }
}

impl Failure for ApplyFlowsError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }
}

/// Applies flows, or says what would change. The same `request_id` a second time changes nothing.
pub async fn apply_flows(
    app: &App,
    caller: &Caller,
    request: ApplyFlowsRequest,
) -> Result<ApplyFlowsResponse, ApplyFlowsError> {
    caller.require(&[Role::Administrator])?;
    let tenant = &caller.tenant;
    let mut tx = app.begin(tenant).await?;
    let known = Known {
        queues: request.known_queues.into_iter().collect(),
        hours: request.known_hours.into_iter().collect(),
        backends: app.backends.names(),
        prompts: store::prompt::keys(&mut tx).await?,
        ..Known::default()
    };
    let violations = check(&request.flows, &known);
    if !violations.is_empty() {
        APPLIES.with_label_values(&["refused"]).inc();
        return Ok(ApplyFlowsResponse { changes: Vec::new(), violations });
    }

    store::flow::lock(&mut tx).await?;
    let repeated = !request.dry_run
        && !request.request_id.is_empty()
        && !tx.first_time("apply_flows", &format!("{tenant}/{}", request.request_id)).await?;
    if repeated {
        APPLIES.with_label_values(&["repeated"]).inc();
        return Ok(ApplyFlowsResponse::default());
    }
    let differences = diff(&store::flow::present(&mut tx).await?, &request.flows);
    if !request.dry_run && !differences.is_empty() {
        for difference in &differences {
            match &difference.after {
                Some(flow) => {
                    store::flow::add(&mut tx, flow).await?;
                }
                None => store::flow::remove(&mut tx, &difference.key).await?,
            }
        }
        tx.commit().await?;
        app.plans.forget_latest(tenant);
        tracing::info!(
            tenant.id = tenant,
            user.id = caller.user,
            changes = differences.len(),
            "flows applied"
        );
    }
    let outcome = match (request.dry_run, differences.is_empty()) {
        (true, _) => "dry-run",
        (false, true) => "unchanged",
        (false, false) => "applied",
    };
    APPLIES.with_label_values(&[outcome]).inc();
    let changes = differences.into_iter().map(|difference| difference.change).collect();
    Ok(ApplyFlowsResponse { changes, violations: Vec::new() })
}
