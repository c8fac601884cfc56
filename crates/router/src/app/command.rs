//! Commands: appended to the log, answered from the fold. Any replica can take them.

use chassis::{BusError, Caller, ErrorKind, Fact, Failure};
use contract::router::v1::{RoutingCommand, routing_command::Command};

use super::{App, RequestError, convert::message_id};
use crate::{core::Rejection, metrics};

/// Longest text in a command: disposition, note, reason.
const MAX_TEXT: usize = 16 << 10;

/// Why a command did not do what it was to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// The request itself is wrong.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The router refused.
    #[error("{0}")]
    Rejected(#[source] Rejection),
    /// The log did not take it, or may not have; ask again with the same request id.
    #[error("the router's log is unavailable")]
    Log(#[source] BusError),
    /// The log has it, and the answer was not known in time; ask again with the same request id.
    #[error("the router has not answered in time")]
    TooLate,
    /// More commands wait than the router takes.
    #[error("too many commands are waiting")]
    TooMany,
}

impl Failure for CommandError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Request(error) => error.kind(),
            Self::Rejected(rejection) => ErrorKind::Precondition { reason: reason(*rejection) },
            Self::Log(_) | Self::TooLate => ErrorKind::Unavailable,
            Self::TooMany => ErrorKind::Exhausted,
        }
    }
}

const fn reason(rejection: Rejection) -> &'static str {
    match rejection {
        Rejection::NotConfigured => "NOT_CONFIGURED",
        Rejection::OfferGone => "OFFER_GONE",
        Rejection::NotYours => "NOT_YOURS",
        Rejection::NotWrappingUp => "NOT_WRAPPING_UP",
        Rejection::UnknownDisposition => "UNKNOWN_DISPOSITION",
        Rejection::UnknownQueue => "UNKNOWN_QUEUE",
        Rejection::UnknownInteraction => "UNKNOWN_INTERACTION",
        Rejection::NotWaiting => "NOT_WAITING",
        Rejection::NotHeld => "NOT_HELD",
        Rejection::AgentAway => "AGENT_AWAY",
        Rejection::AgentBusy => "AGENT_BUSY",
        Rejection::CannotPark => "CANNOT_PARK",
        Rejection::NotParked => "NOT_PARKED",
        Rejection::ExtensionUsedUp => "EXTENSION_USED_UP",
        Rejection::NoCallback => "NO_CALLBACK",
        Rejection::IdTaken => "ID_TAKEN",
    }
}

const fn name(command: &Command) -> &'static str {
    match command {
        Command::SetAgentStatus(_) => "set_agent_status",
        Command::AcceptOffer(_) => "accept_offer",
        Command::DeclineOffer(_) => "decline_offer",
        Command::ReportUnreachable(_) => "report_unreachable",
        Command::CompleteWrapUp(_) => "complete_wrap_up",
        Command::DeadlinePassed(_) => "deadline_passed",
        Command::TransferInteraction(_) => "transfer_interaction",
        Command::AssignInteraction(_) => "assign_interaction",
        Command::PullInteraction(_) => "pull_interaction",
        Command::ChangePriority(_) => "change_priority",
        Command::ParkInteraction(_) => "park_interaction",
        Command::UnparkInteraction(_) => "unpark_interaction",
        Command::ExtendWrapUp(_) => "extend_wrap_up",
        Command::RequestCallback(_) => "request_callback",
        Command::ReportCallbackAttempt(_) => "report_callback_attempt",
        Command::SetQueueClosure(_) => "set_queue_closure",
    }
}

/// Checks the length of a free text.
pub(crate) fn check_text(field: &'static str, text: &str) -> Result<(), RequestError> {
    if text.len() > MAX_TEXT {
        return Err(RequestError::Field { field, problem: "is longer than 16 KiB" });
    }
    Ok(())
}

impl App {
    /// Appends a command to the log and waits for its answer. The same request id is the same command, however often it
    /// is sent.
    pub(crate) async fn command(
        &self,
        caller: &Caller,
        request_id: &str,
        command: Command,
    ) -> Result<(), CommandError> {
        let label = name(&command);
        let timer = metrics::COMMAND_SECONDS.with_label_values(&[label]).start_timer();
        let outcome = self.append_and_wait(caller, request_id, command).await;
        timer.observe_duration();
        let word = match &outcome {
            Ok(()) => "done",
            Err(CommandError::Rejected(rejection)) => reason(*rejection),
            Err(_) => "failed",
        };
        metrics::COMMANDS.with_label_values(&[label, word]).inc();
        outcome
    }

    async fn append_and_wait(
        &self,
        caller: &Caller,
        request_id: &str,
        command: Command,
    ) -> Result<(), CommandError> {
        let id = if request_id.is_empty() {
            self.ids.new_id(self.clock.now())
        } else {
            contract::derived_id(&["routing_command", &caller.tenant, request_id])
        };
        let message = message_id(&id);
        let answer = self.replica.waiters.wait_for(message).ok_or(CommandError::TooMany)?;
        let fact = Fact::of(RoutingCommand { actor: caller.user.clone(), command: Some(command) })
            .tenant(caller.tenant.as_str())
            .id(id);
        let answered = async {
            self.bus.publish(&fact).await.map_err(CommandError::Log)?;
            answer.await.map_err(|_| CommandError::TooLate)?.map_err(CommandError::Rejected)
        };
        let outcome = tokio::time::timeout(self.answer_within, answered).await;
        if outcome.is_err() {
            self.replica.waiters.forget(message);
        }
        outcome.unwrap_or(Err(CommandError::TooLate))
    }
}
