//! One step through a flow: reads only, from memory when it can, so that any replica answers and a menu never waits.

use std::{collections::BTreeMap, sync::Arc};

use chassis::{Caller, CallerError, ErrorKind, Failure, TxError};
use contract::{
    interaction::v1::Channel,
    ivr::v1::{AdvanceRequest, AdvanceResponse, input::Kind},
};

use super::{App, BeginError, hours::HoursError, outside::Outside, plans::Latest};
use crate::{
    core::{
        advance::{
            AdvanceError as FlowError, Advanced, Facts, Input, MAX_STEPS, Progress, advance as take_step,
        },
        plan::Plan,
        session::{Session, SessionError},
    },
    metrics::ADVANCES,
    store,
};

/// Longest text of a customer that is looked at, bytes: what a chat message may have.
const MAX_TEXT: usize = 16 * 1024;

/// Why a customer can't go on in a flow.
#[derive(Debug, thiserror::Error)]
pub enum AdvanceError {
    /// A field of the request is wrong.
    #[error("{field} {reason}")]
    Invalid {
        /// Which.
        field: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// The session is not one of ours.
    #[error("session {0}")]
    Session(#[from] SessionError),
    /// No flow of that key begins, or the version of the session is gone.
    #[error("there is no flow {0:?}")]
    NoFlow(String),
    /// The flow can't take this input now.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// The flow asks for hours that can't be told.
    #[error(transparent)]
    Hours(#[from] HoursError),
    /// Only services may ask.
    #[error(transparent)]
    Denied(#[from] CallerError),
    /// The database, or no tenant.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

impl From<TxError> for AdvanceError {
    fn from(error: TxError) -> Self {
        Self::Begin(error.into())
    }
}

impl Failure for AdvanceError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid { field, .. } => ErrorKind::Invalid { field },
            Self::Session(_) => ErrorKind::Invalid { field: "session" },
            Self::NoFlow(_) => ErrorKind::NotFound,
            Self::Flow(FlowError::Done) => ErrorKind::Precondition { reason: "FLOW_ENDED" },
            Self::Flow(FlowError::Unexpected { .. }) => ErrorKind::Invalid { field: "input" },
            Self::Flow(FlowError::NoStep { .. } | FlowError::Endless(_) | FlowError::TooDeep(_)) => {
                ErrorKind::Precondition { reason: "FLOW_BROKEN" }
            }
            Self::Hours(error) => error.kind(),
            Self::Denied(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }
}

/// Takes what the customer did, gives what the channel does next.
pub async fn advance(
    app: &App,
    caller: &Caller,
    request: AdvanceRequest,
) -> Result<AdvanceResponse, AdvanceError> {
    let outcome = try_advance(app, caller, request).await;
    let label = match &outcome {
        Ok(_) => "advanced",
        Err(error) if matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Internal) => "failed",
        Err(_) => "refused",
    };
    ADVANCES.with_label_values(&[label]).inc();
    outcome
}

async fn try_advance(
    app: &App,
    caller: &Caller,
    request: AdvanceRequest,
) -> Result<AdvanceResponse, AdvanceError> {
    caller.require(&[])?;
    let channel = match Channel::try_from(request.channel) {
        Ok(Channel::Unspecified) | Err(_) => return Err(invalid("channel", "is not a channel")),
        Ok(channel) => channel,
    };
    let origin = origin(&request, channel);
    let input = read(request.input.and_then(|input| input.kind))?;
    let (plan, session) = if input == Input::Begin {
        if !request.session.is_empty() {
            return Err(invalid("session", "must be empty when an interaction begins"));
        }
        (latest(app, &caller.tenant, &request.flow).await?, None)
    } else {
        let session = Session::decode(&request.session, &caller.tenant)?;
        (version(app, &caller.tenant, &session.flow, session.version).await?, Some(session))
    };
    let interaction_id =
        session.as_ref().map_or(origin.get("interaction"), |session| session.variables.get("interaction"));
    let interaction_id = interaction_id.cloned().unwrap_or_default();

    let attempt = format!("{}:{}", interaction_id, session.as_ref().map_or(0, |session| session.turn + 1));
    let mut outside = Outside::new(app, &caller.tenant, attempt);
    let mut facts = Facts { origin, listens: request.listens, ..Facts::default() };
    // Each round adds a fact that the last one lacked, and no call takes more steps than this.
    for _ in 0..=2 * MAX_STEPS {
        match take_step(&plan, &caller.tenant, session.as_ref(), &input, channel, &facts)? {
            Progress::Advanced(advanced) => return Ok(response(advanced)),
            Progress::Needs(need) => outside.find_out(need, &mut facts).await?,
        }
    }
    Err(FlowError::Endless(plan.key.clone()).into())
}

fn response(advanced: Advanced) -> AdvanceResponse {
    AdvanceResponse { verbs: advanced.verbs, session: advanced.session.encode(), steps: advanced.steps }
}

fn read(kind: Option<Kind>) -> Result<Input, AdvanceError> {
    let bounded = |text: String| {
        if text.len() > MAX_TEXT { Err(invalid("input", "is longer than 16 KiB")) } else { Ok(text) }
    };
    match kind {
        None => Err(invalid("input", "is missing")),
        Some(Kind::Begin(_)) => Ok(Input::Begin),
        Some(Kind::Choice(choice)) => bounded(choice).map(Input::Choice),
        Some(Kind::Text(text)) => bounded(text).map(Input::Text),
        Some(Kind::TimedOut(_)) => Ok(Input::TimedOut),
        Some(Kind::FaxHeard(_)) => Ok(Input::FaxHeard),
        Some(Kind::Form(form)) => Ok(Input::Form(form)),
        Some(Kind::Done(done)) => Ok(Input::Done(done.well)),
        Some(Kind::Spoken(spoken)) => bounded(spoken.phrase).map(Input::Spoken),
    }
}

/// What is known of a customer when a flow begins, as variables.
fn origin(request: &AdvanceRequest, channel: Channel) -> BTreeMap<String, String> {
    let customer = request.customer.clone().unwrap_or_default();
    let channel = channel.as_str_name().trim_start_matches("CHANNEL_").to_lowercase();
    [
        ("caller", customer.phone),
        ("customer_email", customer.email),
        ("display_name", customer.display_name),
        ("channel", channel),
        ("interaction", request.interaction_id.clone()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

const fn invalid(field: &'static str, reason: &'static str) -> AdvanceError {
    AdvanceError::Invalid { field, reason }
}

/// The version of a flow that begins now.
pub(super) async fn latest(app: &App, tenant: &str, key: &str) -> Result<Arc<Plan>, AdvanceError> {
    let now = app.clock.now();
    match app.plans.latest(now, tenant, key) {
        Latest::Known(plan) => return Ok(plan),
        Latest::NoSuchFlow => return Err(AdvanceError::NoFlow(key.to_owned())),
        Latest::Unknown => {}
    }
    let flow = store::flow::latest(&mut app.begin(tenant).await?, key).await?;
    app.plans.put_latest(now, tenant, key, flow.as_ref().map(|flow| flow.version));
    let flow = flow.ok_or_else(|| AdvanceError::NoFlow(key.to_owned()))?;
    Ok(app.plans.put(tenant, Plan::of(flow)))
}

/// A version that a customer began with.
pub(super) async fn version(
    app: &App,
    tenant: &str,
    key: &str,
    version: i32,
) -> Result<Arc<Plan>, AdvanceError> {
    if let Some(plan) = app.plans.version(tenant, key, version) {
        return Ok(plan);
    }
    let mut tx = app.begin(tenant).await?;
    let flow = store::flow::version(&mut tx, key, version).await?;
    let flow = flow.ok_or_else(|| AdvanceError::NoFlow(key.to_owned()))?;
    Ok(app.plans.put(tenant, Plan::of(flow)))
}
