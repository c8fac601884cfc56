//! The visitors' protocol: JSON frames on `/chat/v1/connect`. The README describes it for authors of apps.

use contract::{
    Timestamp,
    interaction::v1::{EndReason, Message, Party},
};
use serde::{Deserialize, Serialize};

use crate::app::{MAX_ATTACHMENT, MAX_ATTACHMENTS, MAX_TEXT, Position, Standing, StandingPhase};

/// What a visitor sends.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    Hello(HelloFrame),
    Send {
        client_message_id: String,
        #[serde(default)]
        text: String,
        #[serde(default)]
        attachment_ids: Vec<String>,
    },
    Choose {
        client_message_id: String,
        value: String,
    },
    Form {
        client_message_id: String,
        #[serde(default)]
        name: String,
        #[serde(default)]
        email: String,
        text: String,
    },
    Typing {
        typing: bool,
    },
    Delivered {
        sequence: i64,
    },
    Seen {
        sequence: i64,
    },
    End {},
    Ping {},
}

/// The first frame of every connection.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct HelloFrame {
    pub entry_point: String,
    pub tenant: String,
    pub visitor_token: String,
    pub interaction_id: String,
    pub last_sequence: i64,
    pub name: String,
    pub email: String,
}

/// What a visitor gets.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    Welcome(WelcomeFrame),
    Message(MessageFrame),
    Ack { client_message_id: String, sequence: i64 },
    State(StateFrame),
    Typing { typing: bool },
    Seen { sequence: i64 },
    Delivered { sequence: i64 },
    Error(ErrorFrame),
    Pong {},
}

/// The answer to hello.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WelcomeFrame {
    pub visitor_token: String,
    pub visitor_id: String,
    pub interaction_id: String,
    pub entry_point: String,
    pub last_sequence: i64,
    pub agent_seen: i64,
    pub customer_seen: i64,
    pub limits: Limits,
    #[serde(flatten)]
    pub state: StateFrame,
}

/// What one message may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    pub text_bytes: usize,
    pub attachment_bytes: usize,
    pub attachments: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { text_bytes: MAX_TEXT, attachment_bytes: MAX_ATTACHMENT, attachments: MAX_ATTACHMENTS }
    }
}

/// Where the conversation stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StateFrame {
    pub state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awaiting: Option<&'static str>,
    #[serde(skip_serializing_if = "is_zero")]
    pub position: i32,
    #[serde(skip_serializing_if = "is_zero")]
    pub waiting: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimated_wait_s: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde wants")]
fn is_zero(number: &i32) -> bool {
    *number == 0
}

impl StateFrame {
    /// What the visitor is told.
    pub fn of(standing: &Standing, position: Position) -> Self {
        let state = |state| Self { state, ..Self::default() };
        match &standing.phase {
            StandingPhase::Flow => state("in_flow"),
            StandingPhase::Choice => Self { awaiting: Some("choice"), ..state("in_flow") },
            StandingPhase::Form => Self { awaiting: Some("form"), ..state("in_flow") },
            StandingPhase::Queued => Self {
                position: position.position,
                waiting: position.waiting,
                estimated_wait_s: (position.estimated_wait_seconds > 0)
                    .then_some(position.estimated_wait_seconds),
                ..state("queued")
            },
            StandingPhase::WithAgent(name) => Self { agent_name: Some(name.clone()), ..state("with_agent") },
            StandingPhase::Ended(reason) => Self { reason: Some(reason_name(*reason)), ..state("ended") },
        }
    }
}

fn reason_name(reason: EndReason) -> &'static str {
    match reason {
        EndReason::CustomerLeft => "customer_left",
        EndReason::AgentEnded => "agent_ended",
        EndReason::Abandoned => "abandoned",
        EndReason::LeftInFlow => "left_in_flow",
        EndReason::FlowEnded => "flow_ended",
        EndReason::Inactive => "inactive",
        EndReason::Diverted => "diverted",
        EndReason::Voicemail => "voicemail",
        _ => "failed",
    }
}

/// One thing said.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MessageFrame {
    pub sequence: i64,
    pub message_id: String,
    pub author: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub author_name: String,
    pub text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<AttachmentFrame>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<OptionFrame>,
    /// RFC 3339, UTC.
    pub sent_at: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client_message_id: String,
}

/// A file of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AttachmentFrame {
    pub attachment_id: String,
    pub file_name: String,
    pub content_type: String,
    pub size_bytes: i64,
}

/// A button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OptionFrame {
    pub value: String,
    pub label: String,
}

impl From<contract::interaction::v1::Attachment> for AttachmentFrame {
    fn from(attachment: contract::interaction::v1::Attachment) -> Self {
        Self {
            attachment_id: attachment.attachment_id,
            file_name: attachment.file_name,
            content_type: attachment.content_type,
            size_bytes: attachment.size_bytes,
        }
    }
}

impl From<&Message> for MessageFrame {
    fn from(message: &Message) -> Self {
        let from_customer = message.author() == Party::Customer;
        Self {
            sequence: message.sequence,
            message_id: message.message_id.clone(),
            author: match message.author() {
                Party::Customer => "customer",
                Party::Agent => "agent",
                Party::Flow => "flow",
                Party::System | Party::Unspecified => "system",
            },
            author_name: message.author_name.clone(),
            text: message.text.clone(),
            attachments: message.attachments.iter().cloned().map(AttachmentFrame::from).collect(),
            options: message
                .options
                .iter()
                .map(|option| OptionFrame { value: option.value.clone(), label: option.label.clone() })
                .collect(),
            sent_at: message.sent_at.map(Timestamp::from).unwrap_or_default().to_string(),
            client_message_id: if from_customer { message.client_message_id.clone() } else { String::new() },
        }
    }
}

/// Something was not done. `fatal`: the connection closes, and opening it again does not help.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ErrorFrame {
    pub code: &'static str,
    pub reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_message_id: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub fatal: bool,
}

/// Reads a frame; the error says what is wrong with it.
pub fn read(text: &str) -> Result<ClientFrame, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_reads_as_the_protocol_says() {
        let frame = read(r#"{"type":"send","client_message_id":"c1","text":"hi","later":1}"#);

        let expected =
            ClientFrame::Send { client_message_id: "c1".into(), text: "hi".into(), attachment_ids: vec![] };
        assert_eq!(frame, Ok(expected));
        assert_eq!(read(r#"{"type":"end"}"#), Ok(ClientFrame::End {}));
    }

    #[test]
    fn garbage_says_what_is_wrong_with_it() {
        assert!(read("").is_err());
        assert!(read("[]").is_err());
        assert!(read(r#"{"type":"send"}"#).unwrap_err().contains("client_message_id"));
        assert!(read(r#"{"type":"dance"}"#).unwrap_err().contains("dance"));
    }

    #[test]
    fn a_state_says_only_what_it_knows() {
        let standing = Standing { version: 1, phase: StandingPhase::Queued };
        let position = Position { position: 2, waiting: 5, estimated_wait_seconds: 90 };

        let known = serde_json::to_string(&ServerFrame::State(StateFrame::of(&standing, position))).unwrap();
        let unknown =
            serde_json::to_string(&ServerFrame::State(StateFrame::of(&standing, Position::default())))
                .unwrap();

        assert_eq!(
            known,
            r#"{"type":"state","state":"queued","position":2,"waiting":5,"estimated_wait_s":90}"#
        );
        assert_eq!(unknown, r#"{"type":"state","state":"queued"}"#);
    }
}
