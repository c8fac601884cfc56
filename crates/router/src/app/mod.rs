//! What the router does with its core: folds the log, answers commands and questions, keeps snapshots and decisions.

pub(crate) mod accept_offer;
pub(crate) mod assign_interaction;
pub(crate) mod callbacks;
pub(crate) mod change_priority;
pub(crate) mod command;
pub(crate) mod complete_wrap_up;
pub(crate) mod convert;
pub(crate) mod decline_offer;
pub(crate) mod explain;
pub(crate) mod extend_wrap_up;
pub(crate) mod get_agent;
pub(crate) mod get_position;
pub(crate) mod list_agents;
pub(crate) mod list_queues;
pub(crate) mod park_interaction;
pub(crate) mod past;
pub(crate) mod record_offers;
pub(crate) mod replay;
pub(crate) mod replica;
pub(crate) mod report_unreachable;
pub(crate) mod save;
pub(crate) mod set_agent_status;
pub(crate) mod set_queue_closure;
pub(crate) mod transfer_interaction;
pub(crate) mod waiters;
pub(crate) mod what_if;

use std::{sync::Arc, time::Duration};

use chassis::{Bus, Caller, Clock, Db, ErrorKind, Failure, Ids};
use contract::{
    directory::v1::Role,
    router::v1::{Work, WorkState},
};
use tokio::sync::Semaphore;

/// What every operation needs.
#[derive(Clone)]
pub(crate) struct App {
    pub replica: Arc<replica::Replica>,
    pub bus: Bus,
    pub db: Db,
    pub clock: Clock,
    pub ids: Ids,
    pub answer_within: Duration,
    /// How long a state of the fold is the youngest that is kept for replays.
    pub history_every: Duration,
    /// Replays and plays that may be under way at once.
    pub replays: Arc<Semaphore>,
}

/// Silence after which everything the log held at the start is taken to be read.
pub(crate) const SILENCE: Duration = Duration::from_millis(300);
/// Replays and plays of one process at once: each takes a core.
pub(crate) const REPLAYS: usize = 2;

/// Why a caller may not ask for this.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum RequestError {
    /// A field is not what it must be.
    #[error("{field} {problem}")]
    Field { field: &'static str, problem: &'static str },
    /// Agents act for themselves.
    #[error("agents act for themselves; this needs a supervisor")]
    ForSomeoneElse,
}

impl Failure for RequestError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Field { field, .. } => ErrorKind::Invalid { field },
            Self::ForSomeoneElse => ErrorKind::Denied,
        }
    }
}

/// Supervisors, administrators and services act for anyone, agents for themselves.
pub(crate) fn may_act_for(caller: &Caller, agent_id: &str) -> Result<(), RequestError> {
    if agent_id.is_empty() {
        return Err(RequestError::Field { field: "agent_id", problem: "must name an agent" });
    }
    let itself = caller.user == agent_id && caller.has(&[Role::Agent]);
    if itself || caller.is_service() || caller.has(&[Role::Supervisor, Role::Administrator]) {
        Ok(())
    } else {
        Err(RequestError::ForSomeoneElse)
    }
}

/// What only supervisors, administrators and services do.
pub(crate) fn may_supervise(caller: &Caller) -> Result<(), RequestError> {
    if caller.is_service() || caller.has(&[Role::Supervisor, Role::Administrator]) {
        Ok(())
    } else {
        Err(RequestError::ForSomeoneElse)
    }
}

impl App {
    /// An interaction as it is now; closed when it is not in the router's hands.
    pub(crate) fn work_now(&self, caller: &Caller, interaction: crate::core::InteractionId) -> Work {
        let tenant = caller.tenant.as_str().into();
        let view = self.replica.of_tenant(&caller.tenant).router.work(&tenant, interaction);
        view.as_ref().map_or_else(
            || Work {
                interaction_id: convert::interaction_text(interaction),
                state: WorkState::Closed as i32,
                ..Work::default()
            },
            convert::views::work,
        )
    }
}

/// Checks that a text is an offer id.
pub(crate) fn check_offer_id(text: &str) -> Result<(), RequestError> {
    match text.parse::<crate::core::OfferId>() {
        Ok(_) => Ok(()),
        Err(_) => Err(RequestError::Field { field: "offer_id", problem: "is no offer id" }),
    }
}

/// Reads an interaction id.
pub(crate) fn check_interaction_id(text: &str) -> Result<crate::core::InteractionId, RequestError> {
    convert::interaction_id(text)
        .ok_or(RequestError::Field { field: "interaction_id", problem: "is no UUID" })
}
