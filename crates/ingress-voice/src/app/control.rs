//! Control of a live call from a desktop: the request goes to the instance that holds the lines, and back comes how the
//! call stands then.

use std::time::Duration;

use chassis::{ErrorKind, Failure, TxError};
use contract::{
    interaction::v1::{CallTarget, SupervisionMode, call_target},
    subject,
    voice::v1::{self as wire, CommandReply, ControlCommand, control_command::Command},
};
use prost::Message as _;
use thiserror::Error;
use tokio::sync::oneshot;

use super::{Voice, call::Note, trunks::DialRefusal};
use crate::{
    core::{
        call::{Control, Mode, Refusal, Target},
        number::e164,
    },
    store::live_calls,
};

/// A stale command is worse than none.
const DEADLINE: Duration = Duration::from_secs(2);
/// Longest key of an agent or queue, in characters.
const KEY: usize = 64;

/// Why it was not done.
#[derive(Debug, Error)]
pub enum ControlError {
    /// The request itself is wrong.
    #[error("{field} {reason}")]
    Field {
        /// Its field.
        field: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The call says no.
    #[error("{0}")]
    Refused(Refusal),
    /// Not this number, or not now.
    #[error("{0}")]
    Dial(#[from] DialRefusal),
    /// Its instance does not answer.
    #[error("the instance that holds the call does not answer")]
    NoAnswer,
    /// The table can't be read.
    #[error("calls can't be looked up")]
    Store(#[from] TxError),
}

impl From<Refusal> for ControlError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Digits => {
                Self::Field { field: "digits", reason: "must be 1 to 32 of 0 to 9, *, #, A to D" }
            }
            Refusal::Target => {
                Self::Field { field: "target", reason: "must name another agent or a telephone number" }
            }
            other => Self::Refused(other),
        }
    }
}

impl Failure for ControlError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Field { field, .. } => ErrorKind::Invalid { field },
            Self::Refused(refusal) => ErrorKind::Precondition { reason: word(*refusal) },
            Self::Dial(DialRefusal::NotAllowed) => ErrorKind::Precondition { reason: "NOT_ALLOWED" },
            Self::Dial(DialRefusal::TooMany) => ErrorKind::Precondition { reason: "TOO_MANY" },
            Self::NoAnswer | Self::Store(_) => ErrorKind::Unavailable,
        }
    }
}

/// The word of a refusal, in replies and errors.
const fn word(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Gone => "CALL_GONE",
        Refusal::NotYours => "NOT_YOURS",
        Refusal::NotTalking => "NOT_TALKING",
        Refusal::NotConsulting => "NOT_CONSULTING",
        Refusal::Consulting => "CONSULTING",
        Refusal::NoSuchParticipant => "NO_SUCH_PARTICIPANT",
        Refusal::TooMany => "TOO_MANY",
        Refusal::NotParked => "NOT_PARKED",
        Refusal::NotRecording => "NOT_RECORDING",
        Refusal::NoMessage => "NO_MESSAGE",
        Refusal::Digits => "DIGITS",
        Refusal::Target => "TARGET",
    }
}

const REFUSALS: [Refusal; 12] = [
    Refusal::Gone,
    Refusal::NotYours,
    Refusal::NotTalking,
    Refusal::NotConsulting,
    Refusal::Consulting,
    Refusal::NoSuchParticipant,
    Refusal::TooMany,
    Refusal::NotParked,
    Refusal::NotRecording,
    Refusal::NoMessage,
    Refusal::Digits,
    Refusal::Target,
];

impl Voice {
    /// Does what a person asks for with a call of their tenant, wherever it is held.
    pub async fn control(&self, command: ControlCommand) -> Result<wire::Call, ControlError> {
        // A request that makes no sense is refused before anybody else is bothered.
        if let Some(
            Control::Transfer(Target::Number(number))
            | Control::Consult(Target::Number(number))
            | Control::Conference(Some(Target::Number(number))),
        ) = read(&command)?
        {
            self.may_dial(&command.tenant_id, &command.actor, &number)?;
        }
        let (tenant, id) = (command.tenant_id.clone(), command.interaction_id.clone());
        if self.calls.get(&id).is_some_and(|call| call.tenant == tenant) {
            return self.control_here(&command).await;
        }
        let instance = match self.heard_holder(&tenant, &id) {
            Some(holder) => Some(holder),
            None => live_calls::holder(&self.db, &tenant, &id).await?,
        };
        let instance = instance.filter(|holder| *holder != self.instance).ok_or(Refusal::Gone)?;
        let request = self
            .bus
            .nats()
            .request(subject::command("voice", "control", &instance), command.encode_to_vec().into());
        let answer = tokio::time::timeout(DEADLINE, request).await.map_err(|_| ControlError::NoAnswer)?;
        let answer = answer.map_err(|_| ControlError::NoAnswer)?;
        let reply = CommandReply::decode(answer.payload).map_err(|_| ControlError::NoAnswer)?;
        if reply.ok {
            return Ok(reply.call.unwrap_or_default());
        }
        let refusal = REFUSALS.into_iter().find(|refusal| word(*refusal) == reply.reason);
        Err(match refusal {
            Some(refusal) => refusal.into(),
            None => ControlError::NoAnswer,
        })
    }

    async fn control_here(&self, command: &ControlCommand) -> Result<wire::Call, ControlError> {
        let control = read(command)?;
        let call = self.calls.get(&command.interaction_id).filter(|call| call.tenant == command.tenant_id);
        let call = call.ok_or(Refusal::Gone)?;
        let (answer, answered) = oneshot::channel();
        let (actor, overseer) = (command.actor.clone(), command.overseer);
        let note = Note::Control { actor, overseer, control, answer };
        call.mailbox.send_timeout(note, DEADLINE).await.map_err(|_| Refusal::Gone)?;
        match tokio::time::timeout(DEADLINE, answered).await {
            Ok(Ok(outcome)) => Ok(outcome?),
            Ok(Err(_)) => Err(Refusal::Gone.into()),
            Err(_) => Err(ControlError::NoAnswer),
        }
    }

    /// Answers a command of another instance.
    pub async fn on_control_command(&self, payload: &[u8]) -> Vec<u8> {
        let outcome = match ControlCommand::decode(payload) {
            Ok(command) => self.control_here(&command).await,
            Err(_) => Err(Refusal::Gone.into()),
        };
        let reply = match outcome {
            Ok(call) => CommandReply { ok: true, call: Some(call), ..CommandReply::default() },
            Err(error) => {
                let reason = match &error {
                    ControlError::Refused(refusal) => word(*refusal),
                    ControlError::Field { field: "digits", .. } => word(Refusal::Digits),
                    ControlError::Field { .. } => word(Refusal::Target),
                    _ => word(Refusal::Gone),
                };
                let detail = error.to_string();
                CommandReply { ok: false, reason: reason.to_owned(), detail, call: None }
            }
        };
        reply.encode_to_vec()
    }
}

/// What a command asks for; none: only how the call stands.
fn read(command: &ControlCommand) -> Result<Option<Control>, ControlError> {
    const MISSING: ControlError = ControlError::Field { field: "command", reason: "is missing" };
    if command.interaction_id.is_empty() {
        return Err(ControlError::Field { field: "interaction_id", reason: "is missing" });
    }
    Ok(Some(match command.command.as_ref().ok_or(MISSING)? {
        Command::Hold(_) => Control::Hold,
        Command::Resume(_) => Control::Resume,
        Command::Mute(mute) => Control::Mute(mute.muted),
        Command::Transfer(transfer) => Control::Transfer(target(transfer.target.as_ref())?),
        Command::Consult(consult) => Control::Consult(target(consult.target.as_ref())?),
        Command::CompleteTransfer(_) => Control::CompleteTransfer,
        Command::CancelConsult(_) => Control::CancelConsult,
        Command::Conference(conference) => Control::Conference(match &conference.target {
            Some(named) => Some(target(Some(named))?),
            None => None,
        }),
        Command::DropParticipant(drop) => Control::Drop(drop.participant_id.parse().map_err(|_| {
            ControlError::Field { field: "participant_id", reason: "must be the number of a participant" }
        })?),
        Command::Park(_) => Control::Park,
        Command::Retrieve(_) => Control::Retrieve,
        Command::SendDigits(send) => Control::Press(send.digits.clone()),
        Command::Supervise(supervise) => Control::Supervise(match supervise.mode() {
            SupervisionMode::Monitor => Mode::Monitor,
            SupervisionMode::Whisper => Mode::Whisper,
            SupervisionMode::Barge => Mode::Barge,
            SupervisionMode::Unspecified => {
                return Err(ControlError::Field { field: "mode", reason: "is missing" });
            }
        }),
        Command::StopSupervision(_) => Control::StopSupervision,
        Command::PauseRecording(_) => Control::PauseRecording(true),
        Command::ResumeRecording(_) => Control::PauseRecording(false),
        Command::LeaveMessage(_) => Control::LeaveMessage,
        Command::GetCall(_) => return Ok(None),
    }))
}

fn target(named: Option<&CallTarget>) -> Result<Target, ControlError> {
    let wrong = |reason| ControlError::Field { field: "target", reason };
    let key = |key: &str| {
        let plain = !key.is_empty() && key.len() <= KEY && !key.contains(['"', '\\']);
        if plain { Ok(key.to_owned()) } else { Err(wrong("must be a key of 1 to 64 characters")) }
    };
    match named.and_then(|named| named.target.as_ref()) {
        Some(call_target::Target::AgentId(agent)) => Ok(Target::Agent(key(agent)?)),
        Some(call_target::Target::Queue(queue)) => Ok(Target::Queue(key(queue)?)),
        Some(call_target::Target::Number(number)) => {
            let number = number.starts_with('+').then(|| e164(number)).flatten();
            Ok(Target::Number(number.ok_or(wrong("must be a number in E.164 with +"))?))
        }
        None => Err(wrong("is missing")),
    }
}

#[cfg(test)]
mod tests {
    use contract::voice::v1::{HoldRequest, SuperviseRequest, TransferRequest};

    use super::*;

    fn command(command: Command) -> ControlCommand {
        ControlCommand {
            interaction_id: "i1".to_owned(),
            command: Some(command),
            ..ControlCommand::default()
        }
    }

    fn transfer(target: call_target::Target) -> ControlCommand {
        let target = Some(CallTarget { target: Some(target) });
        command(Command::Transfer(TransferRequest { target, ..TransferRequest::default() }))
    }

    #[test]
    fn commands_are_read_and_wrong_ones_name_their_field() {
        let field = |command: &ControlCommand| match read(command) {
            Err(ControlError::Field { field, .. }) => field,
            other => panic!("{other:?}"),
        };
        let hold = command(Command::Hold(HoldRequest::default()));
        assert!(matches!(read(&hold), Ok(Some(Control::Hold))));
        assert_eq!(field(&ControlCommand::default()), "interaction_id");
        assert_eq!(
            field(&ControlCommand { interaction_id: "i".to_owned(), ..Default::default() }),
            "command"
        );
        assert_eq!(field(&command(Command::Supervise(SuperviseRequest::default()))), "mode");
        assert_eq!(field(&command(Command::Transfer(TransferRequest::default()))), "target");
        assert_eq!(field(&transfer(call_target::Target::Number("5550177".to_owned()))), "target");
        assert_eq!(field(&transfer(call_target::Target::AgentId("a\"b".to_owned()))), "target");
    }

    #[test]
    fn every_refusal_has_its_own_word() {
        let words: std::collections::BTreeSet<_> = REFUSALS.into_iter().map(word).collect();

        assert_eq!(words.len(), REFUSALS.len());
    }
}
