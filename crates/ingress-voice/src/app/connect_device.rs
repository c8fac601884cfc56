//! A browser of an agent takes a call: what rings for the agent, or the call the agent is in, in place of the device before.
//! The request goes to the instance that holds the line.

use std::time::Duration;

use chassis::{ErrorKind, Failure, TxError};
use contract::{
    subject,
    voice::v1::{ConnectDeviceCommand, ConnectDeviceReply},
};
use prost::Message as _;
use thiserror::Error;
use tokio::sync::oneshot;

use super::{
    Voice,
    call::Note,
    invitations::{BrowserOffer, NotConnected},
};
use crate::store::live_calls;

/// A stale command is worse than none.
const DEADLINE: Duration = Duration::from_secs(2);
/// Words for the refusals, in replies and errors.
const CALL_GONE: &str = "CALL_GONE";
const NOT_YOURS: &str = "NOT_YOURS";
const DESCRIPTION: &str = "DESCRIPTION";
const NO_ROOM: &str = "NO_ROOM";

/// Why a browser did not get the call.
#[derive(Debug, Error)]
pub enum ConnectDeviceError {
    /// The instance that holds the call said so.
    #[error(transparent)]
    Refused(#[from] NotConnected),
    /// Its instance does not answer.
    #[error("the instance that holds the call does not answer")]
    NoAnswer,
    /// The table can't be read.
    #[error("calls can't be looked up")]
    Store(#[from] TxError),
}

impl Failure for ConnectDeviceError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused(NotConnected::Gone) => ErrorKind::Precondition { reason: CALL_GONE },
            Self::Refused(NotConnected::NotYours) => ErrorKind::Precondition { reason: NOT_YOURS },
            Self::Refused(NotConnected::Description(_)) => ErrorKind::Invalid { field: "description" },
            Self::Refused(NotConnected::NoRoom(_)) => ErrorKind::Exhausted,
            Self::NoAnswer | Self::Store(_) => ErrorKind::Unavailable,
        }
    }
}

/// A browser's wish.
#[derive(Debug, Clone)]
pub struct ConnectDevice {
    pub tenant: String,
    pub interaction_id: String,
    /// The agent whose browser it is.
    pub agent_id: String,
    /// The browser's offer.
    pub description: String,
}

impl Voice {
    /// Connects the browser, wherever the call is held; our description.
    pub async fn connect_device(&self, request: ConnectDevice) -> Result<String, ConnectDeviceError> {
        let here = self.calls.get(&request.interaction_id).is_some_and(|call| call.tenant == request.tenant);
        if here {
            return self.connect_device_here(request).await;
        }
        let instance = match self.heard_holder(&request.tenant, &request.interaction_id) {
            Some(holder) => holder,
            None => live_calls::holder(&self.db, &request.tenant, &request.interaction_id)
                .await?
                .filter(|holder| *holder != self.instance)
                .ok_or(NotConnected::Gone)?,
        };
        let command = ConnectDeviceCommand {
            tenant_id: request.tenant,
            interaction_id: request.interaction_id,
            agent_id: request.agent_id,
            description: request.description,
        };
        let subject = subject::command("voice", "connect_device", &instance);
        let asked = self.bus.nats().request(subject, command.encode_to_vec().into());
        let answer = tokio::time::timeout(DEADLINE, asked).await.map_err(|_| ConnectDeviceError::NoAnswer)?;
        let answer = answer.map_err(|_| ConnectDeviceError::NoAnswer)?;
        let reply = ConnectDeviceReply::decode(answer.payload).map_err(|_| ConnectDeviceError::NoAnswer)?;
        if reply.ok {
            return Ok(reply.description);
        }
        Err(match reply.reason.as_str() {
            NOT_YOURS => NotConnected::NotYours,
            DESCRIPTION => NotConnected::Description(reply.detail),
            NO_ROOM => NotConnected::NoRoom(reply.detail),
            _ => NotConnected::Gone,
        }
        .into())
    }

    async fn connect_device_here(&self, request: ConnectDevice) -> Result<String, ConnectDeviceError> {
        let ConnectDevice { tenant, interaction_id, agent_id, description } = request;
        let (answer, answered) = oneshot::channel();
        let offer = BrowserOffer { description, answer };
        if let Err(browser) = self.invitations.accept(&tenant, &interaction_id, &agent_id, offer) {
            let call = self.calls.get(&interaction_id).filter(|call| call.tenant == tenant);
            let call = call.ok_or(NotConnected::Gone)?;
            let note = Note::Move { agent_id, browser };
            call.mailbox.send_timeout(note, DEADLINE).await.map_err(|_| NotConnected::Gone)?;
        }
        match tokio::time::timeout(DEADLINE, answered).await {
            Ok(Ok(answer)) => Ok(answer?),
            Ok(Err(_)) => Err(NotConnected::Gone.into()),
            Err(_) => Err(ConnectDeviceError::NoAnswer),
        }
    }

    /// Answers a command of another instance.
    pub async fn on_connect_device_command(&self, payload: &[u8]) -> Vec<u8> {
        let outcome = match ConnectDeviceCommand::decode(payload) {
            Ok(command) => {
                let request = ConnectDevice {
                    tenant: command.tenant_id,
                    interaction_id: command.interaction_id,
                    agent_id: command.agent_id,
                    description: command.description,
                };
                self.connect_device_here(request).await
            }
            Err(_) => Err(NotConnected::Gone.into()),
        };
        let reply = match outcome {
            Ok(description) => ConnectDeviceReply { ok: true, description, ..ConnectDeviceReply::default() },
            Err(error) => {
                let reason = match &error {
                    ConnectDeviceError::Refused(NotConnected::NotYours) => NOT_YOURS,
                    ConnectDeviceError::Refused(NotConnected::Description(_)) => DESCRIPTION,
                    ConnectDeviceError::Refused(NotConnected::NoRoom(_)) => NO_ROOM,
                    _ => CALL_GONE,
                };
                let (reason, detail) = (reason.to_owned(), error.to_string());
                ConnectDeviceReply { reason, detail, ..ConnectDeviceReply::default() }
            }
        };
        reply.encode_to_vec()
    }
}
